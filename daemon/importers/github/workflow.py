"""A workflow file → a chain."""

from typing import Any, Final

from chainwright.daemon.definition.nodes import Mapping
from chainwright.daemon.definition.reading import read
from chainwright.daemon.definition.source import Findings, Source
from chainwright.daemon.importers.draft import Draft
from chainwright.daemon.importers.fields import Fields
from chainwright.daemon.importers.github.expressions import Scope
from chainwright.daemon.importers.github.jobs import Jobs, agent_ids, concurrency_of
from chainwright.daemon.importers.github.triggers import add_triggers
from chainwright.daemon.importers.github.values import environment, folder, report_rest, shell
from chainwright.daemon.importers.names import chain_file
from chainwright.daemon.importers.report import Converted, Report
from chainwright.daemon.importers.settling import settle

DIALECT: Final = "workflow"
_JOB_LIMIT: Final = "6h"
"""GitHub's, where a job has none of its own."""

_ORDER: Final = ("name", "description", "on", "inputs", "outputs", "vars", "env", "defaults", "concurrency", "agents")


def convert(path: str, data: bytes) -> Converted:
    """What becomes of the workflow file ``path``."""
    findings, report = Findings(path), Report(path)
    source, root = read(path, data, findings)
    report.take(findings.found)
    files: dict[str, str] = {}
    if root is not None and not findings.has_error:
        if isinstance(root, Mapping):
            files = _Conversion(source, root, report).files()
        else:
            report.error(root.span, "wrong-type", "a workflow is a mapping")
    return Converted(source=source, dialect=DIALECT, points=report.points, files=files)


class _Conversion:
    """One workflow on its way."""

    def __init__(self, source: Source, root: Mapping, report: Report) -> None:
        self._path = source.path
        self._root = Fields(root, report)
        self._report = report
        self._draft = Draft()
        self._jobs = self._root.below("jobs")
        self._scope = Scope(source=source, report=report, jobs=agent_ids(self._jobs))

    def files(self) -> dict[str, str]:
        if not self._jobs.keys:
            self._report.error(self._root.span("jobs"), "gha-no-jobs", "there are no jobs in this file")
            return {}
        self._draft.header = [f"Imported from {self._path.rpartition('/')[2]} (GitHub Actions)."]
        default_shell = self._head()
        secrets = list(self._scope.secrets)
        agents = Jobs(self._jobs, self._draft, default_shell, self._scope).agents(secrets)
        self._draft.put("agents", value=agents)
        self._declare()
        report_rest(self._root, "the workflow", self._scope)
        self._draft.root = {key: self._draft.root[key] for key in _ORDER if key in self._draft.root}
        return {chain_file(self._path): settle(self._draft, self._report)}

    def _head(self) -> str:
        """Puts everything above the agents, and gives the shell where nobody names one."""
        root, draft, scope = self._root, self._draft, self._scope
        if name := root.text("name"):
            draft.put("name", value=name)
        add_triggers(draft, root, scope)
        draft.put("env", value={"CI": "true", **environment(root, scope)})
        run = root.below("defaults").below("run")
        default_shell = shell(run, scope)
        defaults = {
            "timeout": _JOB_LIMIT,
            "workspace": "fresh",
            "shell": default_shell,
            "working-directory": folder(run, scope),
        }
        draft.put("defaults", value={key: value for key, value in defaults.items() if value})
        if (concurrency := concurrency_of(root, scope)) is not None:
            draft.put("concurrency", value=concurrency, origin=root.key_span("concurrency"))
        self._no_equal()
        return default_shell

    def _no_equal(self) -> None:
        hints = {
            "permissions": "agents get no token of a forge; name one in secrets where it is needed",
            "run-name": "runs are told apart by their number and their inputs",
        }
        for key, hint in hints.items():
            if self._root.get(key) is not None:
                self._report.note(self._root.key_span(key), f"gha-{key}", f'"{key}" is not converted', hint=hint)

    def _declare(self) -> None:
        """What expressions turned out to need."""
        for name, meaning in self._scope.inputs.items():
            kind = {"type": "json", "default": []} if name in self._scope.lists else {"type": "string", "default": ""}
            told: dict[str, Any] = {**kind, "description": f"what GitHub calls {meaning}"}
            if name not in self._draft.root.get("inputs", {}):
                self._draft.put("inputs", name, value=told)
        for name in self._scope.vars:
            self._draft.put("vars", name, value="")
