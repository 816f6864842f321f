"""The table of verbs, and a click group that imports a verb only when it is called."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Final

import click


@dataclass(frozen=True, slots=True)
class Verb:
    """Where a command is, and its line in the help: repeated here, so that the help imports nothing."""

    target: str
    does: str


SECTIONS: Final[dict[str, dict[str, Verb]]] = {
    "Runs": {
        "run": Verb("run:run", "Start a run of a chain."),
        "runs": Verb("runs:runs", "List runs, newest first."),
        "show": Verb("show:show", "Show a run: its agents, turns and attempts."),
        "logs": Verb("logs:logs", "Print what an agent wrote to its terminal."),
        "artifacts": Verb("artifacts:artifacts", "List the files of a run, or fetch one."),
        "events": Verb("events:events", "List the events of a run and what became of them."),
        "journal": Verb("journal:journal", "List every fact and decision of a run."),
        "explain": Verb("show:explain", "Say why an agent is where it is."),
        "cancel": Verb("runs:cancel", "End a run; again: end its cleaning agents too."),
        "inbox": Verb("inbox:inbox", "List everything that waits for people."),
        "approvals": Verb("approvals:approvals", "List what waits for people."),
        "approve": Verb("approvals:approve", "Let go on what waits for people."),
        "reject": Verb("approvals:reject", "Refuse what waits for people."),
        "retry": Verb("runs:retry", "Run the same commit with the same inputs again."),
        "pushes": Verb("pushes:pushes", "List what was pushed, what it started, and why not more."),
        "deliveries": Verb("deliveries:deliveries", "List deliveries of webhooks, show one, replay one."),
        "emit": Verb("events:emit", "Emit an event: from within an agent, into a run, or to chains."),
    },
    "Terminals": {
        "attach": Verb("attach:attach", "Watch an agent's terminal, or take it over."),
        "sessions": Verb("sessions:sessions", "List terminal sessions."),
        "signal": Verb("signal_:signal", "Interrupt, terminate or kill an agent's processes."),
    },
    "Definitions": {
        "init": Verb("init:init", "Begin a chain repository with a chain that runs."),
        "lint": Verb("lint:lint", "Check chain files, and mend them."),
        "cron": Verb("cron:cron", "Say what a cron line means and when it is due."),
        "eval": Verb("eval:evaluation", "Try an expression."),
        "plan": Verb("plan:plan", "Say what a change would do, without doing it."),
        "match": Verb("match:match", "Try a filter of branches, tags or paths."),
        "graph": Verb("graph:graph", "Draw a chain: who starts whom."),
        "import": Verb("import_:import_", "Bring chains of other tools along."),
        "schema": Verb("schema:schema", "Print a published JSON Schema."),
        "chains": Verb("definitions:chains", "List the chains in force."),
        "statistics": Verb("statistics:statistics", "Say how the last runs of a chain went."),
        "remote": Verb("remote:remote", "Print where to push to, and host a repository."),
        "changes": Verb("changes:changes", "List change requests; show, answer, merge one."),
        "schedules": Verb("schedules:schedules", "List, pause, resume and run schedules."),
        "deployments": Verb("definitions:deployments", "List the commits in force."),
        "rollback": Verb("rollback:rollback", "Put an earlier commit in force."),
        "promote": Verb("rollback:promote", "Put what one environment has in force in another."),
    },
    "Daemon": {
        "up": Verb("up:up", "Start the daemon."),
        "down": Verb("down:down", "Stop the daemon; sessions go on."),
        "dashboard": Verb("dashboard:dashboard", "Print a link that signs a browser in."),
        "doctor": Verb("doctor:doctor", "Check this machine and the daemon."),
        "hosts": Verb("hosts:hosts", "List the machines that agents run on; add, test, trust, drain one."),
        "config": Verb("config:config", "List the daemon's settings and where each was set."),
        "secrets": Verb("secrets:secrets", "List the secrets that chains ask for."),
        "version": Verb("version:version", "Print the versions of client and daemon."),
        "completion": Verb("completion:completion", "Print a shell's completion script."),
    },
}

VERBS: Final = {name: verb for section in SECTIONS.values() for name, verb in section.items()}


class Verbs(click.Group):
    """Every verb of the table, imported late."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the table."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now; None when there is no such verb."""
        verb = VERBS.get(cmd_name)
        if verb is None:
            return None
        module, _, attribute = verb.target.partition(":")
        command: click.Command = getattr(import_module(f"{__package__}.{module}"), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's, but an unknown verb is answered with the nearest of the table."""
        name = args[0]
        if name in VERBS or name.startswith("-"):
            return super().resolve_command(ctx, args)
        raise click.UsageError(f'there is no command "{name}"{near(name, VERBS)}', ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The help's lists, from the table alone."""
        for title, section in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, verb.does) for name, verb in section.items()])


def near(name: str, known: Iterable[str]) -> str:
    """`` - did you mean "x"?`` for the nearest known name, or nothing when none is near."""
    from difflib import get_close_matches

    found = get_close_matches(name, list(known), n=1)
    return f' - did you mean "{found[0]}"?' if found else ""
