"""`check` says where nobody would be reached though every name is right."""

from __future__ import annotations

from typing import Any

import pytest

from buzzguard.cli.people_notes import people_notes, peopled
from buzzguard.config.loader import inspect_settings
from buzzguard.config.settings import Settings
from tests.cli.folders import CONFIG

SLACK, MAIL = {"notifier": "slack"}, {"notifier": "mail"}
FALLBACK = {"to": ["boss"]}


def settings(**more: Any) -> Settings:
    document: dict[str, Any] = {
        "topics": {"acme": {"name": "Acme", "query": "acme"}},
        "notifiers": {"slack": {"kind": "console"}, "mail": {"kind": "console"}},
        "receivers": {"comms": SLACK, "boss": SLACK, "legal": MAIL},
        "policies": {"crisis": {"steps": [{"notify": ["comms"]}]}},
    }
    return Settings.model_validate(document | more)


def test_an_ordinary_configuration_has_no_notes() -> None:
    assert people_notes(settings()) == []


def test_a_fallback_that_falls_with_its_receiver_is_told() -> None:
    (note,) = people_notes(settings(receivers={"comms": SLACK | {"fallback": FALLBACK}, "boss": SLACK}))
    assert "receivers.comms: boss by the same notifier, slack" in note
    assert people_notes(settings(receivers={"comms": SLACK | {"fallback": FALLBACK}, "boss": MAIL})) == []


@pytest.mark.parametrize(("other", "told"), [(SLACK, True), (MAIL, False)])
def test_a_rota_falls_with_it_when_all_of_its_people_do(other: dict[str, str], told: bool) -> None:
    receivers = {"comms": SLACK | {"fallback": {"to": ["duty"]}}, "anna": SLACK, "ben": other}
    rotas = {"duty": {"layers": [{"members": ["anna", "ben"]}]}}
    assert bool(people_notes(settings(receivers=receivers, rotas=rotas))) is told


def test_approvals_by_departments_without_members_are_told() -> None:
    departments = {"legal": {"members": ["U123"]}, "management": {"notify": ["boss"]}}
    (note,) = people_notes(settings(departments=departments))
    assert note.startswith("statements.approvals: management without `members`")
    (french,) = people_notes(settings(departments=departments, language="fr"))
    assert "n’importe qui peut valider" in french


def test_a_route_to_a_department_of_nobody_is_told() -> None:
    routes = [{"match": {"topic": "acme"}, "owner": "hr"}]
    (note,) = people_notes(settings(routes=routes))
    assert note.startswith("routes: nobody stands behind hr")
    for departments in ({"hr": {"notify": ["boss"]}},):
        notes = people_notes(settings(routes=routes, departments=departments))
        assert not [one for one in notes if one.startswith("routes")]


def test_departments_with_people_count_as_somebody() -> None:
    chosen = settings(departments={"hr": {"members": ["U123"]}, "risk": {}, "quality": {"notify": ["boss"]}})
    assert peopled(chosen) >= {"hr", "quality", "comms", "crisis"}
    assert "risk" not in peopled(chosen)
    assert any(note.startswith("departments: risk without") for note in people_notes(chosen))


def test_a_department_that_tells_an_unknown_receiver_is_a_fault(tmp_path: Any) -> None:
    file = tmp_path / "buzzguard.yml"
    file.write_text(CONFIG + "\ndepartments:\n  hr:\n    notify: [bos]\n", encoding="utf-8")
    from buzzguard.cli.common import plugin_models

    (fault,) = inspect_settings(file, models=plugin_models()).faults
    assert "unknown receiver `bos`" in fault.message
    assert fault.line > 1
