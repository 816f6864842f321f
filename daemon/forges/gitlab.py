"""GitLab's API: merge requests, approvals, notes and the statuses of commits.

Its approvals are of a merge request, not of a commit. So one counts only if it was given after GitLab had the head: later than the newest
version of the merge request was made, and that version has to be of the head as it is. Whoever may approve is GitLab's to say.
"""

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

import aiohttp

from chainwright.daemon.forges.port import Answer, End, Pull
from chainwright.daemon.forges.wire import LIMIT_S, MAX_PAGES, Project, Refused, Wire
from chainwright.daemon.hooks.live_secrets import LiveSecrets
from chainwright.daemon.outbox import Never
from chainwright.schemas.config import ForgeSettings

PAGE: Final = 100
"""Items of a page: the most that it gives."""

_STATES: Final = {"success": "success", "pending": "pending", "failure": "failed"}
_ENDS: Final = {"merged": End.MERGED, "closed": End.CLOSED}
"""Others are opened, and locked for as long as it is being merged."""
_APPROVED: Final = {"approved this merge request": True, "unapproved this merge request": False}
"""Notes of GitLab's own about approvals; they are in English whatever people read."""
_SAME_STATE: Final = "Cannot transition status"


class GitLab:
    """A :class:`~chainwright.daemon.forges.port.Forge`."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        settings: ForgeSettings,
        secrets: LiveSecrets,
        clock: Callable[[], float] = time.time,
        limit_s: float = LIMIT_S,
    ) -> None:
        self._wire = Wire(http, settings, secrets, header=("PRIVATE-TOKEN", "{}"), clock=clock, limit_s=limit_s)
        self._project = Project(self._wire, f"projects/{quote(settings.repository, safe='')}")

    async def pulls(self) -> list[Pull]:
        found = await self._all("merge_requests", state="opened")
        return [one for one in map(_pull, found) if one.head]  # one without commits has none

    async def pull(self, number: int) -> Pull | None:
        found = await self._project.found(f"merge_requests/{number}")
        return None if found is None else _pull(found)

    async def answers(self, pull: Pull) -> list[Answer]:
        """Approvals of the head, then who wants changes: GitLab does not say of which head, so that holds until it is taken back."""
        request = f"merge_requests/{pull.number}"
        approvals = (await self._project.call("GET", f"{request}/approvals"))["approved_by"]
        since = await self._head_since(pull) if approvals else None
        agreed = [] if since is None else [name for name, at in await self._approved(request, approvals) if at > since]
        reviewers = await self._all(f"{request}/reviewers") if pull.has_reviewers else []
        wanting = [one["user"]["username"] for one in reviewers if one.get("state") == "requested_changes"]
        return [
            *(Answer(actor=name, agrees=True) for name in agreed),
            *(Answer(actor=name, agrees=False) for name in wanting),
        ]

    async def _head_since(self, pull: Pull) -> datetime | None:
        """Since when GitLab shows the head and base as they are; None while its newest version is of another head."""
        versions = await self._all(f"merge_requests/{pull.number}/versions")
        newest = max(versions, key=lambda one: int(one["id"]), default=None)
        if newest is None or newest["head_commit_sha"] != pull.head:
            return None
        return _time(newest["created_at"])

    async def _approved(self, request: str, approvals: list[dict[str, Any]]) -> list[tuple[str, datetime]]:
        """Who approved, and when; of older versions of GitLab, which do not say when, out of what it notes itself."""
        times = {one["user"]["username"]: one.get("approved_at") for one in approvals}
        if not all(times.values()):
            noted = await self._noted(request)
            times = {name: at or noted.get(name) for name, at in times.items()}
        return [(name, _time(at)) for name, at in times.items() if at]

    async def _noted(self, request: str) -> dict[str, str]:
        """When each person approved last, if they have not taken that back."""
        notes = await self._all(f"{request}/notes", sort="asc", order_by="created_at")
        said = [one for one in notes if one.get("system") and one["body"] in _APPROVED]
        newest = {one["author"]["username"]: one for one in said}
        return {name: one["created_at"] for name, one in newest.items() if _APPROVED[one["body"]]}

    async def say(self, number: int, marker: str, text: str) -> None:
        """Ours is by our own user: a marker in a note of somebody else is a text like any other."""
        me, _ = await self._wire.ask("GET", "user")
        notes = f"merge_requests/{number}/notes"
        for one in await self._all(notes, sort="asc", order_by="created_at"):
            if one["author"]["username"] == me["username"] and not one.get("system") and marker in one["body"]:
                if one["body"] != text:
                    await self._project.call("PUT", f"{notes}/{one['id']}", {"body": text})
                return
        await self._project.call("POST", notes, {"body": text})

    async def mark(self, commit: str, ref: str, status: Mapping[str, str]) -> None:
        """A state that a status has already cannot be set again: GitLab refuses, and nothing is lost but a newer description."""
        state = _STATES[status["state"]]
        body = {"state": state, "name": status["context"], "description": status["description"]}
        try:
            await self._project.call("POST", f"statuses/{commit}", body | ({"ref": ref} if ref else {}))
        except Refused as refused:
            if _SAME_STATE not in refused.said or await self._state(commit, status["context"]) != state:
                raise

    async def _state(self, commit: str, name: str) -> str:
        found = await self._all(f"repository/commits/{commit}/statuses", name=name)
        newest = max((one for one in found if one["name"] == name), key=lambda one: int(one["id"]), default=None)
        return newest["status"] if newest else ""

    async def _all(self, path: str, **query: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        page = "1"
        for _ in range(MAX_PAGES):
            sizes = {"per_page": str(PAGE), "page": page}
            part, headers = await self._project.ask("GET", path, query=query | sizes)
            found += part
            page = headers.get("X-Next-Page", "")
            if not page.isdecimal():
                break
        return found


def _pull(one: dict[str, Any]) -> Pull:
    try:
        head_ref = f"refs/merge-requests/{one['iid']}/head"
        is_own = one.get("source_project_id") == one.get("target_project_id")
        return Pull(
            number=one["iid"],
            head=one["sha"] or "",
            base=one["target_branch"],
            author=one["author"]["username"],
            head_ref=head_ref,
            mark_ref=one["source_branch"] if is_own else head_ref,  # a branch of a fork is none of this project
            title=one.get("title") or "",
            url=one.get("web_url") or "",
            has_reviewers=bool(one.get("reviewers", True)),
            end=_ENDS.get(one["state"], End.OPEN),
        )
    except (KeyError, TypeError) as error:
        raise Never(f"its merge requests have another shape than expected: {error!r}") from None


def _time(told: str) -> datetime:
    """Raises Never for what is no time with a zone."""
    try:
        found = datetime.fromisoformat(told)
    except ValueError:
        raise Never(f"{told!r} is no time") from None
    if found.tzinfo is None:
        raise Never(f"{told!r} names no time zone")
    return found
