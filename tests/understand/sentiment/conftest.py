"""Made-up weights, written once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.understand.sentiment import made_up


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_up.write(tmp_path_factory.mktemp("tiers"))


@pytest.fixture(scope="session")
def accurate_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_up.write_accurate(tmp_path_factory.mktemp("accurate"))
