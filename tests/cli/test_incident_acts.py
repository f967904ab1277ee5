"""What people do at the command line reaches the running daemon, and comes back with what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.attended import Attended, attended
from tests.running import Daemon, settings, until, write
from tests.slack.strict_server import StrictSlack


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attended]:
    """A daemon that runs, with one incident."""
    folder = tmp_path_factory.mktemp("attended")
    with attended(folder, departments={"legal": {"notify": ["room"]}}) as made:
        made.folder = folder
        yield made


@pytest.fixture(autouse=True)
def _here(room: Attended, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(room.folder)


def test_somebody_takes_charge_writes_and_is_told_so(room: Attended) -> None:
    id = room.incidents[0]
    taken = room.run("incident", "take", id[:-1], "--as", "Alice")
    assert (taken.exit_code, taken.output) == (0, f"Alice has taken charge of {id}.\n")
    assert "Alice in charge" in room.run("incident", "show", id).output
    again = room.run("incident", "take", id, "--as", "Alice", "--lang", "fr")
    assert (again.exit_code, again.output) == (1, "Vous êtes déjà en charge de cet incident.\n")
    assert room.json("incident", "take", id, "--as", "Bruno")["outcome"] == "done"


def test_an_incident_is_declared_handled_and_resolved(room: Attended) -> None:
    made = room.json("incident", "declare", "Acme", "--severity", "red", "--story", "The plant is on fire.")
    id = made["made"]
    assert made["outcome"] == "done"
    assert made["incident"] == id
    for words in (
        ("note", id, "The mayor has called."),
        ("give", id, "--department", "legal"),
        ("give", id, "--to", "U0123456"),
        ("playbook", id, "data-leak"),
        ("escalate", id),
        ("silence", id, "--for", "2h", "--reason", "we know"),
        ("resolve", id, "--summary", "It is out."),
    ):
        told = room.run("incident", *words)
        assert told.exit_code == 0, (words, told.output)
        assert id in told.output
    refused = room.run("incident", "resolve", id, "--summary", "again")
    assert (refused.exit_code, "closed already" in refused.output) == (1, True)


def test_a_false_alarm_says_why(room: Attended) -> None:
    ids = [room.json("incident", "declare", "acme", "--story", f"story {n}")["made"] for n in range(2)]
    assert room.run("incident", "merge", ids[0], "--into", ids[1]).exit_code == 0
    assert room.run("incident", "merge", ids[1], "--into", ids[1]).exit_code == 1
    dismissed = room.run("incident", "false-alarm", ids[1], "--because", "homonym", "--lang", "fr")
    assert dismissed.output == f"{ids[1]} est clos comme fausse alerte.\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("take", "x"), "there is no incident x (the last ones: inc-"),
        (("take", "{typo}"), "did you mean inc-"),
        (("declare", "acmee", "--story", "x"), "did you mean `acme`"),
        (("declare", "acme", "--story", "x", "--playbook", "bad-bus"), "did you mean `bad-buzz`"),
        (("declare", "acme", "--story", "x", "--policy", "crises"), "did you mean `crisis`"),
        (("declare", "acme", "--story", " \n"), "--story: write something"),
        (("give", "{id}"), "one of both"),
        (("give", "{id}", "--department", "leagl"), "did you mean `legal`"),
        (("silence", "{id}", "--for", "8d"), "7 days at most"),
        (("silence", "{id}", "--for", "soon"), "is not a duration"),
        (("split", "{id}", "--alerts", "nothing"), "is no alert of this incident"),
        (("playbook", "{id}", "nothing"), "unknown playbook"),
    ],
)
def test_what_cannot_be_is_refused_before_anybody_is_asked(room: Attended, words: tuple[str, ...], told: str) -> None:
    id = room.incidents[0]
    result = room.run("incident", *(word.format(id=id, typo=f"{id[:9]}x{id[10:]}") for word in words))
    assert result.exit_code == 1
    assert told in result.output


def test_a_silence_is_begun_listed_and_ended(room: Attended) -> None:
    made = room.json("silence", "add", "--topic", "Acme", "--rule", "surge", "--for", "2h", "--reason", "the launch")
    assert made["outcome"] == "done"
    listed = room.run("silence", "list")
    assert "topic acme, rule surge, up to orange" in listed.output
    assert "« the launch »" in listed.output
    assert made["made"] in [one["id"] for one in room.json("silence", "list")]
    assert room.run("silence", "end", "sil-nothing").exit_code == 1
    ended = room.run("silence", "end", made["made"][:-1], "--lang", "fr")
    assert ended.output == f"La sourdine {made['made']} a pris fin.\n"
    assert made["made"] not in room.run("silence", "list").output
    assert room.run("silence", "add", "--for", "2h", "--reason", "x").exit_code == 1


def test_where_no_daemon_runs_it_is_kept_for_the_next_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the real program and a strict Slack: what was asked while it was down is done once it runs, and an exercise
    goes the whole way, marked wherever people read of it."""
    monkeypatch.chdir(tmp_path)
    caller = Attended()
    with StrictSlack() as slack:
        path = write(tmp_path, settings(slack=slack.base_url))
        daemon = Daemon(path).ready()
        try:
            id = caller.json("incident", "declare", "acme", "--story", "smoke")["made"]
            assert caller.run("incident", "take", id).exit_code == 0
            daemon.stop()
            kept = caller.run("incident", "resolve", id, "--summary", "out")
            assert (kept.exit_code, "No BuzzGuard runs" in kept.output) == (0, True)
            daemon.kill()
            daemon = Daemon(path).ready()
            told = caller.json("incident", "note", id, "a note after the end")
            assert told["outcome"] == "done"
            assert caller.json("incident", "show", id)["state"] == "resolved"

            drill = caller.json("drill", "outage")["made"]
            caller.run("incident", "take", drill, "--as", "Alice")
            marked = until(lambda: len(found := [one for one in slack.messages() if drill in str(one)]) > 1 and found)
            assert all("EXERCISE" in f"{one['text']} {one.get('blocks')}" for one in marked), [
                one["text"] for one in marked
            ]
            score = until(lambda: _heard(caller.json("drill", "score")))
            assert (score["id"], score["times"]["heard"]["mark"], score["grade"]) == (drill, "met", "A")
        finally:
            daemon.kill()


def _heard(score: dict[str, Any]) -> dict[str, Any]:
    return score if score["times"]["heard"]["seconds"] is not None else {}


def test_an_exercise_begins_with_the_story_of_its_playbook_and_is_scored(room: Attended) -> None:
    assert "no exercise in the last year" in room.run("drill", "score").output
    begun = room.run("drill", "data-leak", "--lang", "fr")
    assert begun.exit_code == 0, begun.output
    assert "chacun de ses messages le dit" in begun.output
    (drill,) = [
        one for one in room.json("incident", "list") if one.get("story", "").startswith("Un chercheur en sécurité")
    ]
    assert "Acme" in drill["story"]
    again = room.run("drill", "outage")
    assert (again.exit_code, "is going on already" in again.output) == (1, True)
    room.run("incident", "take", drill["id"], "--as", "Alice")
    scored = room.run("drill", "score", "--lang", "fr")
    assert "## Ce qui est à améliorer" in scored.output
    assert "C’était un exercice" in room.run("report", "incident", drill["id"], "--lang", "fr").output
    document = room.json("drill", "score", drill["id"])
    assert (document["playbook"], document["times"]["charge"]["mark"]) == ("data-leak", "met")
    assert room.json("report", "incident", drill["id"])["drill"]["grade"] == document["grade"]
    real = room.run("drill", "score", room.incidents[0])
    assert (real.exit_code, "is a real incident" in real.output) == (1, True)
    room.run("incident", "resolve", drill["id"], "--summary", "well done")
    assert room.json("drill", "score")["over"]
    assert room.run("drill", "data-laek").exit_code == 1
