"""The steps of a job → the steps of an agent."""

from typing import Any, Final

from chainwright.daemon.definition.nodes import Mapping, Node, Scalar
from chainwright.daemon.importers.draft import Draft
from chainwright.daemon.importers.fields import Fields
from chainwright.daemon.importers.github.actions import CHECKOUT, advice
from chainwright.daemon.importers.github.conditions import condition
from chainwright.daemon.importers.github.expressions import Scope
from chainwright.daemon.importers.github.scripts import script
from chainwright.daemon.importers.github.values import (
    environment,
    flag,
    folder,
    interpreter,
    minutes,
    report_rest,
    shell,
    text_of,
)
from chainwright.daemon.importers.names import agent_id

_NOTHING: Final = "true"


def step_ids(nodes: list[Node]) -> dict[str, str]:
    """Ids of the steps of a job → what they are called here."""
    found: dict[str, str] = {}
    for node in nodes:
        name = text_of(node.entries["id"].value) if isinstance(node, Mapping) and "id" in node.entries else ""
        if name:
            found[name] = agent_id(name, found.values())
    return found


def steps(nodes: list[Node], *, of_job: str, job_shell: str, draft: Draft, scope: Scope) -> list[dict[str, Any]]:
    """The steps of the agent ``of_job``. ``job_shell`` is the command line of the shell where a step says none."""
    found: list[dict[str, Any]] = []
    for node in nodes:
        path = ("agents", of_job, "steps", len(found))
        if not isinstance(node, Mapping):
            scope.report.warn(node.span, "gha-step", "a step must be a mapping", hint="it was left out")
            continue
        draft.came_from(path, node.span)
        told, step = _Step(Fields(node, scope.report), job_shell, scope).converted()
        if told:
            draft.comment(path if step else ("agents", of_job, "steps"), told)
        if step:
            found.append(step)
    return found


class _Step:
    def __init__(self, fields: Fields, job_shell: str, scope: Scope) -> None:
        self._fields = fields
        self._scope = scope
        self._shell = shell(fields, scope)
        self._interpreter = interpreter(self._shell or job_shell)

    def converted(self) -> tuple[str, dict[str, Any]]:
        """The comment above the step, and the step; nothing for one that is not needed."""
        head = self._head()
        env = environment(self._fields, self._scope)
        told, run = self._used() if "uses" in self._fields else ("", self._script(env))
        if not run and "id" in self._fields:
            run = _NOTHING
        timeout = minutes(self._fields, self._scope)
        forgiven = flag(self._fields, self._scope, "continue-on-error")
        place = folder(self._fields, self._scope)
        report_rest(self._fields, "a step", self._scope)
        if not run:
            return told, {}
        tail = {
            "env": env,
            "shell": self._shell if "run" in self._fields else "",
            "working-directory": place,
            "timeout": timeout,
            "continue-on-error": forgiven,
        }
        return told, {**head, "run": run, **{key: value for key, value in tail.items() if value}}

    def _head(self) -> dict[str, Any]:
        name, condition_text = self._fields.get("name"), condition(self._fields.get("if"), self._scope)
        id_ = self._fields.text("id")
        head: dict[str, Any] = {"id": self._scope.steps[id_]} if id_ else {}
        head |= {"name": self._scope.text(name)} if isinstance(name, Scalar) else {}
        return head | ({"if": condition_text} if condition_text else {})

    def _script(self, env: dict[str, str]) -> str:
        node = self._fields.get("run")
        if not isinstance(node, Scalar) or not text_of(node).strip():
            self._scope.report.warn(
                self._fields.node.span, "gha-step", "a step without run or uses does nothing", hint="it was left out"
            )
            return ""
        return script(node, self._interpreter, env, self._scope)

    def _used(self) -> tuple[str, str]:
        """The comment and the script that stand for an action; no script when it is not needed."""
        uses, place = self._fields.text("uses"), self._fields.span("uses")
        given = self._fields.get("with")
        found = advice(uses)
        add = self._scope.report.note if found.is_note else self._scope.report.warn
        add(place, "gha-uses", f'"{uses}" is not converted', hint=found.hint)
        if uses.startswith(CHECKOUT) and isinstance(given, Mapping):
            names = ", ".join(given.entries)
            hint = "the workspace holds the whole commit of the run, and no .git"
            self._scope.report.warn(
                given.span, "gha-checkout", f"what a checkout is told is not converted: {names}", hint=hint
            )
        lines = [f"uses: {uses}", *_with_lines(given)]
        return "\n".join([*lines, found.hint]), found.run


def _with_lines(given: Node | None) -> list[str]:
    if not isinstance(given, Mapping):
        return []
    values = {key: text_of(entry.value).strip().replace("\n", " ") for key, entry in given.entries.items()}
    return ["with:", *(f"  {key}: {value}".rstrip() for key, value in values.items())]


def output_step(outputs: dict[str, str]) -> dict[str, Any]:
    """The step that gives the agent its outputs: what a step writes to $GITHUB_OUTPUT is the step's own."""
    variables = {f"OUTPUT_{number}": value for number, value in enumerate(outputs.values(), 1)}
    lines = [
        f'printf \'%s<<end-of-output\\n%s\\nend-of-output\\n\' {name} "$OUTPUT_{number}" >> "$CHAINWRIGHT_OUTPUT"'
        for number, name in enumerate(outputs, 1)
    ]
    return {"name": "Outputs", "if": "always()", "run": "\n".join(lines) + "\n", "env": variables}
