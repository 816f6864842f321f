"""The daemon's configuration: what ``chainwright.yaml``, the environment and the flags may say, with every default.

``daemon.config`` finds, layers and explains; this module only says what is valid. Unknown keys are refused.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RepositorySettings(_Section):
    """The chain repository that the daemon watches."""

    path: str | None = Field(
        default=None, description="folder of a git repository, bare or not; none: nothing is deployed"
    )
    branch: str | None = Field(default=None, description="the branch that is deployed; none: the one that HEAD names")
    environment: str = Field(default="main", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$")
    poll_s: float = Field(default=1.0, gt=0, le=3600, description="seconds between two looks at the branch")


class SessionSettings(_Section):
    """Limits of the sessions on this machine."""

    slots: int = Field(default=256, ge=1, le=4000, description="sessions that may run at once; further ones queue")
    grace_s: float = Field(
        default=10.0, ge=0, le=3600, description="seconds between TERM and KILL of a stopped session"
    )


class LogSettings(_Section):
    """What the daemon says about itself, on stderr."""

    level: Literal["debug", "info", "warning", "error"] = "info"


class Settings(_Section):
    """Everything that can be set."""

    home: str | None = Field(default=None, description="state folder; none: chainwright/ below the XDG state folder")
    repository: RepositorySettings = RepositorySettings()
    sessions: SessionSettings = SessionSettings()
    log: LogSettings = LogSettings()
