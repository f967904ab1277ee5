"""A section that the centre shares with a plugin is judged by the plugin's own model."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel

from buzzguard.config.loader import inspect_settings
from buzzguard.config.located import parse_yaml
from buzzguard.config.sections import PluginSections
from buzzguard.errors import ConfigError
from buzzguard.model import Fault
from tests.config.plugin_models import ChatSettings, FeedSettings, InventedPlugins, RoomSettings
from tests.config.test_loader import SOUND, write


def test_every_section_is_read_into_the_model_of_its_plugin() -> None:
    sections = PluginSections(parse_yaml(SOUND, file="f"), InventedPlugins())
    sections.read()
    assert sections.faults == []
    models = {path: type(model) for path, model in sections.built}
    assert models[("streams", "blog")] is FeedSettings
    assert models[("notifiers", "slack")] is ChatSettings
    assert models[("receivers", "room")] is RoomSettings


class BrokenPlugins(InventedPlugins):
    """The source is installed and cannot be imported."""

    def settings(self, kind: str, name: str) -> type[BaseModel] | None:
        if kind == "source":
            fault = Fault(file="plugin rss", line=0, column=0, message="the source 'rss' cannot be loaded")
            raise ConfigError([fault])
        return super().settings(kind, name)


def test_a_broken_plugin_is_a_fault_of_the_section_that_names_it(tmp_path: Path) -> None:
    loaded = inspect_settings(write(tmp_path, SOUND), models=BrokenPlugins())
    assert [(fault.line, fault.message) for fault in loaded.faults] == [(4, "the source 'rss' cannot be loaded")]
