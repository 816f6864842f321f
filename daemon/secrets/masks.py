"""The forms in which a secret may turn up in output: what is masked besides the value itself (security.md, masking).

People print secrets encoded, by intent or through their tools: in a URL, in JSON, as the base64 of a header. Each such form is a text
that is searched for; a form that is hardly longer than a word is left out, for it would mask what is no secret.
"""

import base64
import json
import shlex
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

LEAST_LENGTH: Final = 6
"""Characters that a secret, and each form or line of it, has to have."""

_WRAPPED_AT: Final = (76, 64)
"""Columns at which `base64` and PEM files break their lines."""
_XML_QUOTES: Final[tuple[dict[str, str], ...]] = (
    {},
    {'"': "&quot;", "'": "&apos;"},
    {'"': "&#34;", "'": "&#39;"},
    {'"': "&quot;", "'": "&#x27;"},
    {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"},
)
"""As the libraries of several languages write them in texts and in attributes."""
_BASH_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=%@:/.,")


def masks_of(value: str) -> tuple[str, ...]:
    """Every text to search for, each once, the value first."""
    forms = [form for encode in _FORMS for form in encode(value)]
    return tuple(dict.fromkeys(form for form in (value, *forms) if len(form) >= LEAST_LENGTH))


def _lines(value: str) -> Iterator[str]:
    """A secret of several lines is often printed by the line."""
    yield from (line.strip() for line in value.splitlines())


def _in_base64(value: str) -> Iterator[str]:
    """As a whole, and from within a longer text: by what is before it, it begins at one of three shifts."""
    data = value.encode()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        whole = encode(data).decode()
        yield whole
        yield whole.rstrip("=")
        yield from (_of_shift(encode, data, shift) for shift in range(3))
        yield from (whole[at : at + width] for width in _WRAPPED_AT for at in range(0, len(whole), width))


def _of_shift(encode: Callable[[bytes], bytes], data: bytes, shift: int) -> str:
    """The characters that depend on ``data`` alone: those that share bits with what is before or after it are left out."""
    coded = encode(b"\0" * shift + data).decode().rstrip("=")
    begins = (shift * 8 + 5) // 6
    ends = (shift + len(data)) * 8 // 6
    return coded[begins:ends]


def _in_hex(value: str) -> Iterator[str]:
    digits = value.encode().hex()
    yield from (digits, digits.upper())


def _in_urls(value: str) -> Iterator[str]:
    for coded in (quote(value, safe=""), quote(value), quote(value, safe="!'()*~"), quote_plus(value)):
        yield from (coded, _with_small_digits(coded))


def _with_small_digits(coded: str) -> str:
    head, *parts = coded.split("%")
    return "%".join((head, *(part[:2].lower() + part[2:] for part in parts)))


def _in_json(value: str) -> Iterator[str]:
    for coded in (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]):
        yield from (coded, coded.replace("/", "\\/"), json.dumps(coded)[1:-1])


def _in_shells(value: str) -> Iterator[str]:
    yield shlex.quote(value)
    yield value.replace("'", "'\\''")
    yield "".join(char if char in _BASH_PLAIN or not char.isascii() else f"\\{char}" for char in value)
    yield value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\t", "\\t")
    yield "".join(f"\\{char}" if char in '"\\$`' else char for char in value)


def _in_xml(value: str) -> Iterator[str]:
    yield from (escape(value, quotes) for quotes in _XML_QUOTES)


_FORMS: Final = (_lines, _in_base64, _in_hex, _in_urls, _in_json, _in_shells, _in_xml)
