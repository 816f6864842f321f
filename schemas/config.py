"""The daemon's configuration: what ``chainwright.yaml``, the environment and the flags may say, with every default.

``daemon.config`` finds, layers and explains; this module only says what is valid. Unknown keys are refused.
"""

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from chainwright.schemas.hosts import LOCAL, HostName, HostSettings, Label, require_way

ENVIRONMENT = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$"
FOLDER = r"^[A-Za-z0-9_][^/\x00-\x1f]*(/[A-Za-z0-9_][^/\x00-\x1f]*)*$"
"""Of a path within a repository: no part of it begins with a dot or a dash."""

_HOST = r"[A-Za-z0-9\[][A-Za-z0-9._:\]-]*"
ADDRESS = re.compile(
    rf"(https?|git|ssh)://([A-Za-z0-9_][^\s/@]*@)?{_HOST}/\S+|file:///\S+|[A-Za-z0-9_][A-Za-z0-9._-]*@{_HOST}:[^\s-]\S*"
)
"""Of what can be mirrored."""

EnvironmentName = Annotated[str, StringConstraints(pattern=ENVIRONMENT)]
RepositoryName = EnvironmentName


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RepositorySettings(_Section):
    """The chain repository that the daemon watches."""

    path: str | None = Field(
        default=None, description="folder of a git repository, bare or not; none: nothing is deployed"
    )
    branch: str | None = Field(default=None, description="the branch that is deployed; none: the one that HEAD names")
    environment: str = Field(default="main", pattern=ENVIRONMENT)
    poll_s: float = Field(default=1.0, gt=0, le=3600, description="seconds between two looks at the branch")


class EnvironmentSettings(_Section):
    """One thing that is deployed from a repository."""

    branch: str | None = Field(default=None, description="the branch that is deployed; none: the one that HEAD names")
    folder: str = Field(default="workflows", pattern=FOLDER, description="the folder of chains in it")


class ForgeSettings(_Section):
    """Where the pull requests of a mirrored repository are told what they would do."""

    kind: Literal["github", "gitea", "forgejo", "gitlab"] = Field(description="whose API it is")
    url: str = Field(
        pattern=r"^https?://[^\s?#]*[^\s?#/]$",
        description="root of the API; of Gitea and Forgejo it ends with /api/v1, of GitLab with /api/v4",
    )
    repository: str = Field(
        pattern=r"^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)+$", description="owner/name; of GitLab group/…/project"
    )
    token: str = Field(
        min_length=1, description="name of the secret that holds a token that may comment and set statuses"
    )

    @model_validator(mode="after")
    def _is_named_as_the_forge_has_it(self) -> "ForgeSettings":
        if self.kind != "gitlab" and self.repository.count("/") != 1:
            raise ValueError("a repository of this forge is owner/name; only GitLab has groups within groups")
        return self


class RepositorySource(_Section):
    """A repository of chains: with ``url`` a mirror of it, with ``path`` one of this machine, with neither one hosted here."""

    url: str | None = Field(default=None, description="what is mirrored: https, ssh, git, http or file")
    path: str | None = Field(default=None, description="folder of a git repository of this machine, bare or not")
    poll_s: float | None = Field(
        default=None, gt=0, le=86400, description="seconds between two looks at it; none: 1, of a mirror 60"
    )
    environments: dict[EnvironmentName, EnvironmentSettings] = Field(
        default_factory=lambda: {"main": EnvironmentSettings()},
        min_length=1,
        description="what is deployed from it; the first is meant where none is named",
    )
    away: Literal["refuse", "static"] = Field(
        default="refuse",
        description="what becomes of a push while no daemon answers: refused, or checked by the hook alone",
    )

    signers: str | None = Field(
        default=None,
        description="file of allowed signers, as ssh-keygen reads it: only commits that one of them has signed deploy",
    )

    forge: ForgeSettings | None = Field(
        default=None, description="of a mirror: the forge whose pull requests are planned"
    )

    @field_validator("url")
    @classmethod
    def _is_fetched_safely(cls, url: str | None) -> str | None:
        if url is not None and not ADDRESS.fullmatch(url):
            raise ValueError(
                "cannot be mirrored: say https://…, ssh://…, git://…, file:///… or user@host:path; "
                "other transports (ext::…) would run a command"
            )
        return url

    @model_validator(mode="after")
    def _is_of_one_kind(self) -> "RepositorySource":
        if self.url is not None and self.path is not None:
            raise ValueError("a repository has a url or a path, not both")
        if self.forge is not None and self.url is None:
            raise ValueError("a repository with a forge is mirrored from it: give its url")
        return self


class SessionSettings(_Section):
    """Limits of the sessions on this machine."""

    slots: int = Field(default=256, ge=1, le=4000, description="sessions that may run at once; further ones queue")
    labels: list[Label] = Field(
        default_factory=list, max_length=64, description='what `runs-on` may ask of this machine beside "local"'
    )
    grace_s: float = Field(
        default=10.0, ge=0, le=3600, description="seconds between TERM and KILL of a stopped session"
    )
    orphan_s: float = Field(
        default=60.0,
        ge=0,
        le=31 * 86400,
        description="seconds after which a session that no run claims is stopped, on any host",
    )


class SecretSettings(_Section):
    """Where secrets are looked for, in this order."""

    file: str | None = Field(
        default="secrets.yaml",
        description="a file of mode 0600 that maps names to texts, below the home unless absolute; none: no file",
    )
    prefix: str | None = Field(
        default="CW_SECRET_",
        min_length=1,
        description="what the daemon's own variables that are secrets begin with; none: no variable is one",
    )
    command: list[str] | None = Field(
        default=None,
        min_length=1,
        description="told {names: […]} on its standard input, prints a JSON object of names and texts; none: no command",
    )
    timeout_s: float = Field(default=10.0, gt=0, le=300, description="seconds that the command has to answer")


class ArtifactSettings(_Section):
    """Files that agents give as outputs, and that people give as inputs."""

    max_bytes: int = Field(default=1 << 30, ge=1, description="bytes that one file may have; a larger one is refused")


class ListenSettings(_Section):
    """Where the API and the webhooks are served beside the unix socket; the API asks for the token in the file ``token`` of the home."""

    host: str = Field(default="127.0.0.1", min_length=1, description="address to listen at")
    port: int | None = Field(default=8420, ge=0, le=65535, description="port; 0: any that is free; none: no TCP")
    public_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$",
        description="where people reach this daemon, such as https://chains.example.org, when that is through a proxy; none: host and port",
    )


class WebhookSettings(_Section):
    """What is kept of the deliveries of webhooks."""

    keep_bytes: int = Field(
        default=256 << 20, ge=0, description="bytes that bodies of deliveries may take; beyond it the oldest go"
    )


class LogSettings(_Section):
    """What the daemon says about itself, on stderr."""

    level: Literal["debug", "info", "warning", "error"] = "info"


class Settings(_Section):
    """Everything that can be set."""

    home: str | None = Field(default=None, description="state folder; none: chainwright/ below the XDG state folder")
    repository: RepositorySettings = RepositorySettings()
    repositories: dict[RepositoryName, RepositorySource] = Field(
        default_factory=dict, description="further repositories, by the name that addresses of chains begin with"
    )
    sessions: SessionSettings = SessionSettings()
    hosts: dict[HostName, HostSettings] = Field(
        default_factory=dict, description="further machines that agents run on, by the name that `runs-on` may say"
    )
    secrets: SecretSettings = SecretSettings()
    artifacts: ArtifactSettings = ArtifactSettings()
    listen: ListenSettings = ListenSettings()
    webhooks: WebhookSettings = WebhookSettings()
    policy: str | None = Field(
        default=None,
        description="a file like .chainwright/policy.yaml, below the home unless absolute, which judges beside that of each repository",
    )
    log: LogSettings = LogSettings()

    @field_validator("hosts")
    @classmethod
    def _can_be_reached(cls, hosts: dict[str, HostSettings]) -> dict[str, HostSettings]:
        if LOCAL in hosts:
            raise ValueError(f'"{LOCAL}" is the daemon\'s own machine, whose settings are in `sessions`')
        for name in hosts:
            require_way(name, hosts)
        return hosts
