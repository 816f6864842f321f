"""Golden files of conversions. What this version does not carry out yet is a comment in a chain, and a point; neither counts here, so
that whoever brings a feature need not touch them. ``test_settling.py`` has the claims about it."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from chainwright.daemon.importers.report import Converted
from chainwright.daemon.lint.formats.text import rendered_one

Golden = Callable[[Path, str, str], None]


def taken_back_in(chain: str) -> str:
    """The chain without comment signs."""
    return re.sub(r"(?m)^( *)(?:# ?)+", r"\1", chain)


@pytest.fixture
def points() -> Callable[[Converted], str]:
    """What a person is told, but for what is not supported yet."""

    def told(result: Converted) -> str:
        lasting = (point for point in result.points if point.rule != "not-supported")
        return "".join(rendered_one(point, result.source) for point in lasting)

    return told


@pytest.fixture
def golden() -> Golden:
    """Holds a text against the file beside a case; ``CHAINWRIGHT_REGENERATE=1`` writes the file."""

    def hold(case: Path, ending: str, text: str) -> None:
        file = case.with_suffix(ending)
        if os.environ.get("CHAINWRIGHT_REGENERATE") and text:
            file.write_text(text, encoding="utf-8")
        kept = file.read_text(encoding="utf-8") if file.exists() else ""

        assert taken_back_in(kept) == taken_back_in(text)

    return hold
