"""``show`` and ``explain``: one run, and one agent of it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click

from chainwright.daemon.cli import marks, times
from chainwright.daemon.cli.client import quoted
from chainwright.daemon.cli.legs import leg_of
from chainwright.daemon.cli.output import Column, field, json_option, printable, show_json, show_rows, state_column
from chainwright.daemon.cli.place import Place

ATTEMPTS: Final = (
    Column("AGENT", field("agent")),
    Column("TURN", field("turn")),
    Column("LEG", field("leg")),
    Column("ATTEMPT", field("attempt")),
    state_column(),
    Column("EXIT", field("exit_code")),
    Column("TOOK", times.taken),
    Column("WHY", marks.why),
)


@click.command(short_help="Show a run: its agents, turns and attempts.")
@click.argument("run", default="@last")
@click.option("-f", "--follow", is_flag=True, help="Watch it until its end.")
@click.option("--graph", "as_picture", flag_value="graph", help="Who has started whom.")
@click.option("--timeline", "as_picture", flag_value="timeline", help="When each waited and worked.")
@json_option
@click.pass_obj
def show(place: Place, run: str, follow: bool, as_picture: str | None, as_json: bool) -> int:
    """Show RUN (an id, the beginning of one, or @last): a line for each attempt, and for each of its steps."""
    if as_picture is not None:
        from chainwright.daemon.cli.pictures import show_graph, show_timeline

        {"graph": show_graph, "timeline": show_timeline}[as_picture](place.client, run, as_json=as_json)
        return 0
    detail = place.client.get(f"/runs/{quoted(run)}")
    if follow:
        from chainwright.daemon.cli.following import follow_run

        return follow_run(place.client, detail["id"], as_json=as_json)
    if as_json:
        show_json(detail)
        return 0
    _head(detail)
    show_rows(list(attempts(detail)), ATTEMPTS, as_json=False, empty="It has no agents.")
    _tail(detail, place.home.cache / "repository.git")
    return 0


def attempts(detail: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A row for each attempt, and one for each agent, turn or leg that has none; times of the former."""
    for name, agent in detail["agents"].items():
        if not agent["turns"]:
            yield _row(name, agent, None)
        for turn in agent["turns"]:
            if not turn["attempts"] and not turn["legs"]:
                yield _row(name, turn, turn["turn"])
            for attempt in turn["attempts"]:
                leg = leg_of(turn, attempt)
                yield {**attempt, "agent": name, "turn": turn["turn"], "leg": leg["name"] if leg else None}
                yield from (_step(step) for step in attempt["steps"])
            begun = {attempt["leg"] for attempt in turn["attempts"]}
            yield from (_row(name, leg, turn["turn"], leg["name"]) for leg in turn["legs"] if leg["leg"] not in begun)


def _step(step: dict[str, Any]) -> dict[str, Any]:
    """A row below its attempt's."""
    forgiven = "forgiven" if step["conclusion"] != step["outcome"] else None
    absent = {"turn": None, "leg": None, "attempt": None}
    return {**step, **absent, "agent": f"  {marks.step_name(step)}", "reason": forgiven}


def _row(agent: str, thing: dict[str, Any], turn: int | None, leg: str | None = None) -> dict[str, Any]:
    absent = {"attempt": None, "exit_code": None, "started_at": None, "ended_at": None}
    return {**thing, **absent, "agent": agent, "turn": turn, "leg": leg}


def _head(run: dict[str, Any]) -> None:
    sign = marks.mark(run)
    state = click.style(f"{sign.sign} {marks.word(run)}", fg=sign.style, bold=True)
    click.echo(f"{click.style(run['id'], bold=True)}  {run['chain']} #{run['number']}  {state}  {times.taken(run)}")
    trigger = " ".join(
        filter(None, (marks.cause(run), "by" if run["retry_of"] or run["parent"] else "", run["trigger"].get("actor")))
    )
    is_other = run["definition_commit"] != run["commit"]
    defined = f"  definition {run['definition_commit'][:10]}" if is_other else ""
    click.echo(f"commit {run['commit'][:10]}{defined}  trigger {trigger}  created {times.stamp(run['created_at'])}")
    if reason := marks.why(run):
        click.echo(f"reason {printable(reason)}")
    for retry in run["retries"]:
        click.echo(f"retried by {retry}")
    _pairs("input", run["inputs"])
    click.echo()


def _tail(run: dict[str, Any], copy: Path) -> None:
    branches = [row["branch"] for row in attempts(run) if row.get("branch")]
    if run["outputs"] or branches or run["told"]:
        click.echo()
    for told in run["told"]:
        click.echo(f"{told['name']} → chain {told['chain']}: {_fate(told)}")
    for branch in dict.fromkeys(branches):
        click.echo(f"branch {branch} in {copy}")
    _pairs("output", run["outputs"])


def _fate(told: dict[str, Any]) -> str:
    """What became of telling a chain something."""
    if told["run_id"]:
        return f"run {told['run_id']}"
    return printable(": ".join(filter(None, (told["fate"] or "not told yet", told["reason"]))))


def _pairs(kind: str, values: dict[str, Any]) -> None:
    for name, value in values.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        click.echo(f"{kind} {name} = {printable(text)}")


@click.command(short_help="Say why an agent is where it is.")
@click.argument("run")
@click.argument("agent")
@json_option
@click.pass_obj
def explain(place: Place, run: str, agent: str, as_json: bool) -> None:
    """Say why AGENT of RUN is where it is: what it waits for, or how it came to its end."""
    told = place.client.get(f"/runs/{quoted(run)}/agents/{quoted(agent)}/explanation")
    if as_json:
        show_json(told)
        return
    sign = marks.mark(told)
    click.echo(f"{told['agent']}  {click.style(f'{sign.sign} {marks.word(told)}', fg=sign.style)}")
    for line in told["lines"]:
        click.echo(f"  {printable(line)}")
