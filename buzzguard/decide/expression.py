"""Conditions of rules, in CEL. The only module that knows the CEL library, which is loaded at the first condition.

CEL's comparisons of numbers are declared anew for whole and fractional numbers together, so that every value has a
type and the checker finds each wrong name, kind and function when a rule is loaded. What is left for run time (a
label that is absent, an exhausted iteration budget) the library *returns* as a truthy value: only `is True` counts.
"""

from __future__ import annotations

import math
import operator as operators
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any, NamedTuple, Protocol, TypeAlias

from buzzguard.decide.explain import ExpressionError, Problem, kind_words, problem_at, problems_of
from buzzguard.decide.lexer import chains, comparison, conjuncts
from buzzguard.decide.vocabulary import Scope, Variable, variables
from buzzguard.model import Signal

__all__ = ["Bound", "Condition", "ExpressionError", "Problem", "Seen", "compile_condition"]

LONGEST_TEXT = 2_000
"""Characters of a condition. The longest shipped one has two hundred."""

_REMEMBERED = 4_096
"""Answers kept for each part of a condition: quiet windows give the same few values over and over."""

_Verdict: TypeAlias = bool | str
"""True, False, or the reason why neither."""


class Bound(NamedTuple):
    """A number or duration compared with a constant: `negative.count >= 10`."""

    name: str
    operator: str
    value: float | timedelta


class Seen(NamedTuple):
    """A conjunct on some values: its text, whether it is true of them, and the reason when that cannot be decided.

    `bound` is set where it compares one variable with a constant; `names` are the variables that it reads.
    """

    text: str
    holds: bool
    trouble: str
    names: tuple[str, ...]
    bound: Bound | None = None


class Condition:
    """A compiled condition: pure, the same values give the same answer.

    `names` are the variables it reads, `signals` the signals they belong to, in order of reading. `bounds` are its
    conjuncts that compare one variable with a constant; `plain` says that there are no others.
    """

    def __init__(self, text: str, *, scope: Scope, parts: Sequence[_Part]) -> None:
        self.text = " ".join(text.split())
        self.scope = scope
        self.names = frozenset(name for part in parts for name in part.names)
        self.signals = _signals(parts, variables(scope))
        self.bounds = tuple(part.bound for part in parts if isinstance(part, _Comparison))
        self.plain = len(self.bounds) == len(parts)
        self._parts = tuple(parts)

    def __repr__(self) -> str:
        return f"Condition({self.text!r})"

    def holds(self, values: Mapping[str, object], report: Callable[[str], None] | None = None) -> bool:
        """Whether it is true of `values`, which hold each of `names`.

        What cannot be decided is not true; `report` is then given the reason.
        """
        for part in self._parts:
            verdict = part.verdict(values)
            if verdict is not True:
                if verdict is not False and report and (reason := self.trouble(values)):
                    report(reason)
                return False
        return True

    def trouble(self, values: Mapping[str, object]) -> str:
        """The reason why the condition can be decided neither way for `values`; empty when it can."""
        verdicts = [part.verdict(values) for part in self._parts]
        if any(verdict is False for verdict in verdicts):
            return ""
        return next((verdict for verdict in verdicts if isinstance(verdict, str)), "")

    def seen(self, values: Mapping[str, object]) -> tuple[Seen, ...]:
        """What each conjunct makes of `values`, for people who ask why: all of them, also after one that is false."""
        told = []
        for part in self._parts:
            verdict = part.verdict(values)
            bound = part.bound if isinstance(part, _Comparison) else None
            trouble = verdict if isinstance(verdict, str) else ""
            told.append(Seen(" ".join(part.text.split()), verdict is True, trouble, part.names, bound))
        return tuple(told)


class _Part(Protocol):
    """A part of a conjunction."""

    names: tuple[str, ...]
    text: str

    def verdict(self, values: Mapping[str, object]) -> _Verdict: ...


class _Comparison:
    """A number or duration compared with a constant that CEL worked out: most of what rules ask, without its toll."""

    def __init__(self, bound: Bound, text: str) -> None:
        self.names: tuple[str, ...] = (bound.name,)
        self.text = text
        self.bound = bound
        self._name = bound.name
        self._compare = _OPERATORS[bound.operator]
        self._value = bound.value

    def verdict(self, values: Mapping[str, object]) -> _Verdict:
        return self._compare(values[self._name], self._value)


class _Evaluated:
    """What CEL evaluates, with the answers it gave lately."""

    def __init__(self, program: Any, names: tuple[str, ...], *, text: str, remember: bool) -> None:
        self.names = names
        self.text = text
        self._program = program
        self._answers: dict[object, _Verdict] | None = {} if remember else None

    def verdict(self, values: Mapping[str, object]) -> _Verdict:
        names, answers = self.names, self._answers
        if answers is None:
            return self.evaluate(values)
        key = values[names[0]] if len(names) == 1 else tuple([values[name] for name in names])
        verdict = answers.get(key)
        if verdict is None:
            if len(answers) >= _REMEMBERED:
                answers.clear()
            verdict = answers[key] = self.evaluate(values)
        return verdict

    def evaluate(self, values: Mapping[str, object]) -> _Verdict:
        try:
            result = self._program.eval(data={name: values[name] for name in self.names}).value()
        except (RuntimeError, ValueError, TypeError, OverflowError) as error:
            return _reason(str(error))
        return result if isinstance(result, bool) else _reason(str(result))


def compile_condition(text: str, *, scope: Scope) -> Condition:
    """Compile a condition over the variables of `scope` (see `vocabulary`).

    Raises ExpressionError with every unknown name, wrong kind or fault of syntax that can be told at once, also for
    parts that would fail whatever the values are.
    """
    if not text.strip():
        raise ExpressionError(problem_at(text, 0, "the condition is empty"))
    if len(text) > LONGEST_TEXT:
        raise ExpressionError(problem_at(text, LONGEST_TEXT, f"the condition has more than {LONGEST_TEXT} characters"))
    parts = _split(_compile(text, scope), text, scope)
    _probe(text, parts, variables(scope))
    return Condition(text, scope=scope, parts=[_quickened(part, scope) for part in parts])


def _compile(text: str, scope: Scope) -> _Evaluated:
    try:
        program = _environment(scope).compile(text)
    except (RuntimeError, ValueError, TypeError) as error:
        raise ExpressionError(*problems_of(text, str(error), scope)) from error
    kind = program.return_type().name()
    if kind != "BOOL":
        message = f"a condition says yes or no, this one gives {kind_words(_LONG_NAMES.get(kind, kind))}"
        raise ExpressionError(problem_at(text, len(text) - len(text.lstrip()), message, "compare it with something"))
    known = variables(scope)
    names = tuple(dict.fromkeys(name for chain in chains(text) if (name := _variable(chain.name, known))))
    return _Evaluated(program, names, text=text, remember=all(known[name].kind != "texts by name" for name in names))


_LONG_NAMES = {"DURATION": "google.protobuf.Duration", "DOUBLE": "double", "INT": "int", "STRING": "string"}


def _split(whole: _Evaluated, text: str, scope: Scope) -> list[_Evaluated]:
    """The conjuncts, each compiled; the whole when it is no conjunction, or the scanner and CEL read it differently."""
    texts = conjuncts(text)
    if len(texts) == 1:
        return [whole]
    try:
        return [_compile(part, scope) for part in texts]
    except ExpressionError:
        return [whole]


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operators.lt,
    "<=": operators.le,
    ">": operators.gt,
    ">=": operators.ge,
    "==": operators.eq,
    "!=": operators.ne,
}


def _quickened(part: _Evaluated, scope: Scope) -> _Part:
    """The part as a comparison with a constant where it is one."""
    found, known = comparison(part.text), variables(scope)
    if found is None or part.names != (found.name,) or known[found.name].kind not in ("number", "duration"):
        return part
    if any(_variable(chain.name, known) for chain in chains(found.rest)):
        return part
    bound = _environment(scope).compile(found.rest).eval(data={}).value()
    expected = (int, float) if known[found.name].kind == "number" else timedelta
    if not isinstance(bound, expected) or isinstance(bound, bool):
        return part
    return _Comparison(Bound(found.name, found.operator, bound), part.text)


def _variable(chain: str, known: Mapping[str, Variable]) -> str:
    """The variable that a dotted name reads: `topic.labels.country` reads `topic.labels`."""
    while chain and chain not in known:
        chain = chain.rpartition(".")[0]
    return chain


def _signals(parts: Sequence[_Part], known: Mapping[str, Variable]) -> tuple[Signal, ...]:
    read = [known[name].signal for part in parts for name in part.names]
    return tuple(dict.fromkeys(signal for signal in read if signal is not None))


_CONSTANT_FAULTS = (
    ("String to Duration conversion failed", "a duration in it cannot be read", 'write for example duration("36h")'),
    ("invalid regular expression", "a pattern in it is no regular expression", "RE2 syntax"),
    ("must have magnitude", "a duration in it is far too long", "a thousand years are days(365000)"),
    ("maximum allowed duration", "a duration in it is far too long", "a thousand years are days(365000)"),
    ("Iteration budget exceeded", "it loops over too much", ""),
)


def _probe(text: str, parts: Sequence[_Evaluated], known: Mapping[str, Variable]) -> None:
    """Refuse what fails for reasons that are in the text itself."""
    for part in parts:
        for probe in _PROBES:
            verdict = part.evaluate({name: probe[known[name].kind] for name in part.names})
            for sign, message, hint in _CONSTANT_FAULTS:
                if isinstance(verdict, str) and sign in verdict:
                    raise ExpressionError(problem_at(text, 0, f"the condition can never be decided: {message}", hint))


_PROBES: tuple[dict[str, object], ...] = (
    {"number": 0.0, "duration": timedelta(0), "yes/no": False, "text": "", "texts by name": {}},
    {"number": 1e6, "duration": timedelta(days=365_000), "yes/no": True, "text": "x", "texts by name": {"x": "x"}},
)


def _reason(complaint: str) -> str:
    """CEL's complaint at run time as one line."""
    line = complaint.splitlines()[0] if complaint.strip() else "no answer"
    return line.removeprefix("UNKNOWN: ").removeprefix("INVALID_ARGUMENT: ")[:200]


def _cel_types(cel: Any) -> dict[str, Any]:
    kinds = cel.Type
    return {
        "number": kinds.DOUBLE,
        "duration": kinds.DURATION,
        "yes/no": kinds.BOOL,
        "text": kinds.STRING,
        "texts by name": kinds.Map(kinds.STRING, kinds.STRING),
    }


@cache
def _environment(scope: Scope) -> Any:
    from cel_expr_python import cel  # type: ignore[import-untyped] # loaded late: `--help` needs no CEL

    types = _cel_types(cel)
    replaced = [*_COMPARISONS, *_ARITHMETIC, "_==_", "_!=_"]
    without = "".join(f'  - name: "{name}"\n' for name in (*replaced, "dyn"))
    return cel.NewEnv(
        config=cel.NewEnvConfigFromYaml(f"stdlib:\n  exclude_functions:\n{without}"),
        variables={variable.name: types[variable.kind] for variable in variables(scope).values()},
        functions=[*_comparisons(cel), *_equalities(cel), *_arithmetic(cel), *_durations(cel)],
    )


_COMPARISONS = {"_<_": "less", "_<=_": "less_equals", "_>_": "greater", "_>=_": "greater_equals"}
_DURATION_UNITS: dict[str, timedelta] = {
    "days": timedelta(days=1),
    "hours": timedelta(hours=1),
    "minutes": timedelta(minutes=1),
}


def _divide(dividend: float, divisor: float) -> float:
    """As IEEE 754 has it, and CEL for two fractional numbers."""
    if divisor:
        return dividend / divisor
    return math.copysign(math.inf, dividend) if dividend else math.nan


_ARITHMETIC: dict[str, tuple[str, Callable[[float, float], float]]] = {
    "_+_": ("add", lambda left, right: float(left + right)),
    "_-_": ("subtract", lambda left, right: float(left - right)),
    "_*_": ("multiply", lambda left, right: float(left * right)),
    "_/_": ("divide", _divide),
}


def _numbers(cel: Any) -> list[tuple[str, Any, Any]]:
    whole, fractional = cel.Type.INT, cel.Type.DOUBLE
    return [
        ("int64", whole, whole),
        ("double", fractional, fractional),
        ("int64_double", whole, fractional),
        ("double_int64", fractional, whole),
    ]


def _comparisons(cel: Any) -> list[Any]:
    """`<` and its like: of numbers of both sorts together, of durations, of texts. The library has the code."""
    kinds = cel.Type
    pairs = [*_numbers(cel), ("duration", kinds.DURATION, kinds.DURATION), ("string", kinds.STRING, kinds.STRING)]
    return [_declare(cel, operator, name, pairs, kinds.BOOL) for operator, name in _COMPARISONS.items()]


def _equalities(cel: Any) -> list[Any]:
    kinds = cel.Type
    pairs = [
        *_numbers(cel),
        *((kind.name().lower(), kind, kind) for kind in (kinds.DURATION, kinds.STRING, kinds.BOOL)),
    ]
    operators = {"_==_": "equals", "_!=_": "not_equals"}
    return [_declare(cel, operator, name, pairs, kinds.BOOL) for operator, name in operators.items()]


def _declare(cel: Any, operator: str, name: str, pairs: Sequence[tuple[str, Any, Any]], gives: Any) -> Any:
    overloads = [
        cel.Overload(f"{name}_{suffix}", return_type=gives, parameters=[left, right]) for suffix, left, right in pairs
    ]
    return cel.FunctionDecl(operator, overloads)


def _arithmetic(cel: Any) -> list[Any]:
    """`+ - * /`: the library has no code for a whole and a fractional number together."""
    kinds = cel.Type
    declared = []
    for operator, (name, work) in _ARITHMETIC.items():
        overloads = [
            cel.Overload(
                f"{name}_{suffix}",
                return_type=kinds.INT if suffix == "int64" else kinds.DOUBLE,
                parameters=[left, right],
                **({"impl": work} if left != right else {}),
            )
            for suffix, left, right in _numbers(cel)
        ]
        if name in ("add", "subtract"):
            pair = [kinds.DURATION, kinds.DURATION]
            overloads.append(cel.Overload(f"{name}_duration_duration", return_type=kinds.DURATION, parameters=pair))
        declared.append(cel.FunctionDecl(operator, overloads))
    return declared


def _durations(cel: Any) -> list[Any]:
    kinds = cel.Type
    declared = []
    for name, unit in _DURATION_UNITS.items():
        overloads = [
            cel.Overload(f"{name}_{suffix}", return_type=kinds.DURATION, parameters=[kind], impl=unit.__mul__)
            for suffix, kind in (("int64", kinds.INT), ("double", kinds.DOUBLE))
        ]
        declared.append(cel.FunctionDecl(name, overloads))
    return declared
