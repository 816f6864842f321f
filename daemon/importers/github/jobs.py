"""The jobs of a workflow → agents."""

import re
from collections.abc import Iterable
from typing import Any, Final

from chainwright.daemon.definition.nodes import Mapping, Node, Scalar, Sequence
from chainwright.daemon.importers.draft import Draft
from chainwright.daemon.importers.fields import Fields
from chainwright.daemon.importers.github.conditions import condition, of_job
from chainwright.daemon.importers.github.expressions import Scope
from chainwright.daemon.importers.github.steps import output_step, step_ids, steps
from chainwright.daemon.importers.github.values import (
    environment,
    flag,
    folder,
    minutes,
    report_rest,
    resolved,
    shell,
    text_of,
)
from chainwright.daemon.importers.names import agent_id, chain_file
from chainwright.schemas.diagnostic import Span

_LINUX: Final = ("ubuntu-", "linux")
_NO_EQUAL: Final = {
    "permissions": (True, "agents get no token of a forge; name one in secrets where it is needed"),
    "environment": (
        False,
        "an environment is deployed as a whole; where people had to agree, write approval: {by: […]}",
    ),
    "container": (False, "its steps run on the machine itself; start the container in run: docker run"),
    "services": (False, "start them in a step: docker run --detach, and end them in one with if: always()"),
}
_OF_MATRIX: Final = re.compile(r"\$\{\{ matrix\.([\w-]+) \}\}")
_CONSTANTS: Final = {"true": True, "false": False}
_BESIDES: Final = ("include", "exclude")


def agent_ids(jobs: Fields) -> dict[str, str]:
    """Ids of jobs → ids of agents."""
    found: dict[str, str] = {}
    for name in jobs.keys:
        found[name] = agent_id(name, found.values())
    return found


class Jobs:
    """Converts the jobs of one workflow. ``default_shell`` is the command line that the workflow names."""

    def __init__(self, jobs: Fields, draft: Draft, default_shell: str, scope: Scope) -> None:
        self._jobs = {name: jobs.below(name) for name in jobs.keys}
        self._draft = draft
        self._default_shell = default_shell
        self._told_machine = False
        self._scope = scope
        self._needs = {name: [need for need, _ in fields.texts("needs")] for name, fields in self._jobs.items()}
        scope.matrices |= {
            scope.jobs[name] for name, fields in self._jobs.items() if "matrix" in fields.below("strategy")
        }

    def agents(self, secrets_of_all: Iterable[str]) -> dict[str, Any]:
        """Every agent by its id; ``secrets_of_all`` are named by the workflow's own environment."""
        return {
            self._scope.jobs[name]: self._agent(name, fields, secrets_of_all) for name, fields in self._jobs.items()
        }

    def _agent(self, name: str, fields: Fields, secrets_of_all: Iterable[str]) -> dict[str, Any]:
        scope, id_ = self._scope, self._scope.jobs[name]
        scope.secrets, scope.job = dict.fromkeys(secrets_of_all), id_
        ancestors = self._ancestors(name)
        scope.needs = frozenset(one for one in self._jobs if scope.jobs[one] in ancestors)
        nodes = _items(fields.get("steps"))
        scope.steps = step_ids(nodes)
        self._draft.came_from(("agents", id_), fields.node.span)
        if id_ != name:
            scope.report.note(fields.node.span, "gha-name", f'the job "{name}" is called "{id_}"')
        found = self._head(fields, ancestors) | self._where(id_, fields)
        body = self._called(id_, fields) if "uses" in fields else self._own(id_, fields, nodes)
        found |= {"secrets": list(scope.secrets)} if scope.secrets else {}
        report_rest(fields, f'the job "{name}"', scope)
        return found | body

    def _head(self, fields: Fields, ancestors: list[str]) -> dict[str, Any]:
        title = fields.get("name")
        own = condition(fields.get("if"), self._scope)
        rule = of_job(own, ancestors, self._scope, fields.span("if"))
        found: dict[str, Any] = {"name": text_of(title)} if title is not None and "${{" not in text_of(title) else {}
        if title is not None and not found:
            self._scope.report.note(
                title.span, "gha-name", "the name of an agent cannot be an expression; it was left out"
            )
        found |= {"needs": ancestors} if ancestors else {}
        return found | ({"if": _CONSTANTS.get(rule, rule)} if rule else {})

    def _ancestors(self, name: str) -> list[str]:
        """Agents that have to settle before it, direct needs or not, in the order of the file."""
        found: set[str] = set()
        todo = [name]
        while todo:
            one = todo.pop()
            new = {need for need in self._needs.get(one, ()) if need in self._jobs} - found - {name}
            for need, span in self._jobs[one].texts("needs"):
                if need not in self._jobs:
                    self._scope.report.error(span, "gha-needs", f'there is no job "{need}"', hint="it was left out")
            found |= new
            todo += new
        return [self._scope.jobs[one] for one in self._jobs if one in found]

    def _where(self, id_: str, fields: Fields) -> dict[str, Any]:
        """Where, how many at a time, and in how many legs."""
        found: dict[str, Any] = {}
        if strategy := self._strategy(fields.below("strategy")):
            found["strategy"] = strategy
        if (concurrency := concurrency_of(fields, self._scope)) is not None:
            found["concurrency"] = concurrency
        if labels := self._labels(fields, found):
            found["runs-on"] = labels
        for key, (is_note, hint) in _NO_EQUAL.items():
            if (node := fields.get(key)) is not None:
                add = self._scope.report.note if is_note else self._scope.report.warn
                add(fields.key_span(key), f"gha-{key}", f'"{key}" is not converted', hint=hint)
                self._draft.comment(("agents", id_), f"{key}: {_short(node)}\n{hint}")
        return found

    def _labels(self, fields: Fields, where: dict[str, Any]) -> Any:
        """The labels that a host has to have; None for those of GitHub's Linux machines, which this one stands for."""
        node = fields.get("runs-on")
        if node is None:
            return None
        labels = resolved(node, self._scope)
        values = where.get("strategy", {}).get("matrix", {})
        if all(str(label).lower().startswith(_LINUX) for label in _possible(labels, values)):
            self._tell_machine(node.span)
            return None
        return labels

    def _tell_machine(self, place: Span) -> None:
        """Once a file: most files say it of every job."""
        if not self._told_machine:
            hint = "what the jobs use has to be installed there"
            self._scope.report.note(place, "gha-runs-on", "agents run on the daemon's machine", hint=hint)
        self._told_machine = True

    def _strategy(self, fields: Fields) -> dict[str, Any]:
        matrix = fields.get("matrix")
        found: dict[str, Any] = {}
        if isinstance(matrix, Mapping):
            values = resolved(matrix, self._scope)
            own = {key: value for key, value in values.items() if key not in _BESIDES}
            found = ({"matrix": own} if own else {}) | {key: values[key] for key in _BESIDES if key in values}
        elif matrix is not None:
            found = {"matrix": resolved(matrix, self._scope)}
        if "fail-fast" in fields and not flag(fields, self._scope, "fail-fast"):
            found["fail-fast"] = False
        if (most := fields.number("max-parallel")) is not None:
            found["max-parallel"] = max(int(most), 1)
        report_rest(fields, "strategy", self._scope)
        if found and not any(key in found for key in ("matrix", "include")):
            place, hint = fields.node.span, "a job without a matrix runs once"
            self._scope.report.note(place, "gha-strategy", "a strategy without a matrix is not converted", hint=hint)
            return {}
        return found

    # what it does

    def _called(self, id_: str, fields: Fields) -> dict[str, Any]:
        """A job that is another workflow."""
        uses, place = fields.text("uses"), fields.span("uses")
        given = fields.get("with")
        values = resolved(given, self._scope) if isinstance(given, Mapping) else {}
        if fields.get("secrets") is not None:
            hint = "a secret is known by its name: the called chain lists those that it wants"
            self._scope.report.note(fields.key_span("secrets"), "gha-secrets", "secrets are not handed on", hint=hint)
        if uses.startswith("./"):
            name = chain_file(uses).removesuffix(".yaml")
            hint = f"import {uses} into the same folder"
            self._scope.report.note(place, "gha-called", f'"{uses}" is the chain "{name}"', hint=hint)
            return {"uses": f"chains/{name}", **({"with": values} if values else {})}
        hint = "import that workflow, and use its chain"
        self._scope.report.error(place, "gha-called", f'"{uses}" is a workflow of another repository', hint=hint)
        if given is not None:
            self._draft.comment(("agents", id_), f"uses: {uses}\nwith: {_short(given)}")
        return {"run": f"echo '{uses} was not converted: {hint}' >&2\nexit 1\n"}

    def _own(self, id_: str, fields: Fields, nodes: list[Node]) -> dict[str, Any]:
        run = fields.below("defaults").below("run")
        job_shell = shell(run, self._scope)
        outputs = self._outputs(fields)
        found: dict[str, Any] = {
            "env": environment(fields, self._scope),
            "shell": job_shell,
            "working-directory": folder(run, self._scope),
            "timeout": minutes(fields, self._scope),
            "continue-on-error": flag(fields, self._scope, "continue-on-error"),
        }
        listed = steps(
            nodes,
            of_job=id_,
            job_shell=job_shell or self._default_shell,
            draft=self._draft,
            scope=self._scope,
        )
        listed += [output_step(outputs)] if outputs else []
        found |= {"outputs": dict.fromkeys(outputs, "string"), "steps": listed or [{"run": "true"}]}
        if not listed:
            self._scope.report.note(fields.node.span, "gha-no-steps", f'nothing is left to do for "{id_}"')
        report_rest(run, "defaults.run", self._scope)
        return {key: value for key, value in found.items() if value}

    def _outputs(self, fields: Fields) -> dict[str, str]:
        return {
            name: self._scope.text(entry.value)
            for name, entry in fields.below("outputs").entries()
            if isinstance(entry.value, Scalar)
        }


def concurrency_of(fields: Fields, scope: Scope) -> Any:
    """The value of ``concurrency``; None when there is none."""
    node = fields.get("concurrency")
    if node is None:
        return None
    hint = "they start one after the other; nothing is dropped"
    scope.report.note(
        fields.key_span("concurrency"),
        "gha-concurrency",
        "GitHub keeps one that waits, here all of them wait",
        hint=hint,
    )
    if isinstance(node, Scalar):
        return scope.text(node).strip() or None
    options = fields.below("concurrency")
    group = options.get("group")
    found: dict[str, Any] = {"group": scope.text(group)} if text_of(group).strip() and isinstance(group, Scalar) else {}
    if flag(options, scope, "cancel-in-progress"):
        found["cancel-in-progress"] = True
    report_rest(options, "concurrency", scope)
    return found


def _possible(labels: Any, matrix: Any) -> list[Any]:
    """The labels, with every value of the matrix where one names its values."""
    found: list[Any] = []
    for label in labels if isinstance(labels, list) else [labels]:
        named = _OF_MATRIX.fullmatch(label) if isinstance(label, str) and isinstance(matrix, dict) else None
        values = matrix.get(named[1]) if named else None
        found += values if isinstance(values, list) else [label]
    return found


def _items(node: Node | None) -> list[Node]:
    return list(node.items) if isinstance(node, Sequence) else []


def _short(node: Node) -> str:
    if isinstance(node, Scalar):
        return text_of(node)
    if isinstance(node, Sequence):
        return "[" + ", ".join(_short(item) for item in node.items) + "]"
    return "{" + ", ".join(f"{key}: {_short(entry.value)}" for key, entry in node.entries.items()) + "}"
