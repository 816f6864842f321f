"""A machine that agents run on, as ``chainwright.yaml`` and ``chainwright hosts add`` describe it.

What is asked of a host and how it is reached is ``runners.ssh``; which agent runs on which host is the engine's.
"""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

LOCAL: Final = "local"
"""The name and the first label of the daemon's own machine."""

LABEL: Final = r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$"
Label = Annotated[str, StringConstraints(pattern=LABEL)]
HostName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_-]{0,47}$")]

_ADDRESS: Final = r"^[A-Za-z0-9_\[][A-Za-z0-9._:%\]-]{0,254}$"
_USER: Final = r"^[A-Za-z0-9_][A-Za-z0-9._@-]{0,63}$"
HOST_KEY: Final = r"^(ssh|ecdsa|sk-ssh|sk-ecdsa)-[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,2}( .*)?$"


class HostSettings(BaseModel):
    """A host that is reached over SSH. Its own name is one of its labels."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: str = Field(pattern=_ADDRESS, description="name or address of the machine")
    port: int = Field(default=22, ge=1, le=65535)
    user: str | None = Field(default=None, pattern=_USER, description="whom to log in as; none: the daemon's own user")
    key: str | None = Field(
        default=None,
        min_length=1,
        description="file of the private key, below the home unless absolute; none: keys of the ssh agent",
    )
    host_key: str | None = Field(
        default=None,
        pattern=HOST_KEY,
        description="the host's public key, as in known_hosts without the name; none: the host is refused until `chainwright hosts trust`",
    )
    jump: HostName | None = Field(default=None, description="another host of these, through which this one is reached")
    ssh_config: str | None = Field(
        default=None, min_length=1, description="a file like ~/.ssh/config that is read for this host; none: none is"
    )
    labels: list[Label] = Field(default_factory=list, max_length=64, description="what `runs-on` may ask for")
    slots: int = Field(default=16, ge=1, le=4000, description="sessions that may run there at once; further ones queue")
    environment: dict[str, str] = Field(
        default_factory=dict, description="variables of every agent there, over the host's own and below the chain's"
    )
    root: str = Field(
        default="~/.chainwright",
        pattern=r"^(/|~/)[^\x00\n]*$",
        max_length=200,
        description="the folder of everything of ours there; `~` is the home of the user",
    )
    python: str = Field(
        default="python3", pattern=r"^[A-Za-z0-9._/-]+$", description="the interpreter there, 3.6 or newer"
    )
    durable: Literal["required", "preferred"] = Field(
        default="required",
        description="what becomes of agents where the interpreter is missing: refused, or run in a terminal that ends with the connection",
    )

    @field_validator("labels")
    @classmethod
    def _are_said_once(cls, labels: list[str]) -> list[str]:
        if len(set(labels)) < len(labels):
            raise ValueError("a label is said twice")
        return labels

    @model_validator(mode="after")
    def _is_not_the_local_one(self) -> "HostSettings":
        if LOCAL in self.labels:
            raise ValueError(f'the label "{LOCAL}" is the daemon\'s own machine; choose another')
        return self


def require_way(name: str, hosts: Mapping[str, HostSettings]) -> None:
    """Raises ValueError unless the jump hosts of this one, one after the other, are known and lead to an end."""
    way = [name]
    while (jump := hosts[way[-1]].jump) is not None:
        if jump not in hosts:
            raise ValueError(f'host "{way[-1]}": its jump host "{jump}" is not known')
        if jump in way:
            raise ValueError(f'host "{name}": its jump hosts lead in a circle: {" → ".join([*way, jump])}')
        way.append(jump)
