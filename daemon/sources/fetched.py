"""Mirrors of repositories elsewhere: a bare copy that is fetched into, by polling and whenever somebody hints that there is something new.

What a hint says is never believed, it only makes the next fetch come sooner. git fetches with this user's own settings, for only they
know how to log in; of the transports it may use those that :data:`TRANSPORTS` lists, and it asks nobody for a password.
"""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import structlog

from chainwright.daemon.sources.git_command import git, tried
from chainwright.daemon.sources.source import Source
from chainwright.daemon.sources.trees import SourceError

TRANSPORTS: Final = "https:http:ssh:git:file"
FETCH_TIMEOUT_S: Final = 120.0
LONGEST_PAUSE_S: Final = 900.0
"""Between two tries to reach a repository that cannot be reached; a hint comes through at any time."""
SOONEST_S: Final = 2.0
"""Between two fetches, however many hints come: anybody can give one."""

_FETCHED: Final = ("refs/heads/*", "refs/tags/*", "refs/pull/*/head", "refs/merge-requests/*/head")
"""Branches, tags, and the heads of pull requests, as GitHub, Gitea and Forgejo call them, and GitLab."""
_REFSPECS: Final = tuple(f"+{refs}:{refs}" for refs in _FETCHED)
_SYMBOLIC: Final = "ref: "

log = structlog.get_logger()


class Fetched:
    """The copy of one repository elsewhere."""

    def __init__(self, source: Source, jitter: Callable[[], float]) -> None:
        """``jitter`` gives what a pause is multiplied by, around 1."""
        self.source = source
        self.problem = ""
        """Why the newest fetch failed; empty when it did not."""
        self._jitter = jitter
        self._listening: list[asyncio.Event] = []
        self._fetching = asyncio.Lock()
        self._failures = 0

    def make_ready(self) -> None:
        """Make the copy unless it is there; nothing is fetched. Blocks. Raises :class:`SourceError`."""
        path = self.source.path
        if (path / "HEAD").exists():
            return
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}")
        shutil.rmtree(aside, ignore_errors=True)
        git(None, "init", "--quiet", "--bare", "--template=", str(aside))
        aside.rename(path)

    def hint(self) -> None:
        """Fetch soon."""
        for one in self._listening:
            one.set()

    def listen(self) -> asyncio.Event:
        """What each hint sets from now on; clearing it is the part of whoever asked."""
        self._listening.append(asyncio.Event())
        return self._listening[-1]

    async def run(self, fetched: Callable[[], Awaitable[None]]) -> None:
        """Fetch again and again until cancelled, telling after each time, whatever came of it."""
        hinted = self.listen()
        while True:
            hinted.clear()
            await self.fetch()
            await fetched()
            await paused(self.pause_s(), hinted)

    async def fetch(self) -> None:
        """Fetch now, or wait for the fetch that is under way and fetch then; never raises for what is wrong elsewhere."""
        async with self._fetching:
            try:
                await asyncio.to_thread(_fetch, self.source.path, self.source.url)
            except SourceError as error:
                self._failures += 1
                self.problem = f"{self.source.url} was not fetched: {error}"
                log.warning("a mirror is stale", action="mirror.stale", repository=self.source.name, error=str(error))
            else:
                self._failures = 0
                self.problem = ""

    def pause_s(self) -> float:
        """How long to wait for the next try: longer after each that failed."""
        pause = self.source.fetch_s * float(2 ** min(self._failures, 20))
        return float(min(pause, max(LONGEST_PAUSE_S, self.source.fetch_s)) * self._jitter())


async def paused(pause_s: float, hinted: asyncio.Event) -> None:
    """Returns after the pause, or with a hint, but not sooner than :data:`SOONEST_S` allows."""
    soonest_s = min(SOONEST_S, pause_s)
    await asyncio.sleep(soonest_s)
    with suppress(TimeoutError):
        async with asyncio.timeout(pause_s - soonest_s):
            await hinted.wait()


def _fetch(path: Path, url: str) -> None:
    words = ("--quiet", "--prune", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--no-auto-gc")
    _ask(path, "fetch", *words, "--", url, *_REFSPECS)
    if tried(path, "rev-parse", "--verify", "--quiet", "HEAD^{commit}").returncode != 0:
        _follow_head(path, url)


def _follow_head(path: Path, url: str) -> None:
    """Have HEAD name the branch that it names elsewhere."""
    for line in _ask(path, "ls-remote", "--symref", "--", url, "HEAD").splitlines():
        ref = line.removeprefix(_SYMBOLIC).partition("\t")[0]
        if line.startswith(_SYMBOLIC) and ref.startswith("refs/heads/"):
            git(path, "symbolic-ref", "HEAD", ref)


def _ask(path: Path, *words: str) -> str:
    return git(path, *words, transports=TRANSPORTS, timeout_s=FETCH_TIMEOUT_S, as_user=True)
