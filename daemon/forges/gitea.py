"""Gitea and Forgejo: GitHub's API, but each review says itself whether it is of somebody whose word counts."""

from typing import Any

from chainwright.daemon.forges.github import GitHub


class Gitea(GitHub):
    """A :class:`~chainwright.daemon.forges.port.Forge`; of reviews the official ones count, as in its own branch protection."""

    async def has_weight(self, review: dict[str, Any]) -> bool:
        """Asks nobody: what others may do is told to administrators alone."""
        return bool(review.get("official"))
