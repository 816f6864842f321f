"""Holds given values against what a chain declares: inputs of a run or of a reusable agent, outputs, payloads of events.

Pure; everything that does not fit is collected and named, so that its author can mend all of it at once. Whether a declaration makes
sense in itself is left to the lint.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from chainwright.daemon.core.expressions.patterns import is_found, pattern_problem
from chainwright.daemon.core.graph import Input, Options, ValueType
from chainwright.daemon.core.value_types import Misfit, checked, converted, shown

NO_OPTIONS: Final[Options] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class InputProblem:
    """Why an input cannot be taken; ``hint`` is the fix, in words, or empty."""

    name: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedInputs:
    """``values`` holds every declared input that has no problem: null where nothing was given and nothing is the default."""

    values: dict[str, Any]
    problems: tuple[InputProblem, ...]


def check_inputs(declared: tuple[Input, ...], given: Mapping[str, Any], *, texts: bool = False) -> CheckedInputs:
    """The complete inputs, and what is wrong with the given ones.

    With ``texts`` the given values are texts of a command line and become the declared type first. A null counts as not given,
    because an expression over something that is not there yet gives one; only an input of type ``json`` can be null.
    """
    values: dict[str, Any] = {}
    problems = list(_unknown(declared, given))
    for one in declared:
        try:
            values[one.name] = _value_of(one, given, texts)
        except _Unfit as unfit:
            problems.append(unfit.problem)
    return CheckedInputs(values=values, problems=tuple(problems))


def check_outputs(
    declared: Mapping[str, ValueType], raw: Mapping[str, Any], *, texts: bool = True, options: Options = NO_OPTIONS
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The typed outputs of an attempt, and a sentence for each that is missing, undeclared or of another type.

    ``raw`` is what it gave. With ``texts`` it wrote them, so texts become the declared type first.
    """
    problems = [f'output "{name}" is not declared{_hint_of(name, declared)}' for name in raw if name not in declared]
    values: dict[str, Any] = {}
    for name, kind in declared.items():
        if name not in raw:
            problems.append(f'output "{name}" was not written')
            continue
        try:
            values[name] = chosen((converted if texts else checked)(raw[name], kind), options.get(name))
        except Misfit as misfit:
            problems.append(f'output "{name}": {misfit}')
    return values, tuple(problems)


def check_payload(payload: Mapping[str, ValueType] | None, data: Any, options: Options = NO_OPTIONS) -> tuple[str, ...]:
    """A sentence for each declared field of an event that its data lacks or has in another type; further fields are fine.

    None as ``payload`` declares nothing, so anything fits.
    """
    if not payload:
        return ()
    if not isinstance(data, Mapping):
        return (f"the event's data has to be an object with {_listed(payload)}, this is {shown(data)}",)
    return tuple(_field_problems(payload, data, options))


def chosen(value: Any, options: tuple[str, ...] | None) -> Any:
    """The value, if it is one of the options where there are some; raises Misfit."""
    if options is not None and value not in options:
        raise Misfit(f"{shown(value)} is none of {_listed(options)}")
    return value


class _Unfit(Exception):
    """One input cannot be taken."""

    def __init__(self, one: Input, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.problem = InputProblem(name=one.name, message=f'input "{one.name}": {message}', hint=hint)


def _value_of(one: Input, given: Mapping[str, Any], texts: bool) -> Any:
    raw = given.get(one.name)
    if raw is None and not (one.type == "json" and one.name in given):
        return _default_of(one)
    try:
        value = (converted if texts else checked)(raw, one.type)
    except Misfit as misfit:
        raise _Unfit(one, str(misfit)) from None
    _check_options(one, value)
    _check_pattern(one, value)
    _check_bounds(one, value)
    return value


def _default_of(one: Input) -> Any:
    if one.required and one.default is None:
        raise _Unfit(one, "a value is required", one.description)
    return one.default


def _check_options(one: Input, value: Any) -> None:
    if one.options and value not in one.options:
        raise _Unfit(one, f"{shown(value)} is not one of its options", f"one of {_listed(one.options)}")


def _check_pattern(one: Input, value: Any) -> None:
    if one.pattern is None or not isinstance(value, str):
        return
    if problem := pattern_problem(one.pattern):
        raise _Unfit(one, problem)
    if not is_found(one.pattern, value):
        raise _Unfit(one, f"{shown(value)} does not match {one.pattern}")


def _check_bounds(one: Input, value: Any) -> None:
    """Of a number its value counts, of a text its length."""
    of_text = isinstance(value, str)
    if not of_text and (isinstance(value, bool) or not isinstance(value, (int, float))):
        return
    size, what = (len(value), "its length") if of_text else (value, "it")
    if one.min is not None and size < one.min:
        raise _Unfit(one, f"{what} is {size:g}, at least {one.min:g} is expected")
    if one.max is not None and size > one.max:
        raise _Unfit(one, f"{what} is {size:g}, at most {one.max:g} is expected")


def _unknown(declared: tuple[Input, ...], given: Mapping[str, Any]) -> Iterator[InputProblem]:
    names = [one.name for one in declared]
    for name in given:
        if name not in names:
            hint = _near(name, names) or (f"the inputs are {_listed(names)}" if names else "it takes no inputs")
            yield InputProblem(name=name, message=f'there is no input "{name}"', hint=hint)


def _field_problems(payload: Mapping[str, ValueType], data: Mapping[str, Any], options: Options) -> Iterator[str]:
    for name, kind in payload.items():
        if name not in data:
            yield f'the event\'s data lacks "{name}"'
            continue
        try:
            chosen(checked(data[name], kind), options.get(name))
        except Misfit as misfit:
            yield f'"{name}" in the event\'s data: {misfit}'


def _hint_of(name: str, declared: Mapping[str, ValueType]) -> str:
    near = _near(name, declared)
    return f" ({near})" if near else ""


def _near(name: str, names: Mapping[str, Any] | list[str]) -> str:
    found = get_close_matches(name, names, n=1)
    return f'did you mean "{found[0]}"?' if found else ""


def _listed(names: Any) -> str:
    return ", ".join(f'"{name}"' for name in names)
