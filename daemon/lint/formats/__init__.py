"""How diagnostics are shown: :data:`FORMATS` maps a name to the function that makes the text."""

from collections.abc import Callable
from typing import Final

from chainwright.daemon.lint.formats import github, json, sarif, text
from chainwright.daemon.lint.linted import Linted

FORMATS: Final[dict[str, Callable[[Linted], str]]] = {
    "text": text.rendered,
    "json": json.rendered,
    "github": github.rendered,
    "sarif": sarif.rendered,
}
"""Each gives the whole output, with a line end when it is not empty."""
