"""``run``: start a run of a chain and, if asked, wait for it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from chainwright.daemon.cli.client import Client, quoted
from chainwright.daemon.cli.failures import Failure, Refused
from chainwright.daemon.cli.following import follow_run
from chainwright.daemon.cli.output import json_option, show_json, talk
from chainwright.daemon.cli.place import Place
from chainwright.daemon.cli.times import seconds
from chainwright.daemon.cli.verbs import near
from chainwright.daemon.core.refusals import Code


@click.command(short_help="Start a run of a chain.")
@click.argument("chain")
@click.option(
    "-i",
    "--input",
    "inputs",
    multiple=True,
    metavar="NAME=VALUE",
    help="An input, a file as NAME=@PATH; may be repeated.",
)
@click.option("--ref", help="The chain as of another commit, branch or tag.")
@click.option("--environment", metavar="NAME", help="Where the chain is deployed, when not in the default.")
@click.option("--key", metavar="TEXT", help="Idempotency key: the same one always leads to the same run.")
@click.option("-w", "--wait", is_flag=True, help="Wait for its end; exit code 0 when it succeeded, else 1.")
@click.option("-f", "--follow", is_flag=True, help="Watch it until its end; exit codes as with --wait.")
@click.option(
    "--timeout", type=seconds, metavar="TIME", help="Wait at most so long (90s, 20m), then exit 124; it goes on."
)
@json_option
@click.pass_obj
def run(
    place: Place, /, chain: str, *, wait: bool, follow: bool, timeout: float | None, as_json: bool, **asked: Any
) -> int:
    """Start a run of CHAIN. Prints its id; with --wait or --follow the exit code says how it ended.

    Leaving with Ctrl-C leaves the run going.
    """
    if timeout is not None and not (wait or follow):
        raise click.UsageError("--timeout belongs to --wait or --follow")
    client = place.client
    started = _start(client, chain, **asked)
    if not (wait or follow):
        _tell(started, as_json)
        return 0
    if not as_json:
        click.echo(started["id"])
    return follow_run(client, started["id"], as_json=as_json, quiet=not follow, limit_s=timeout)


def _tell(started: dict[str, Any], as_json: bool) -> None:
    if as_json:
        show_json(started)
        return
    click.echo(started["id"])
    talk(f"{started['chain']} #{started['number']} started; watch it: chainwright show {started['id']} --follow")


def _start(
    client: Client, chain: str, *, inputs: tuple[str, ...], ref: str | None, environment: str | None, key: str | None
) -> dict[str, Any]:
    body: dict[str, Any] = {"chain": chain, "ref": ref, "environment": environment}
    try:
        texts = split(inputs)
        declared = _declared(client, chain, ref) if texts else {}
        body["inputs"] = _sent(client, typed(texts, declared), declared)
        started: dict[str, Any] = client.post("/runs", body, {"Idempotency-Key": key} if key else None)
    except Refused as refused:
        if refused.code == Code.NOT_FOUND:
            refused.hint = _nearest(client, chain) or refused.hint
        raise
    return started


def _sent(client: Client, values: dict[str, Any], declared: dict[str, str]) -> dict[str, Any]:
    """The values, the files among them sent and named by their references."""
    return {
        name: _sent_file(client, name, value) if declared.get(name) == "file" else value
        for name, value in values.items()
    }


def _sent_file(client: Client, name: str, written: str) -> dict[str, Any]:
    if not written.startswith("@"):
        raise click.UsageError(f"-i {name}={written}: a file is given as {name}=@PATH")
    try:
        return client.send_file(Path(written[1:]))
    except OSError as fault:
        raise click.UsageError(f"-i {name}={written}: {fault.strerror}") from None


def _declared(client: Client, chain: str, ref: str | None) -> dict[str, str]:
    """Input → type, as the chain declares them."""
    found = client.get(f"/chains/{'/'.join(map(quoted, chain.split('/')))}", ref=ref)
    return {one["name"]: one["type"] for one in found["inputs"]}


def _nearest(client: Client, chain: str) -> str:
    try:
        known = [one["id"] for one in client.items("/chains")]
    except Failure:
        return ""
    return near(chain, known).removeprefix(" - ") or (f"there are: {', '.join(known)}" if known else "")


def split(written: tuple[str, ...]) -> dict[str, str]:
    """Name → text of each ``name=value``; a usage error for anything else."""
    pairs = {}
    for one in written:
        name, found, value = one.partition("=")
        if not name or not found:
            raise click.UsageError(f"-i {one}: write it as NAME=VALUE")
        pairs[name] = value
    return pairs


def typed(texts: dict[str, str], declared: dict[str, str]) -> dict[str, Any]:
    """Texts as values of the declared types. What does not fit, or is not declared, stays text: the daemon says why it is wrong.

    Of type json a text would do; so what is no JSON is a usage error, and not a text by accident.
    """
    return {name: _value(name, text, declared.get(name, "string")) for name, text in texts.items()}


def _truth(text: str) -> bool:
    return {"true": True, "false": False}[text]


_READ: Final[dict[str, Callable[[str], Any]]] = {
    "integer": int,
    "number": float,
    "boolean": _truth,
    "json": json.loads,
}


def _value(name: str, text: str, kind: str) -> Any:
    try:
        return _READ.get(kind, str)(text)
    except (ValueError, KeyError) as fault:
        if kind == "json":
            raise click.UsageError(f"-i {name}: this is not JSON ({fault}); a text needs its own quotes") from None
        return text
