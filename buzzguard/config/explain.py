"""Pydantic's errors → faults: the place of the very value, and plain words."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from buzzguard.config.settings import Identifier, Secret
from buzzguard.config.words import listed, safe, show, suggest
from buzzguard.model import Fault

if TYPE_CHECKING:
    from buzzguard.config.located import Located, Path

Model = TypeVar("Model", bound=BaseModel)
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'")
_IDENTIFIER = str(typing.get_args(Identifier)[1].metadata[0].pattern)
_FEW = 8
"""More choices than this are not listed, only the nearest is named."""


def build(
    model: type[Model], located: Located, *, at: Path = (), leaving: Collection[str] = ()
) -> tuple[Model | None, list[Fault]]:
    """Read the section at `at` into `model`.

    Gives the model, or None and every fault with the place of the very value (of the key, for one that is unknown;
    of the section's key, for one that is missing). Keys in `leaving` are another model's: they are passed over.
    """
    value = located.get(at)
    if isinstance(value, dict) and leaving:
        value = {key: kept for key, kept in value.items() if key not in leaving}
    try:
        return model.model_validate(value), []
    except ValidationError as error:
        context = _Context(model, located, at, tuple(leaving))
        return None, _explain(error.errors(include_url=False), context)


class _Context:
    """What the words of a fault are made from."""

    def __init__(self, model: type[BaseModel], located: Located, at: Path, others: tuple[str, ...]) -> None:
        self.model = model
        self.located = located
        self.at = at
        self.others = others

    def settle(self, loc: Sequence[str | int]) -> tuple[Path, bool]:
        """The path in the file of pydantic's `loc`, which also names branches of unions; whether it did."""
        path, skipped = self.at, False
        for step in loc:
            if self.located.has((*path, step)):
                path = (*path, step)
            else:
                skipped = True
        return path, skipped

    def fork(self, loc: Sequence[str | int]) -> Path:
        """The path of the value at which pydantic tried several types."""
        path = self.at
        for step in loc:
            if not self.located.has((*path, step)):
                break
            path = (*path, step)
        return path

    def keys_at(self, loc: Sequence[str | int]) -> list[str]:
        """The keys that the section at `loc` may have."""
        keys: list[str] = list(self.others) if not loc else []
        for found in _types_at(self.model, loc):
            if isinstance(found, type) and issubclass(found, BaseModel):
                keys += _keys(found)
        return keys


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _types_at(annotation: Any, loc: Sequence[str | int]) -> list[Any]:
    """The types that may stand at `loc` under `annotation`."""
    found = _branches(annotation)
    for step in loc:
        deeper = [_step(branch, step) for branch in found]
        found = [branch for into in deeper if into is not None for branch in _branches(into)] or found
    return found


def _branches(annotation: Any) -> list[Any]:
    if typing.get_origin(annotation) is Annotated:
        return _branches(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return [branch for argument in typing.get_args(annotation) for branch in _branches(argument)]
    return [annotation]


def _step(branch: Any, step: str | int) -> Any:
    if isinstance(branch, type) and issubclass(branch, BaseModel):
        fields = {field.alias or name: field for name, field in branch.model_fields.items()}
        return fields[str(step)].annotation if step in fields else None
    arguments = typing.get_args(branch)
    origin = typing.get_origin(branch)
    if isinstance(origin, type) and issubclass(origin, Mapping) and len(arguments) == 2:
        return arguments[1]
    if isinstance(origin, type) and issubclass(origin, Collection) and arguments and isinstance(step, int):
        return arguments[0] if len(arguments) < 2 or arguments[1] is ... else arguments[min(step, len(arguments) - 1)]
    return None


def _explain(errors: Iterable[ErrorDetails], context: _Context) -> list[Fault]:
    faults: list[Fault] = []
    unions: dict[Path, list[ErrorDetails]] = {}
    for error in errors:
        if _follows_from_others(error):
            continue
        path, branch = context.settle(_steps(error))
        if branch:
            unions.setdefault(context.fork(_steps(error)), []).append(error)
        else:
            faults.append(_fault(error, path, context))
    for fork, group in unions.items():
        faults += _union_faults(fork, group, context)
    once = {(fault.line, fault.column, fault.message): fault for fault in reversed(faults)}
    return sorted(once.values(), key=lambda fault: (fault.line, fault.column, fault.message))


def _follows_from_others(error: ErrorDetails) -> bool:
    """Whether a list is called too short only because its items are faulty, which is told of each."""
    return error["type"] == "too_short" and len(error["input"]) >= error.get("ctx", {}).get("min_length", 0)


def _steps(error: ErrorDetails) -> tuple[str | int, ...]:
    """The `loc` without what never stands in the file: a missing key, the mark of a faulty key."""
    loc = error["loc"]
    return loc[:-1] if error["type"] == "missing" or loc[-1:] == ("[key]",) else loc


def _union_faults(fork: Path, group: list[ErrorDetails], context: _Context) -> list[Fault]:
    """Faults of a value that may be of several kinds: those inside the kind that it has, or that it has none."""
    settled = [(error, context.settle(_steps(error))[0]) for error in group]
    inside = [(error, path) for error, path in settled if error["type"] not in _KINDS or len(path) > len(fork)]
    if inside:
        return [_fault(error, path, context) for error, path in inside]
    kinds = list(dict.fromkeys(_KINDS[error["type"]] for error in group))
    return [_wrong_kind(fork, " or ".join(kinds), context)]


_KINDS = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "`true` or `false`",
    "bool_parsing": "`true` or `false`",
    "dict_type": "a section",
    "mapping_type": "a section",
    "model_type": "a section",
    "model_attributes_type": "a section",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
}


def _fault(error: ErrorDetails, path: Path, context: _Context) -> Fault:
    kind = error["type"]
    if kind in _KINDS:
        return _wrong_kind(path, _KINDS[kind], context)
    message, hint = _WORDS.get(kind, _other)(error, context)
    if kind == "union_tag_invalid":
        return context.located.fault((*path, _discriminator(error)), message, hint)
    if kind == "missing" and isinstance(error["loc"][-1], int):
        return context.located.fault(path, "an item is missing here", "")
    whole_section = kind in ("missing", "extra_forbidden") or error["loc"][-1:] == ("[key]",)
    key = whole_section or isinstance(context.located.get(path), dict)
    return context.located.fault(path, message, hint, key=key)


def _wrong_kind(path: Path, expected: str, context: _Context) -> Fault:
    value = context.located.get(path)
    written = show(context.located.written(path))
    hint = ""
    if value is None:
        hint = "write it, or remove the key"
    elif _takes_secret(context, path):
        hint = "a secret is not written here: use `env: NAME`, `file: PATH` or `credential: NAME`"
    elif "a text" in expected and isinstance(value, int | float):
        hint = f'put it in quotes: "{written}"'
    elif "a list" in expected and not isinstance(value, dict | list):
        hint = f"put it in brackets: [{written}]"
    key = isinstance(value, dict)
    return context.located.fault(path, f"expected {expected}, found {_kind_of(value)}", hint, key=key)


def _takes_secret(context: _Context, path: Path) -> bool:
    return any(found is Secret for found in _types_at(context.model, path[len(context.at) :]))


def _kind_of(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, int | float):
        return "a number" if float(value).is_integer() else "a number with a fraction"
    return "a section" if isinstance(value, dict) else "a list" if isinstance(value, list) else "a text"


def _missing(error: ErrorDetails, context: _Context) -> tuple[str, str]:
    name = str(error["loc"][-1])
    field = next(
        (
            found.model_fields[key]
            for found in _types_at(context.model, error["loc"][:-1])
            if isinstance(found, type) and issubclass(found, BaseModel)
            for key in found.model_fields
            if (found.model_fields[key].alias or key) == name
        ),
        None,
    )
    said = (field.description or "").split("\n")[0].removesuffix(".") if field else ""
    return f"`{show(name)}` is missing", said[:1].lower() + said[1:]


def _extra(error: ErrorDetails, context: _Context) -> tuple[str, str]:
    name = str(error["loc"][-1])
    keys = context.keys_at(error["loc"][:-1])
    return f"unknown key `{show(name)}`", suggest(name, keys) or _known(keys)


def _known(choices: Sequence[str]) -> str:
    return f"known: {listed(choices, last='and')}" if 0 < len(choices) <= _FEW else ""


def _choice(error: ErrorDetails, _: _Context) -> tuple[str, str]:
    expected = str(error.get("ctx", {}).get("expected", ""))
    choices = _QUOTED.findall(expected) or [expected]
    if not isinstance(error["input"], str | int | float):
        return f"expected {listed(choices)}, found {_kind_of(error['input'])}", ""
    written = show(str(error["input"]))
    hint = suggest(written, choices)
    if not hint and len(choices) <= _FEW:
        hint = f"write {listed(choices)}"
    return f"`{written}` is not a choice here", hint


def _discriminator(error: ErrorDetails) -> str:
    return str(error.get("ctx", {}).get("discriminator", "")).strip("'")


def _tag(error: ErrorDetails, _: _Context) -> tuple[str, str]:
    """The key that tells of which kind a section is names none, or is absent."""
    ctx = error.get("ctx", {})
    if error["type"] == "union_tag_not_found":
        return f"`{show(_discriminator(error))}` is missing", ""
    choices = _QUOTED.findall(str(ctx.get("expected_tags", "")))
    written = str(ctx.get("tag", ""))
    return f"`{show(written)}` is not a choice here", suggest(written, choices) or f"write {listed(choices)}"


def _pattern(error: ErrorDetails, _: _Context) -> tuple[str, str]:
    written, pattern = show(str(error["input"])), str(error.get("ctx", {}).get("pattern", ""))
    if pattern == _IDENTIFIER:
        return f"`{written}` is not an identifier", "lower-case letters, digits, `-` and `_`, at most 63 of them"
    return f"`{written}` has not the form expected", f"it must match {pattern}"


def _own(error: ErrorDetails, _: _Context) -> tuple[str, str]:
    """What a validator of ours says: a message, with its hint after the first comma followed by `write`."""
    message, hint_word, hint = safe(str(error.get("ctx", {}).get("error", error["msg"]))).partition(", write ")
    return message, f"write {hint}" if hint_word else ""


def _length(error: ErrorDetails, _: _Context) -> tuple[str, str]:
    ctx = error.get("ctx", {})
    name = f"`{show(str(error['loc'][-1]))}`" if error["loc"] else "the file"
    if "max_length" in ctx:
        return f"{name} is too long", f"at most {ctx['max_length']}"
    return f"{name} is {'too short' if error['input'] else 'empty'}", f"at least {ctx.get('min_length')}"


def _bound(error: ErrorDetails, _: _Context) -> tuple[str, str]:
    said = error["msg"].removeprefix("Input should be ")
    return f"{show(str(error['input']))} is out of range", f"it must be {said}"


def _other(error: ErrorDetails, _: _Context) -> tuple[str, str]:
    said = safe(error["msg"]).replace("Input should", "it should")
    return said[:1].lower() + said[1:], ""


_WORDS: dict[str, Callable[[ErrorDetails, _Context], tuple[str, str]]] = {
    "missing": _missing,
    "extra_forbidden": _extra,
    "literal_error": _choice,
    "enum": _choice,
    "union_tag_invalid": _tag,
    "union_tag_not_found": _tag,
    "string_pattern_mismatch": _pattern,
    "value_error": _own,
    "assertion_error": _own,
    "too_short": _length,
    "too_long": _length,
    "string_too_short": _length,
    "string_too_long": _length,
    "greater_than": _bound,
    "greater_than_equal": _bound,
    "less_than": _bound,
    "less_than_equal": _bound,
}
