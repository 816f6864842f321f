"""Words of GitHub Actions that are called otherwise here, with what to write instead."""

from typing import Final

FIXES: Final[tuple[tuple[str, str], ...]] = (
    ("on.workflow_dispatch", 'say "manual:", and put its inputs at the top of the file'),
    ("on.workflow_call", 'say "call:", and put its inputs at the top of the file'),
    ("on.workflow_run", 'say "chain: {chains: […]}"'),
    ("on.repository_dispatch", 'say "webhook:"'),
    ("permissions", "leave it out: agents get no token of a forge"),
    ("run-name", 'say "name"'),
    ("agents.*.timeout-minutes", 'say "timeout: 20m" for 20 minutes'),
    ("agents.*.permissions", "leave it out: agents get no token of a forge"),
    ("agents.*.environment", "leave it out: an environment is deployed as a whole"),
    ("agents.*.container", 'leave it out, or start the container in "run"'),
    ("agents.*.services", 'leave it out, or start them in "run"'),
    ("agents.*.strategy.matrix.include", "put it beside matrix: strategy: {matrix: …, include: […]}"),
    ("agents.*.strategy.matrix.exclude", "put it beside matrix: strategy: {matrix: …, exclude: […]}"),
    ("agents.*.steps.*.uses", 'say "run"; actions/checkout is not needed, the workspace is a checkout'),
    ("agents.*.steps.*.timeout-minutes", 'say "timeout: 20m" for 20 minutes'),
)
"""Path of keys (as in ``schemas.unsupported``) → the fix."""

VALUE_FIXES: Final[tuple[tuple[str, str, str], ...]] = tuple(
    (where, word, fix)
    for where in ("on", "on.*")
    for word, fix in (
        ("workflow_dispatch", 'say "manual"'),
        ("workflow_call", 'say "call"'),
    )
)
"""Path, word and fix of what GitHub writes as a value."""

JOBS: Final = "jobs"
"""What GitHub calls agents; read as such, so that what is in it is checked too."""
