"""A password or a token that stands in a file."""

import re
from collections.abc import Iterator
from typing import Final

from chainwright.daemon.definition.nodes import Node, Path, Scalar, scalars
from chainwright.daemon.definition.source import Source
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject

_TOKEN: Final = re.compile(
    r"gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,}|glpat-[A-Za-z0-9_-]{20}|AKIA[0-9A-Z]{16}"
    r"|xox[abprs]-[0-9]{6,}-[A-Za-z0-9-]{10,}|sk-(?:ant-|proj-)?[A-Za-z0-9_-]{32,}|AIza[0-9A-Za-z_-]{35}"
    r"|sk_live_[0-9A-Za-z]{24,}|npm_[A-Za-z0-9]{36}|-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"
)
"""Tokens that tell what they are, and private keys."""

_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]*://[^\s:/@$]+:[^\s:/@${]{6,}@")
"""With a password."""

_NAMED: Final = re.compile(r"(?:.*_)?(?:TOKEN|PASSWORD|PASSWD|PASSPHRASE|SECRET|API_?KEY|PRIVATE_KEY)", re.IGNORECASE)
_OPAQUE: Final = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[^\s$/{}<>]{12,}")
"""What a person would not write as a placeholder, a path or a variable."""

_VALUES: Final = frozenset({"env", "with", "vars"})
_HINT: Final = "take it out of the repository and make it invalid: whoever can read the history has it"


class SecretLiteral(Rule):
    """The message does not repeat it."""

    name = "secret-literal"
    doc = "A password, a token or a private key stands in the file."
    why = (
        "Everybody who can read the repository has it, now and in its history, and it is shown wherever the chain is. Name the secret "
        "in `secrets` and keep its value with the daemon."
    )
    bad = """
        agents:
          post: {env: {BLOG_TOKEN: 9f8a7c6b5d4e3f2a1b0c}, run: ./post.sh}
    """
    good = """
        agents:
          post: {env: {BLOG_TOKEN_FILE: /run/secrets/blog}, run: ./post.sh}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such text."""
        yield from secret_literals(subject.document.source, subject.root)


def secret_literals(source: Source, root: Node) -> Iterator[Finding]:
    """The texts of a chain or of a reusable agent that hold one."""
    for path, scalar in scalars(root):
        if not isinstance(scalar.value, str):
            continue
        if found := _TOKEN.search(scalar.value) or ("://" in scalar.value and _ADDRESS.search(scalar.value)):
            what = _kind(found[0])
            span = source.within(scalar, found.start(), len(found[0].split("\n")[0]))
            yield Finding(span=span, message=f"{what} stands here in plain text", hint=_HINT)
        elif _is_named(path, scalar):
            yield Finding(
                span=scalar.span,
                message=f'what looks like the value of "{path[-1]}" stands here in plain text',
                hint=_HINT,
            )


def _kind(text: str) -> str:
    if "PRIVATE KEY" in text:
        return "a private key"
    return "an address with a password" if "://" in text else "what looks like an access token"


def _is_named(path: Path, scalar: Scalar) -> bool:
    if len(path) < 2 or path[-2] not in _VALUES or not _NAMED.fullmatch(str(path[-1])):
        return False
    return bool(_OPAQUE.fullmatch(str(scalar.value)))
