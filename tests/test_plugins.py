"""Plugins by name."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pydantic import BaseModel

from buzzguard import plugins


def test_built_ins_are_named_and_sources_can_be_loaded() -> None:
    assert {"recording", "rss"} <= set(plugins.names("source"))
    for name in plugins.names("source"):
        assert plugins.load("source", name).__module__.startswith("buzzguard.collect")
        assert issubclass(plugins.settings_model("source", name), BaseModel)


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    with pytest.raises(LookupError, match="unknown notifier 'slck', did you mean 'slack'"):
        plugins.load("notifier", "slck")
    with pytest.raises(LookupError, match="known are alertmanager, console, "):
        plugins.load("notifier", "zzz")


def test_finding_names_imports_no_plugin() -> None:
    code = "import sys, buzzguard.plugins as p; p.names('source'); print({'httpx', 'feedparser'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
