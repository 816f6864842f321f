"""Who asks, and whether they may: asked on every command from the first day.

Identities and roles come later; until then :class:`AllowAll` is the only authorizer. Everything carries an organization.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

DEFAULT_ORGANIZATION = "default"
DEFAULT_ENVIRONMENT = "main"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person or a program that asks for something."""

    name: str
    organization: str = DEFAULT_ORGANIZATION
    is_owner: bool = False
    """Whether it is the one administrator of a daemon without identities: who stands for every team and role."""


class Permission(StrEnum):
    """What one may be allowed to do; each command and route names exactly one."""

    VIEW = "view"
    RUN = "run"
    CANCEL = "cancel"
    APPROVE = "approve"
    EMIT = "emit"
    TYPE = "type"
    DEPLOY = "deploy"
    ADMINISTER = "administer"


class Authorizer(Protocol):
    """Decides whether an actor may do a thing to a subject (``chain:x``, ``run:y``, ``daemon``)."""

    def allows(self, actor: Actor, permission: Permission, subject: str) -> bool:
        """Whether the actor may."""


class AllowAll:
    """Everybody who can reach the daemon may do everything."""

    def allows(self, actor: Actor, permission: Permission, subject: str) -> bool:
        """Always."""
        return True
