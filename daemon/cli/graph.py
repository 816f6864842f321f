"""``graph``: a chain as a drawing, deployed or from a file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from chainwright.daemon.cli.client import Client, quoted
from chainwright.daemon.cli.failures import Failure
from chainwright.daemon.cli.place import Place
from chainwright.daemon.web.codes import EXIT_DEFINITION

if TYPE_CHECKING:
    from chainwright.daemon.core.graph import Chain


def _tree(chain: "Chain") -> str:
    from chainwright.daemon.definition.drawing import tree

    return tree(chain)


def _mermaid(chain: "Chain") -> str:
    from chainwright.daemon.definition.drawing import mermaid

    return mermaid(chain)


def _compiled(chain: "Chain") -> str:
    from chainwright.daemon.core.graph import CHAIN_JSON

    return json.dumps(CHAIN_JSON.dump_python(chain, mode="json"), indent=2, ensure_ascii=False) + "\n"


FORMATS: Final[dict[str, Callable[["Chain"], str]]] = {"tree": _tree, "mermaid": _mermaid, "json": _compiled}


@click.command(short_help="Draw a chain: who starts whom.")
@click.argument("chain")
@click.option("--ref", help="As of another commit, branch or tag.")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="tree", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.pass_obj
def graph(place: Place, /, chain: str, *, ref: str | None, form: str, as_json: bool) -> None:
    """Draw CHAIN, a deployed chain or a chain file: who starts whom, and by which event."""
    file = Path(chain)
    found = _of_file(place, file) if file.is_file() else _deployed(place.client, chain, ref)
    click.echo(FORMATS["json" if as_json else form](found), nl=False)


def _deployed(client: Client, chain: str, ref: str | None) -> "Chain":
    from chainwright.daemon.core.graph import CHAIN_JSON

    return CHAIN_JSON.validate_python(client.get(f"/chains/{'/'.join(map(quoted, chain.split('/')))}", ref=ref))


def _of_file(place: Place, file: Path) -> "Chain":
    from chainwright.daemon.cli.lint import linted_at

    for chain in linted_at(place, (file,)).chains.values():
        return chain
    raise Failure(f"{file} does not load", f"chainwright lint {file} says why", EXIT_DEFINITION)
