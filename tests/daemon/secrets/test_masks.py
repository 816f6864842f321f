"""A secret is recognised in every form that security.md names."""

import base64
import json
import shlex
import subprocess
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape, quoteattr

import pytest

from chainwright.daemon.secrets.masks import LEAST_LENGTH, masks_of

VALUE = "s3'cr &\"<t>\\/+ü%\n$second line"

PRINTED = {
    "raw": VALUE,
    "a line": "$second line",
    "base64": base64.b64encode(VALUE.encode()).decode(),
    "base64url": base64.urlsafe_b64encode(VALUE.encode()).decode(),
    "hex": VALUE.encode().hex(),
    "HEX": VALUE.encode().hex().upper(),
    "url": quote(VALUE, safe=""),
    "url of a form": quote_plus(VALUE),
    "json": json.dumps(VALUE)[1:-1],
    "json of json": json.dumps(json.dumps(VALUE)[1:-1])[1:-1],
    "json with letters": json.dumps(VALUE, ensure_ascii=False)[1:-1],
    "shell": shlex.quote(VALUE),
    "xml": escape(VALUE),
    "an attribute": quoteattr(VALUE)[1:-1],
}


@pytest.mark.parametrize("form", PRINTED)
def test_each_form_is_among_the_masks(form: str) -> None:
    assert PRINTED[form] in masks_of(VALUE)


@pytest.mark.parametrize("before", ["", "a", "ab", "abc", "Basic: user:"])
@pytest.mark.parametrize("after", ["", "z", "zy"])
def test_base64_of_a_text_around_it_is_recognised(before: str, after: str) -> None:
    """By what stands before it, it begins at one of three shifts; what shares bits with its neighbours is no part of the mask."""
    coded = base64.b64encode(f"{before}{VALUE}{after}".encode()).decode()
    longest = max((mask for mask in masks_of(VALUE) if mask in coded), key=len)

    assert len(longest) >= len(VALUE.encode()) * 8 // 6 - 2


def test_base64_that_a_tool_breaks_into_lines_is_recognised_by_the_line() -> None:
    value = "x1" * 80
    coded = base64.encodebytes(value.encode()).decode().split()

    assert len(coded) > 1
    assert set(coded) <= set(masks_of(value))


def test_bash_quotes_are_recognised() -> None:
    value = "s3'cr &\"<t>\\ $x"
    said = subprocess.run(
        ["bash", "-c", 'printf %q "$1"', "-", value], check=True, capture_output=True, text=True, timeout=10
    )

    assert said.stdout in masks_of(value)


def test_what_is_hardly_longer_than_a_word_is_no_mask() -> None:
    """A line of a key file that is a bracket would mask every bracket."""
    masks = masks_of('{\n  "key": "0123456789",\n}')

    assert min(map(len, masks)) >= LEAST_LENGTH
