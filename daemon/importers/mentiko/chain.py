"""A file of Mentiko → a chain, and the agents that carry its prompts out."""

from typing import Any, Final

from chainwright.daemon.definition.nodes import Mapping
from chainwright.daemon.definition.reading import read
from chainwright.daemon.definition.source import Findings
from chainwright.daemon.importers.draft import Draft
from chainwright.daemon.importers.fields import Fields
from chainwright.daemon.importers.mentiko import settings
from chainwright.daemon.importers.mentiko.attempts import NO_LIMIT, approval_of, retry_of, timeout_of
from chainwright.daemon.importers.mentiko.prompts import prompt_of
from chainwright.daemon.importers.mentiko.routes import Route, Router, Routes, bounded
from chainwright.daemon.importers.mentiko.source import FindAgent, SourceAgent, agents_of, dialect_of
from chainwright.daemon.importers.names import agent_id, chain_file, unlike
from chainwright.daemon.importers.placeholders import with_inputs
from chainwright.daemon.importers.report import Converted, Report
from chainwright.daemon.importers.settling import settle

DEFAULT_AGENT: Final = "assistant"
_DEFAULT_ROUNDS: Final = 3
"""Mentiko's, where the file does not say."""

_AGENT_FILE: Final = """\
# Carries out the prompts of imported chains. Put in "run" what suits you: any command that reads $CHAINWRIGHT_PROMPT.
name: {name}
run: |
  claude --print < "$CHAINWRIGHT_PROMPT"
"""
_NO_EQUAL: Final = {
    "version": "git keeps the versions of a chain",
    "gateways": "give the variables in env, keys as secrets",
    "metadata": "it has no equal here",
}
_AGENT_NO_EQUAL: Final = {
    "monitor": "the daemon watches every session by itself; attach shows it",
    "monitor_interval": "the daemon watches every session by itself; attach shows it",
    "session_prefix": "sessions are named by run, agent and attempt",
    "artifacts": "declare them as outputs of type file",
    "deliverable": "say it in the prompt, or hold the agent to it by a check",
    "verification": "hold the agent to it by a check",
    "version": "git keeps the versions of a chain",
}


def convert(path: str, data: bytes, find: FindAgent) -> Converted:
    """What becomes of the file ``path``; ``find`` gives the content of an agent that it refers to."""
    findings, report = Findings(path), Report(path)
    source, root = read(path, data, findings)
    report.take(findings.found)
    dialect = dialect_of(root) if isinstance(root, Mapping) else "blog"
    files: dict[str, str] = {}
    if root is not None and not findings.has_error:
        if isinstance(root, Mapping):
            files = _Conversion(path, root, find, report).files(dialect)
        else:
            report.error(root.span, "wrong-type", "a chain of Mentiko is a mapping")
    return Converted(source=source, dialect=dialect, points=report.points, files=files)


class _Conversion:
    """One chain on its way; the draft grows from top to bottom."""

    def __init__(self, path: str, root: Mapping, find: FindAgent, report: Report) -> None:
        self._path = path
        self._root = Fields(root, report)
        self._report = report
        self._agents = agents_of(root, find, report)
        self._draft = Draft()
        self._inputs: list[str] = []
        self._uses: list[str] = []

    def files(self, dialect: str) -> dict[str, str]:
        if not self._agents:
            self._report.error(self._root.span("agents"), "mentiko-no-agents", "there are no agents in this file")
            return {}
        self._draft.header = [f"Imported from {self._path.rpartition('/')[2]} (Mentiko, {dialect} dialect)."]
        agents = self._agents_of_chain()
        self._head()
        self._draft.put("agents", value=agents)
        self._report_rest()
        name = chain_file(self._path)
        return {name: settle(self._draft, self._report)} | {
            f"agents/{one}.yaml": _AGENT_FILE.format(name=one) for one in self._uses
        }

    # the top of the file

    def _head(self) -> None:
        root, config, draft = self._root, self._root.below("config"), self._draft
        for key in ("name", "description"):
            if text := root.text(key):
                draft.put(key, value=text)
        settings.add_triggers(draft, config, self._report)
        for name, options in self._declared(has_schedule="schedule" in draft.root["on"]).items():
            draft.put("inputs", name, value=options)
        settings.take_inputs_from_events(draft)
        routing = root.below("routing")
        draft.put("defaults", "timeout", value=timeout_of(routing, "default_timeout") or NO_LIMIT)
        if retry := retry_of(routing, self._report, "default_retry"):
            draft.put("defaults", "retry", value=retry)
        if self._uses:
            draft.put("defaults", "uses", value=f"agents/{self._uses[0]}")
        settings.report_rest(config, chain_file(self._path).removesuffix(".yaml"), self._report)

    def _declared(self, *, has_schedule: bool) -> dict[str, dict[str, Any]]:
        declared = settings.declared_inputs(self._root)
        for name in self._inputs:
            options = declared.setdefault(name, {"type": "string"})
            if "default" not in options and "required" not in options:
                options |= {"default": ""} if has_schedule else {"required": True}
                if has_schedule:
                    message = f"the schedule starts the chain without {{{name}}}"
                    self._report.warn(
                        self._root.span("agents"), "mentiko-placeholder", message, hint="give the input a default"
                    )
        return declared

    def _report_rest(self) -> None:
        self._report_unused(self._root, "the chain", _NO_EQUAL)
        self._report_unused(self._root.below("routing"), "routing", {})
        for agent in self._agents:
            self._report_unused(agent.fields, f'agent "{agent.id}"', _AGENT_NO_EQUAL)

    def _report_unused(self, fields: Fields, of: str, reasons: dict[str, str]) -> None:
        for key, span in fields.rest():
            hint = reasons.get(key, "it has no equal here")
            self._report.warn(span, "mentiko-unused-key", f'"{key}" of {of} is not converted', hint=hint)

    # agents

    def _agents_of_chain(self) -> dict[str, Any]:
        self._root.get("agents")
        router = Router(self._agents, self._report)
        router.add_branches(self._root.below("branches"))
        router.add_handlers(self._root.below("routing"))
        router.settle()
        starter = self._starter(router.routes)
        turns = self._turns(router.routes)
        agents: dict[str, Any] = {starter: {"run": "true"}} if starter else {}
        for agent in self._agents:
            route = router.routes.agents[agent.id]
            self._draft.came_from(("agents", agent.id), agent.fields.node.span)
            agents[agent.id] = self._agent(agent, route, starter) | (
                {"max-turns": turns[agent.id]} if agent.id in turns else {}
            )
        return agents | self._stop(router.routes, agents)

    def _starter(self, routes: Routes) -> str:
        """An agent that only begins, for those that start with the run and on events too."""
        if not any(route.starts and route.heard for route in routes.agents.values()):
            return ""
        name = unlike("start", routes.agents)
        self._draft.comment(("agents", name), "Begins: an agent that listens for events does not start by itself.")
        return name

    def _turns(self, routes: Routes) -> dict[str, int]:
        config = self._root.below("config")
        rounds = int(config.number("max_rounds") or _DEFAULT_ROUNDS)
        heads = bounded(routes)
        if not heads and "max_rounds" in config:
            self._report.note(
                config.span("max_rounds"), "mentiko-max-rounds", "no agent starts twice: there is nothing to bound"
            )
        for head in heads:
            place = config.span("max_rounds") if "max_rounds" in config else self._root.node.span
            message = f'"{head}" starts {rounds} times at most; then {head}.exhausted fails the run'
            self._report.note(
                place, "mentiko-max-rounds", message, hint=f"an agent with on: {head}.exhausted can do something else"
            )
        return dict.fromkeys(heads, max(rounds, 1))

    def _agent(self, agent: SourceAgent, route: Route, starter: str) -> dict[str, Any]:
        fields = agent.fields
        title = fields.text("name")
        found: dict[str, Any] = {"name": title} if title and title != agent.id else {}
        found |= self._started(agent, route, starter)
        found |= self._action(agent, list(route.emits))
        found |= {"emits": list(route.emits)} if route.emits else {}
        options = {
            "approval": approval_of(fields, self._report),
            "retry": retry_of(fields, self._report),
            "timeout": timeout_of(fields),
        }
        return found | {key: value for key, value in options.items() if value is not None}

    def _started(self, agent: SourceAgent, route: Route, starter: str) -> dict[str, Any]:
        if route.never:
            self._draft.comment(("agents", agent.id), "Nobody emits what starts it.")
            return {"if": False}
        if route.joined:
            for name, span in route.listens.items():
                message = f'"{agent.id}" waits for several events and cannot be started by "{name}" alone'
                self._report.warn(span, "mentiko-two-triggers", message, hint="give the work a second agent")
            joined = list(route.joined)
            of = {"quorum": {"of": joined, "count": min(route.count, len(joined))}}
            return {"on": of if route.mode == "quorum" else {route.mode: joined}}
        listens = [*([f"{starter}.succeeded"] if route.starts and route.listens else []), *route.listens]
        return {"on": listens[0] if len(listens) == 1 else {"any": listens}} if listens else {}

    def _action(self, agent: SourceAgent, emits: list[str]) -> dict[str, Any]:
        """A prompt with the agent that carries it out, a command, or a script that says what is missing."""
        if not agent.found:
            return {
                "run": f"echo 'agents/{agent.id}/agent.json was not found when this chain was imported' >&2\nexit 1\n"
            }
        prompt = prompt_of(agent.fields, emits, self._report)
        profile = self._profile(agent.fields)
        if not prompt:
            message = f'agent "{agent.id}" has no prompt'
            self._report.warn(
                agent.fields.node.span, "mentiko-no-prompt", message, hint="say what it does; it does nothing now"
            )
            return {"run": "\n".join(["true", *(f"chainwright emit {name}" for name in emits[:1])]) + "\n"}
        text, names = with_inputs(prompt)
        self._inputs += [name for name in names if name not in self._inputs]
        self._use(profile)
        return {"prompt": text} if profile == self._uses[0] else {"uses": f"agents/{profile}", "prompt": text}

    def _profile(self, fields: Fields) -> str:
        """The name of the agent file: what Mentiko calls a profile, or the command that it starts."""
        named = fields.text("agent_profile") or self._root.text("default_agent_profile") or fields.text("cli")
        return agent_id(named) if named else DEFAULT_AGENT

    def _use(self, profile: str) -> None:
        if profile in self._uses:
            return
        self._uses.append(profile)
        hint = (
            '-o writes it, unless it is there: put into its "run" the command that carries a prompt out, it is claude'
        )
        self._report.note(
            self._root.span("agents"),
            "mentiko-agent-file",
            f"prompts are carried out by agents/{profile}.yaml",
            hint=hint,
        )

    def _stop(self, routes: Routes, agents: dict[str, Any]) -> dict[str, Any]:
        """The agent that ends the run where a branch says so."""
        if not routes.stops:
            return {}
        names = list(routes.stops)
        on = names[0] if len(names) == 1 else {"any": names}
        return {unlike("stop", agents): {"on": on, "run": "exit 78", "emits": ["run.stop"]}}
