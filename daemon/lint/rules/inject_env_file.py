"""Text from outside that is written into the file by which a script sets variables."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from chainwright.daemon.core.expressions import ExpressionError, parse_template
from chainwright.daemon.core.graph import Input
from chainwright.daemon.definition.source import Source
from chainwright.daemon.lint.handover import environment_of
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject
from chainwright.daemon.lint.texts import Text

_INTO_FILE: Final = re.compile(
    r"^(?P<written>[^|<\n]*)>>\s*[\"']?\$\{?(?P<file>(?:CHAINWRIGHT|GITHUB)_ENV|GITHUB_PATH)\b", re.MULTILINE
)
_VARIABLE: Final = re.compile(r"\$\{?([A-Za-z_]\w*)")
_ONE_LINE: Final = frozenset({"number", "integer", "boolean", "choice"})


class InjectEnvFile(Rule):
    """A pipe on the line may have made it harmless, and a here-document has a delimiter: both are left alone."""

    name = "inject-env-file"
    doc = "A script writes text that others control into the file that sets variables."
    why = (
        "Each line of the file sets a variable. A value with a line end in it sets more of them than the script means, such as `PATH` or "
        "`LD_PRELOAD`, for everything that runs afterwards."
    )
    bad = """
        inputs: {title: {type: string}}
        agents:
          write:
            env: {TITLE: '${{ inputs.title }}'}
            run: echo "HEADLINE=$TITLE" >> "$CHAINWRIGHT_ENV"
    """
    good = """
        inputs: {title: {type: string}}
        agents:
          write:
            env: {TITLE: '${{ inputs.title }}'}
            run: printf 'HEADLINE=%s' "$TITLE" | tr '\\n' ' ' >> "$CHAINWRIGHT_ENV"
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such variable."""
        for text in subject.texts:
            if text.role == "run" and ">>" in text.written:
                foreign = set(_foreign(environment_of(subject.root, text), subject.chain.inputs))
                yield from written_to_file(subject.document.source, text, foreign)


def written_to_file(source: Source, text: Text, foreign: Collection[str]) -> Iterator[Finding]:
    """The places of a script that write one of the ``foreign`` variables there."""
    for line in _INTO_FILE.finditer(text.written):
        for found in _VARIABLE.finditer(line["written"]):
            if found[1] in foreign:
                yield Finding(
                    span=source.within(text.scalar, line.start() + found.start(), len(found[0])),
                    message=f'a line end in "{found[1]}" would add lines of its own to ${line["file"]}',
                    hint=f"take line ends out first: printf '%s' \"${found[1]}\" | tr '\\n' ' '",
                )


def names_of_inputs(inputs: Iterable[Input]) -> list[str]:
    """The variables by which a reusable agent is told inputs that may hold any text."""
    return [f"INPUT_{one.name.upper().replace('-', '_')}" for one in inputs if _is_free(one)]


def _is_free(one: Input) -> bool:
    return one.type not in _ONE_LINE and one.pattern is None


def _foreign(environment: Mapping[str, str], inputs: Iterable[Input]) -> Iterator[str]:
    """The variables whose values come from outside and may hold line ends."""
    bound = {one.name.lower() for one in inputs if not _is_free(one)}
    for name, value in environment.items():
        try:
            references = parse_template(value).references
        except ExpressionError:
            continue
        if any(_is_foreign(path, bound) for path in references):
            yield name


def _is_foreign(path: tuple[str, ...], bound: Collection[str]) -> bool:
    if path[0] == "inputs":
        return path[1:2] == () or path[1].lower() not in bound
    return path[:2] in {("event", "data"), ("event", "body"), ("event", "headers")}
