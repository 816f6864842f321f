"""Whatever a file holds is answered with a chain or with diagnostics, and with nothing else.

``CHAINWRIGHT_FUZZ_EXAMPLES`` is how many inputs are tried, 10,000 unless it says otherwise. Each example is a good chain or a
piece of one, in which some pieces are replaced, doubled, cut or swapped for what the language treats specially.
"""

import os
from pathlib import Path
from random import Random
from typing import Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chainwright.daemon.lint.formats import FORMATS
from chainwright.daemon.lint.linter import lint_repository
from chainwright.schemas.diagnostic import Severity

EXAMPLES: Final = int(os.environ.get("CHAINWRIGHT_FUZZ_EXAMPLES", "10000"))
AT_ONCE: Final = 50
"""Inputs of one example, from the seed that is told when one fails: drawing each by itself costs more than linting it."""

CASES: Final = Path(__file__).parents[2] / "lint" / "cases"
SEEDS: Final = [path.read_bytes()[:600] for path in sorted(CASES.iterdir()) if path.suffix in {".yaml", ".json"}]
PIECES: Final = [
    *(
        b"\n",
        b" ",
        b"\t",
        b":",
        b": ",
        b"- ",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b'"',
        b"'",
        b"|",
        b">",
        b"#",
        b"&a ",
        b"*a",
        b"!!str ",
    ),
    *(
        b"<<: ",
        b"? ",
        b"---\n",
        b"%YAML 1.1\n",
        b"~",
        b"null",
        b"true",
        b"-1",
        b"1e9",
        b".nan",
        b"0x",
        b"9" * 30,
        b"\x00",
        b"\xff",
    ),
    *(
        b"\xef\xbb\xbf",
        b"\xe2\x80\xa8",
        b"\xf0\x9f\x98\x80",
        b"${{ ",
        b" }}",
        b"${{ inputs.x }}",
        b"'",
        b"$",
        b"\\",
        b"\r",
        b"\\ud800",
    ),
    *(
        b"agents:\n",
        b"  a:\n",
        b"    run: x\n",
        b"on: ",
        b"needs: ",
        b"emits: ",
        b"any",
        b"all",
        b"quorum",
        b"a.finished",
        b"if: ",
    ),
    *(
        b"with: ",
        b"uses: agents/x",
        b"steps: ",
        b"jobs:\n",
        b"strategy: ",
        b"retry: ",
        b"timeout: ",
        b"90s",
        b"cron: '* * * * *'",
    ),
]


def edited(chance: Random) -> bytes:
    """One of the seeds, at up to six places of which up to twelve bytes were replaced by a piece."""
    text = chance.choice(SEEDS)
    for _ in range(chance.randint(0, 6)):
        at, length = chance.randint(0, len(text)), chance.randint(0, 12)
        piece = chance.choice(PIECES) if chance.random() < 0.8 else chance.randbytes(chance.randint(0, 4))
        text = text[:at] + piece + text[at + length :]
    return text


@settings(
    max_examples=EXAMPLES // AT_ONCE,
    derandomize=EXAMPLES <= 10_000,  # the same in every CI; a longer campaign looks elsewhere each time
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.integers(0, 2**64))
def test_any_file_gives_a_chain_or_errors_with_places_in_it(seed: int) -> None:
    chance = Random(seed)
    for _ in range(AT_ONCE):
        _is_answered(f"workflows/fuzz.{chance.choice(['yaml', 'yaml', 'yaml', 'json'])}", edited(chance))


def _is_answered(path: str, content: bytes) -> None:
    result = lint_repository({path: content})
    lines = len(result.sources[path].lines)

    assert bool(result.chains) != any(one.severity is Severity.ERROR for one in result.diagnostics)
    assert all(1 <= one.span.line <= lines + 1 and one.span.column >= 1 for one in result.diagnostics)
    assert (FORMATS["text"](result) == "") == (not result.diagnostics)
