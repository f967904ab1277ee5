"""The JSON Schema of `buzzguard.yml`, for completion and checks in an editor.

What a schema cannot say (a receiver names a notifier that exists) only `buzzguard check` tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, TypeAlias

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from buzzguard.config.durations import format_duration
from buzzguard.config.sections import PluginModels
from buzzguard.config.settings import Settings

Schema: TypeAlias = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DURATION: Schema = {
    "type": "string",
    "pattern": "^([0-9]+[wdhms])+$",
    "examples": ["90s", "5m", "1h30m", "7d"],
}
_SECTIONS = (
    # the model of the centre, its key that names the plugin, the kind of plugin
    ("StreamSettings", "source", "source"),
    ("NotifierSettings", "kind", "notifier"),
    ("DetectSettings", "detector", "detector"),
)


class _Generator(GenerateJsonSchema):
    """Writes durations as people write them."""

    def timedelta_schema(self, _schema: core_schema.TimedeltaSchema) -> JsonSchemaValue:
        return dict(DURATION)

    def encode_default(self, dft: Any) -> Any:
        if isinstance(dft, BaseModel):
            return dft.model_dump(exclude_defaults=True)
        return format_duration(dft) if isinstance(dft, timedelta) else super().encode_default(dft)


def model_schema(model: type[BaseModel], *, prefix: str = "") -> Schema:
    """The schema of a model of ours, its definitions under `$defs` with `prefix` before their names."""
    template = f"#/$defs/{prefix}{{model}}"
    schema = model.model_json_schema(schema_generator=_Generator, ref_template=template)
    if "$defs" in schema:
        schema["$defs"] = {f"{prefix}{name}": definition for name, definition in schema["$defs"].items()}
    return schema


def settings_schema(models: PluginModels) -> Schema:
    """The JSON Schema (draft 2020-12) of the whole configuration, plugin settings included."""
    schema = model_schema(Settings)
    definitions: Schema = schema["$defs"]
    for section, key, kind in _SECTIONS:
        definition = definitions[section]
        names = sorted(models.names(kind))
        definition["properties"][key] |= {"enum": names}
        chosen = {name: _plugin(models.settings(kind, name), f"{kind}.{name}.", definitions) for name in names}
        _depend(definition, key, chosen)
    _open_receivers(definitions, models)
    for definition in (schema, *definitions.values()):
        _tidy(definition)
    return {"$schema": DIALECT, "title": "buzzguard.yml", **schema}


def _plugin(model: type[BaseModel] | None, prefix: str, definitions: Schema) -> Schema:
    """The schema of a plugin's own keys; what it refers to joins `definitions`."""
    if model is None:
        return {}
    schema = model_schema(model, prefix=prefix)
    definitions.update(schema.pop("$defs", {}))
    schema.pop("additionalProperties", None)  # the keys of the centre stand beside them
    schema.pop("title", None)
    return schema


def _depend(definition: Schema, key: str, chosen: Mapping[str, Schema]) -> None:
    """Let the value of `key` decide which further keys a section may have."""
    default = definition["properties"][key].get("default")
    definition["allOf"] = [
        {"if": {"properties": {key: {"const": name}}, **({} if name == default else {"required": [key]})}, "then": then}
        for name, then in chosen.items()
    ]
    definition.pop("additionalProperties", None)
    definition["unevaluatedProperties"] = False


def _open_receivers(definitions: Schema, models: PluginModels) -> None:
    """Receivers may have the keys of any notifier: which one is theirs stands elsewhere in the file."""
    definition = definitions["ReceiverSettings"]
    for name in sorted(models.names("notifier")):
        schema = _plugin(models.receiver(name), f"receiver.{name}.", definitions)
        for key, property_ in schema.get("properties", {}).items():
            definition["properties"].setdefault(key, property_)
    definition["additionalProperties"] = False


def _tidy(definition: Schema) -> None:
    """Refuse names that are no identifiers, and drop the titles that pydantic makes of names."""
    definition.pop("title", None)
    for property_ in definition.get("properties", {}).values():
        property_.pop("title", None)
        if "patternProperties" in property_:
            property_["additionalProperties"] = False
