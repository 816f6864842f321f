"""A secret among the arguments of a program."""

import re
from collections.abc import Collection, Iterator
from typing import Final

from chainwright.daemon.core.secret_texts import mentions
from chainwright.daemon.definition.source import Source
from chainwright.daemon.lint.handover import environment_of
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.shell_text import outside_comments, quoting_at
from chainwright.daemon.lint.subject import Subject
from chainwright.daemon.lint.texts import Text

_PROGRAM: Final = re.compile(
    r"(?<![\w./-])(?P<program>curl|wget|git|gh|glab|docker|podman|mysql|psql|redis-cli|mongosh|sshpass|openssl|rclone|http|https"
    r"|npm|yarn|twine|aws|az|gcloud|kubectl|helm|vault|python3?|node)\s(?P<arguments>(?:[^\n;|&<\\]|\\[\s\S])*)"
)
"""Programs that are handed passwords and tokens; what the shell does itself, such as ``echo`` and ``test``, starts no process."""

_VARIABLE: Final = re.compile(r"\$\{?([A-Za-z_]\w*)")


class SecretArgv(Rule):
    """What follows ``<`` is no argument, and within single quotes nothing is a variable."""

    name = "secret-argv"
    doc = "A script gives a secret to a program as an argument."
    why = (
        "The arguments of a process can be read by everybody on its machine, and end up in the logs of many tools. Standard input, the "
        "environment or a file only of that user keep it."
    )
    bad = """
        agents:
          post:
            secrets: [TOKEN]
            run: |
              curl -H "Authorization: Bearer $TOKEN" https://example.org/posts
    """
    good = """
        agents:
          post:
            secrets: [TOKEN]
            run: |
              curl -H @- https://example.org/posts <<< "Authorization: Bearer $TOKEN"
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such argument."""
        for text in subject.texts:
            agent = subject.agents.get(text.agent or "")
            if text.role == "run" and agent is not None:
                environment = environment_of(subject.root, text)
                from_secrets = [name for name, value in environment.items() if mentions(value)]
                yield from secret_arguments(subject.document.source, text, {*agent.secrets, *from_secrets})


def secret_arguments(source: Source, text: Text, secrets: Collection[str]) -> Iterator[Finding]:
    """The places of a script where a variable of these is an argument."""
    for command in _PROGRAM.finditer(outside_comments(text.written)) if secrets else ():
        for found in _VARIABLE.finditer(command["arguments"]):
            offset = command.start("arguments") + found.start()
            if found[1] in secrets and quoting_at(text.written, offset) in {"bare", "double"}:
                yield Finding(
                    span=source.within(text.scalar, offset, len(found[0])),
                    message=f'the secret in "{found[1]}" would be an argument of "{command["program"]}", which everybody can see',
                    hint=_HINTS.get(command["program"], "hand it over by standard input or by a file"),
                )


_HINTS: Final = {
    "curl": 'by standard input: curl -H @- … <<< "Authorization: Bearer $TOKEN"',
    "docker": 'by standard input: printf %s "$PASSWORD" | docker login --password-stdin',
    "gh": "gh reads the variable GH_TOKEN by itself",
    "mysql": "mysql reads a file: --defaults-extra-file",
    "psql": "psql reads the variable PGPASSWORD by itself",
}
