"""Faults of a `detect:` section that chooses river stand where they were made."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from buzzguard.cli.common import plugin_models
from buzzguard.config.loader import inspect_settings, load_settings

README = Path(__file__).parents[3] / "deploy" / "README.md"
YAML = """\
topics:
  acme:
    name: Acme
    query: acme
    detect:
      detector: river
{lines}
"""


def faults(tmp_path: Path, *lines: str) -> list[tuple[int, str, str]]:
    file = tmp_path / "buzzguard.yml"
    file.write_text(YAML.format(lines="\n".join(f"      {line}" for line in lines)))
    loaded = inspect_settings(file, models=plugin_models())
    return [(fault.line, fault.message, fault.hint) for fault in loaded.faults]


def test_a_model_misspelt(tmp_path: Path) -> None:
    ((line, message, hint),) = faults(tmp_path, "model: GausianScorer")
    assert (line, message, hint) == (7, "river has no detector `GausianScorer`", "write GaussianScorer")


def test_parameters_misspelt_each_at_its_own_line(tmp_path: Path) -> None:
    found = faults(tmp_path, "model: HalfSpaceTrees", "parameters:", "  n_treez: 10", "  height: tall")
    assert [(line, hint) for line, _, hint in found] == [(9, "write n_trees"), (10, "")]
    assert found[1][1] == "expected a whole number"


def test_parameters_on_which_the_model_breaks(tmp_path: Path) -> None:
    ((line, message, _),) = faults(tmp_path, "model: KSWIN", "parameters: {alpha: 7}")
    assert line == 8
    assert "does not work with these parameters" in message


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("signals: [crisis]", "follows from other signals"),
        ("signals: [volum]", "is not a choice"),
        ("signals: []", "is empty"),
        ("window: 20m", "no window of this length"),
        ("transform: square", "is not a choice"),
        ("modell: KSWIN", "unknown key `modell`"),
    ],
)
def test_other_faults_are_told_in_words(tmp_path: Path, line: str, words: str) -> None:
    ((at, message, _),) = faults(tmp_path, line)
    assert at == 7
    assert words in message


def test_a_sound_section_is_taken_and_the_general_one_may_choose_as_well(tmp_path: Path) -> None:
    assert faults(tmp_path, "model: river.anomaly.LODA", "parameters: {n_random_cuts: 20}", "window: 1h") == []


def test_river_is_not_imported_for_its_name() -> None:
    code = (
        "import sys, buzzguard.plugins as p; p.names('detector'); p.settings_model('detector', 'river')();"
        "print('river' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_example_in_the_documentation_is_sound(tmp_path: Path) -> None:
    text = README.read_text("utf-8").partition("<!-- river example")[2]
    example = text.partition("```yaml\n")[2].partition("```")[0]
    file = tmp_path / "buzzguard.yml"
    file.write_text(example)
    settings = load_settings(file, models=plugin_models())
    acme, umbrella = settings.topics["acme"].detect, settings.topics["umbrella"].detect
    assert acme is not None and umbrella is not None
    assert (acme.detector, acme.settings["model"]) == ("river", "GaussianScorer")
    assert umbrella.settings["parameters"]["predictive_model"]["seasonality"] == 96
