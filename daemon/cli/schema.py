"""``schema``: the published JSON Schemas, as they are committed."""

from importlib import resources

import click

from chainwright.daemon.cli.client import quoted
from chainwright.daemon.cli.output import show_json
from chainwright.daemon.cli.place import Place
from chainwright.daemon.cli.verbs import near


@click.command(short_help="Print a published JSON Schema.")
@click.argument("name", default="chain")
@click.option("--draft-07", "draft_07", is_flag=True, help="The twin for editors.")
@click.option("--inputs", "of_inputs", is_flag=True, help="Of the inputs of NAME, a chain in force.")
@click.pass_obj
def schema(place: Place, name: str, draft_07: bool, of_inputs: bool) -> None:
    """Print the JSON Schema (draft 2020-12) of NAME, as chain or agent; or with --inputs that of a deployed chain's inputs."""
    if of_inputs:
        show_json(place.client.get(f"/inputs/{'/'.join(map(quoted, name.split('/')))}"))
    else:
        click.echo(published(name, draft_07=draft_07), nl=False)


def published(name: str, *, draft_07: bool) -> str:
    """The text of a committed schema. Raises a usage error for an unknown name, with the known ones."""
    file = resources.files("chainwright.schemas") / f"{name}{'.draft-07' if draft_07 else ''}.schema.json"
    if not file.is_file():
        known = names()
        raise click.UsageError(f'there is no schema "{name}"{near(name, known)}; there are: {", ".join(known)}')
    return file.read_text(encoding="utf-8")


def names() -> list[str]:
    """What has a published schema."""
    files = (file.name for file in resources.files("chainwright.schemas").iterdir())
    return sorted(name.partition(".")[0] for name in files if name.endswith(".schema.json") and "draft-07" not in name)
