"""What an expression of GitHub's may name, and what that is called here."""

from typing import Final

RENAMED: Final[dict[tuple[str, ...], str]] = {
    ("github", "sha"): "run.commit",
    ("github", "run_id"): "run.id",
    ("github", "run_number"): "run.number",
    ("github", "run_attempt"): "run.attempt",
    ("github", "workflow"): "run.chain",
    ("github", "actor"): "run.actor",
    ("github", "triggering_actor"): "run.actor",
    ("github", "event_name"): "run.trigger",
    ("github", "token"): "secrets.GITHUB_TOKEN",
    ("github", "workspace"): "'.'",
    ("runner", "name"): "host.name",
    ("runner", "os"): "'Linux'",
    ("runner", "arch"): "'X64'",
    ("runner", "temp"): "'/tmp'",
    ("runner", "environment"): "'self-hosted'",
    ("runner", "debug"): "''",
}
"""A path in lower case → the expression that stands for it."""

FOREIGN: Final = frozenset({"github", "runner", "job"})
"""Contexts that do not exist here: what :data:`RENAMED` does not know of them becomes an input."""

EVENT_NAME: Final = ("github", "event_name")
TRIGGERS: Final = {
    "workflow_dispatch": "manual",
    "workflow_call": "call",
    "workflow_run": "chain",
    "repository_dispatch": "webhook",
}
"""What ``run.trigger`` says where GitHub's event has another name."""

IN_SHELL: Final[dict[tuple[str, ...], str]] = {
    ("github", "workspace"): "CHAINWRIGHT_WORKSPACE",
    ("runner", "temp"): "TMPDIR:-/tmp",
}
"""Paths that a script has as a variable of its environment."""

MAY_STAND_IN_SCRIPT: Final = frozenset({"run.commit", "run.id", "run.number", "run.chain"})
"""Expressions of ours that a script may hold: nobody from outside can choose their value."""

VARIABLES: Final = {
    f"GITHUB_{path[1].upper()}": path for path in RENAMED if path[0] == "github" and path[1] != "workspace"
} | {
    "GITHUB_REF": ("github", "ref"),
    "GITHUB_REF_NAME": ("github", "ref_name"),
    "GITHUB_REF_TYPE": ("github", "ref_type"),
    "GITHUB_HEAD_REF": ("github", "head_ref"),
    "GITHUB_BASE_REF": ("github", "base_ref"),
    "GITHUB_REPOSITORY": ("github", "repository"),
    "GITHUB_REPOSITORY_OWNER": ("github", "repository_owner"),
    "GITHUB_SERVER_URL": ("github", "server_url"),
    "RUNNER_OS": ("runner", "os"),
    "RUNNER_ARCH": ("runner", "arch"),
    "RUNNER_TEMP": ("runner", "temp"),
}
"""Variables that GitHub sets for every script, and the paths of the same values."""
