"""Whatever a file holds is answered with a chain or with diagnostics, and with nothing else.

``CHAINWRIGHT_FUZZ_EXAMPLES`` is how many inputs are tried, 10,000 unless it says otherwise. Each example is a good chain or a
piece of one, in which some pieces are replaced, doubled, cut or swapped for what the language treats specially.
"""

import os
from pathlib import Path
from typing import Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chainwright.daemon.lint.formats import FORMATS
from chainwright.daemon.lint.linter import lint_repository
from chainwright.schemas.diagnostic import Severity

EXAMPLES: Final = int(os.environ.get("CHAINWRIGHT_FUZZ_EXAMPLES", "10000"))
AT_ONCE: Final = 5
"""Inputs of one example: drawing costs more than linting."""

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

edits = st.lists(
    st.tuples(st.integers(0, 600), st.integers(0, 12), st.sampled_from(PIECES) | st.binary(max_size=4)), max_size=6
)


def edited(seed: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    """The seed with ``length`` bytes at each place replaced by a piece."""
    for place, length, piece in changes:
        at = place % (len(seed) + 1)
        seed = seed[:at] + piece + seed[at + length :]
    return seed


@settings(
    max_examples=EXAMPLES // AT_ONCE,
    derandomize=EXAMPLES <= 10_000,  # the same in every CI; a longer campaign looks elsewhere each time
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(first=st.integers(0, len(SEEDS) - 1), changes=edits, ending=st.sampled_from(["yaml", "yaml", "yaml", "json"]))
def test_any_file_gives_a_chain_or_errors_with_places_in_it(
    first: int, changes: list[tuple[int, int, bytes]], ending: str
) -> None:
    path = f"workflows/fuzz.{ending}"
    for seed in (SEEDS * 2)[first : first + AT_ONCE]:
        result = lint_repository({path: edited(seed, changes)})
        lines = len(result.sources[path].lines)

        assert bool(result.chains) != any(one.severity is Severity.ERROR for one in result.diagnostics)
        assert all(1 <= one.span.line <= lines + 1 and one.span.column >= 1 for one in result.diagnostics)
        assert (FORMATS["text"](result) == "") == (not result.diagnostics)
