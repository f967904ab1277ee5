"""Made-up labelled texts, written once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.understand.train import made_up


@pytest.fixture(scope="session")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_up.write(tmp_path_factory.mktemp("labelled"))
