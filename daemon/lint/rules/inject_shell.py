"""``${{ }}`` that pastes what others control into a script."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from chainwright.daemon.core.expressions import Reference
from chainwright.daemon.definition.source import Source
from chainwright.daemon.lint.expressions import may_stand_in_script, place
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject
from chainwright.daemon.lint.texts import Text

_EXPRESSION: Final = re.compile(r"\$\{\{.*?\}\}")
_NO_NAME: Final = re.compile(r"[^A-Z0-9]+")


class InjectShell(Rule):
    """A value pasted into a script is run as code: a topic called ``"; rm -rf ~; "`` would be. The environment carries it safely."""

    name = "inject-shell"
    doc = "A script pastes in a value that its author does not control."

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such path, with the corrected lines."""
        yield from injections(subject.document.source, subject.texts)


def injections(source: Source, texts: Iterable[Text]) -> Iterator[Finding]:
    """The paths in scripts that may not be there."""
    for text in texts:
        for reference in text.references if text.role == "run" else ():
            if not may_stand_in_script(reference.path):
                span = place(source, text, reference)
                yield Finding(
                    span=span,
                    message=f'"{".".join(reference.path)}" would be pasted into the script and run as part of it',
                    hint=_fix(source.line(span.line), text, reference),
                )


def _fix(line: str, text: Text, reference: Reference) -> str:
    """The lines as they should be: the value by the environment, the script with the variable."""
    opened = text.written.rfind("${{", 0, reference.offset + 1)
    found = _EXPRESSION.match(text.written, opened) if opened >= 0 else None
    expression = found[0] if found else f"${{{{ {'.'.join(reference.path)} }}}}"
    variable = _NO_NAME.sub("_", ".".join(reference.path[-1:]).upper()).strip("_") or "VALUE"
    corrected = _with_variable(line, expression, variable).strip()
    return f"hand it over in the environment:\nenv: {{{variable}: '{expression}'}}\n{corrected}"


def _with_variable(line: str, expression: str, variable: str) -> str:
    """In double quotes, so that the shell splits nothing; already quoted ones are not doubled."""
    quoted = f'"{expression}"'
    return line.replace(quoted, f'"${variable}"') if quoted in line else line.replace(expression, f'"${variable}"')
