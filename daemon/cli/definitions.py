"""``chains`` and ``deployments``: what is in force."""

from typing import Any, Final

import click

from chainwright.daemon.cli import times
from chainwright.daemon.cli.output import Column, field, json_option, printable, show_rows, talk
from chainwright.daemon.cli.place import Place


def _next(chain: dict[str, Any]) -> float | None:
    return min((one["next"] for one in chain["schedules"] if one["next"] is not None), default=None)


CHAINS: Final = (
    Column("CHAIN", field("id")),
    Column("NAME", field("name")),
    Column("AGENTS", lambda chain: len(chain["agents"])),
    Column("INPUTS", lambda chain: " ".join(one["name"] for one in chain["inputs"])),
    Column("NEXT", lambda chain: times.stamp(_next(chain))),
    Column("FILE", field("path")),
    Column("COMMIT", lambda chain: (chain["commit"] or "")[:10]),
    Column("WEBHOOKS", lambda chain: " ".join(one["path"] for one in chain["webhooks"])),
)

DEPLOYMENTS: Final = (
    Column("REPOSITORY", field("repository")),
    Column("ENVIRONMENT", field("environment")),
    Column("COMMIT", lambda one: (one["commit"] or "")[:10]),
    Column("DEPLOYED", lambda one: times.stamp(one["deployed_at"]), lambda one: times.ago(one["deployed_at"])),
    Column("BY", lambda one: " ".join(filter(None, [one["cause"], one["actor"]]))),
    Column("CHAINS", lambda one: len(one["chains"])),
    Column("REFUSED SINCE", lambda one: one["refused"]["commit"][:10] if one["refused"] else ""),
    Column("PROBLEM", field("problem")),
)


@click.command(short_help="List the chains in force.")
@json_option
@click.pass_obj
def chains(place: Place, as_json: bool) -> None:
    """List the chains in force: what `run` can start."""
    found = place.client.items("/chains")
    show_rows(found, CHAINS, as_json=as_json, empty="Nothing is deployed. Begin with: chainwright init")


HISTORY: Final = (
    Column("DEPLOYMENT", field("id"), lambda one: f"{one['id']}{' ←' if one['in_force'] else ''}"),
    Column("COMMIT", lambda one: one["commit"][:10]),
    Column("DEPLOYED", lambda one: times.stamp(one["deployed_at"]), lambda one: times.ago(one["deployed_at"])),
    Column("BY", lambda one: " ".join(filter(None, [one["cause"], one["actor"]]))),
    Column("CHAINS", lambda one: len(one["chains"])),
    Column("RUNS", lambda one: one["runs"] or ""),
    Column("MESSAGE", field("message")),
)


REFUSALS: Final = (
    Column("COMMIT", lambda one: one["commit"][:10]),
    Column("REFUSED", lambda one: times.stamp(one["refused_at"]), lambda one: times.ago(one["refused_at"])),
    Column("BECAUSE", lambda one: one["diagnostics"][0] if one["diagnostics"] else ""),
)


@click.command(short_help="List the commits in force.")
@click.option("--environment", metavar="NAME", help="Only this one.")
@click.option("--repository", metavar="NAME", help="Only of this one.")
@click.option("--history", is_flag=True, help="What was in force in one environment, newest first.")
@click.option("--refused", is_flag=True, help="Commits that did not load in one environment, newest first.")
@click.option(
    "-n", "--limit", type=click.IntRange(1, 1_000), default=50, show_default=True, help="Of history and refusals."
)
@click.option("--reconcile", is_flag=True, help="Look at the repositories first.")
@json_option
@click.pass_obj
def deployments(
    place: Place, /, *, history: bool, refused: bool, limit: int, reconcile: bool, as_json: bool, **named: str | None
) -> None:
    """List the commits in force, and what was refused since then."""
    client = place.client
    if history:
        past = client.items("/deployments/history", limit=limit, **named)
        show_rows(past, HISTORY, as_json=as_json, empty="Nothing has been deployed.")
        return
    if refused:
        show_rows(
            client.items("/deployments/refusals", limit=limit, **named),
            REFUSALS,
            as_json=as_json,
            empty="Nothing was refused.",
        )
        return
    every = client.post("/deployments/reconcile")["items"] if reconcile else client.items("/deployments")
    found = [one for one in every if all(name in (None, one[key]) for key, name in named.items())]
    show_rows(found, DEPLOYMENTS, as_json=as_json, empty="Nothing is deployed. Begin with: chainwright up --repo PATH")
    for one in found if not as_json else ():
        tell_runs_elsewhere(one)
        _tell_refusal(one)


def tell_runs_elsewhere(deployment: dict[str, Any]) -> None:
    """``3 runs still on a1b2c3``, on stderr."""
    for one in deployment["runs_elsewhere"]:
        count = one["count"]
        talk(f"{count} run{'s' * (count != 1)} still on {one['commit'][:10]}")


def _tell_refusal(deployment: dict[str, Any]) -> None:
    refused = deployment["refused"]
    if refused:
        talk(f"\n{refused['commit'][:10]} was refused and {(deployment['commit'] or 'nothing')[:10]} stays in force:")
        for line in refused["diagnostics"]:
            talk(f"  {printable(line)}")
