"""``eval``: try an expression, without a daemon and without a chain."""

import json
import math
import sys
import time
from collections.abc import Mapping
from typing import IO, Any, Final

import click

from chainwright.daemon.cli.failures import Failure
from chainwright.daemon.cli.output import show_json
from chainwright.daemon.core.expressions import NOW, ExpressionError, Status
from chainwright.daemon.core.expressions.evaluator import evaluate
from chainwright.daemon.core.expressions.json_text import MAX_DEPTH
from chainwright.daemon.core.expressions.parser import parse
from chainwright.daemon.core.expressions.values import Json, Kind, kind_of
from chainwright.daemon.core.expressions.vocabulary import Vocabulary
from chainwright.daemon.web.codes import EXIT_DEFINITION, EXIT_OK

KINDS: Final[dict[Kind, str]] = {
    "null": "Null",
    "boolean": "Boolean",
    "number": "Number",
    "string": "String",
    "array": "Array",
    "object": "Object",
}
"""The kinds as GitHub's own test cases name them."""

_STATUSES: Final = ("success", "failure", "cancelled")


@click.command("eval", short_help="Try an expression.", context_settings={"ignore_unknown_options": True})
@click.argument("expression", required=False)
@click.option("--context", "file", type=click.File("rb"), metavar="FILE", help='JSON: {"inputs": {…}, …}; - is stdin.')
@click.option("--status", type=click.Choice(_STATUSES), help="What success() and its kin answer from.")
@click.option("--batch", is_flag=True, help='Answer every line of stdin: {"expr": …, "contexts": {…}}.')
@click.option("--json", "as_json", is_flag=True, help="The value with its kind, or the error with its position.")
def evaluation(expression: str | None, file: IO[bytes] | None, status: str | None, batch: bool, as_json: bool) -> int:
    """Evaluate EXPRESSION, written without ${{ }}, and print its value. Exit code 3 when it has none.

    With --batch, a line {"kind": …, "value": …} or {"error": {"kind": …, "message": …, "position": …}} answers each line of stdin;
    "job_status" in a line is what --status is here. A line that asks nothing is answered with an error of kind "input"; the exit code
    is 3 then.
    """
    if batch == (expression is not None):
        raise click.UsageError("give either an expression or --batch")
    if batch:
        return _answer_lines(sys.stdin.buffer)
    contexts = _read_object(file.read() if file else b"{}", "the context")
    if as_json:
        answer = answered(expression or "", contexts, status_of(status))
        show_json(answer)
        return EXIT_DEFINITION if "error" in answer else EXIT_OK
    try:
        _print(_writable(_value(expression or "", contexts, status_of(status))))
    except ExpressionError as error:
        raise _failure(expression or "", error, contexts) from None
    return EXIT_OK


def answered(expression: str, contexts: Mapping[str, Any], status: Status) -> dict[str, Any]:
    """``{kind, value}``, or ``{error: {kind, message, position}}`` with the position from 1; both can be written as JSON.

    Only the contexts that are given exist. A number that JSON does not know is null.
    """
    try:
        value = _value(expression, contexts, status)
    except ExpressionError as error:
        message = error.located(expression)
        return {"error": {"kind": error.kind, "message": message, "position": error.offset + 1}}
    return {"kind": KINDS[kind_of(value)], "value": _writable(value)}


def _value(expression: str, contexts: Mapping[str, Any], status: Status) -> Json:
    known = {name.lower(): value for name, value in contexts.items()}
    vocabulary = Vocabulary(contexts=frozenset(known), has_status=True)
    return evaluate(parse(expression, vocabulary), {**known, NOW: time.time()}, status)


def status_of(word: str | None) -> Status:
    """The status of a run that has gone so; all is well where nothing is said."""
    return Status(success=word in (None, "success"), failure=word == "failure", cancelled=word == "cancelled")


def _answer_lines(lines: IO[bytes]) -> int:
    """One answer for each line, at once: whoever asks may wait for it before the next. A bad one keeps none from its answer."""
    code = EXIT_OK
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            answer = json.dumps(_answer_to(line, number))
        except Failure as refusal:
            answer = json.dumps({"error": {"kind": "input", "message": str(refusal), "position": 1}})
            code = EXIT_DEFINITION
        sys.stdout.write(answer + "\n")
        sys.stdout.flush()
    return code


def _answer_to(line: bytes, number: int) -> dict[str, Any]:
    case = _read_object(line, f"line {number}")
    expression, contexts = case.get("expr"), case.get("contexts") or {}
    if not isinstance(expression, str) or not isinstance(contexts, dict):
        raise Failure(
            f'line {number} has to hold a text "expr" and may hold an object "contexts"', code=EXIT_DEFINITION
        )
    word = case.get("nested_action_status") if "nested_action_status" in case else case.get("job_status")
    return answered(expression, contexts, status_of(word))


def _read_object(data: bytes, what: str) -> dict[str, Any]:
    try:
        value = json.loads(data)
        deep = _is_deep(value)
    except (ValueError, RecursionError) as fault:
        raise Failure(f"{what} is not JSON: {fault}", code=EXIT_DEFINITION) from None
    if not isinstance(value, dict):
        raise Failure(f"{what} has to be a JSON object", code=EXIT_DEFINITION)
    if deep:
        raise Failure(f"{what} is nested more than {MAX_DEPTH} levels deep", code=EXIT_DEFINITION)
    return value


def _is_deep(value: Json) -> bool:
    """Whether it is nested so deep that no run could hold it; level by level, because recursion is what it would break."""
    level = [value]
    for _ in range(MAX_DEPTH):
        inner = [list(one.values()) if isinstance(one, dict) else one for one in level if isinstance(one, (dict, list))]
        level = [item for items in inner for item in items]
    return any(isinstance(one, (dict, list)) for one in level)


def _failure(expression: str, error: ExpressionError, contexts: Mapping[str, Any]) -> Failure:
    """The sentence, with the place below the expression where that is one line, and what is expected there."""
    lines = [] if "\n" in expression else [expression, f"{'^':>{error.offset + 1}}"]
    if error.expected:
        lines.append(f"expected: {error.expected}")
    if error.problem == "context":
        given = f"given are: {', '.join(contexts)}" if contexts else "none is given"
        lines.append(f'contexts come from --context FILE, as {{"inputs": {{…}}}}; {given}')
    if "${{" in expression:
        lines.append("write the expression alone, without ${{ }}")
    return Failure(error.message, "\n".join(lines), code=EXIT_DEFINITION)


def _print(value: Json) -> None:
    """A text as it is, anything else as JSON."""
    if isinstance(value, str):
        click.echo(value.encode("utf-8", "replace").decode("utf-8"))
    else:
        show_json(value)


def _writable(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _writable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_writable(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
