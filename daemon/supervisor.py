"""The composition root: builds every part, in order, and takes them down again in the opposite order.

What ends the daemon: SIGTERM, SIGINT, `chainwright down`, or one of its own tasks dying, which is an error that says which. Agents'
sessions are never ended by it. SIGKILL is fine too: everything that matters is in the store and in the session folders.
"""

import asyncio
import hmac
import os
import secrets
import signal
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import structlog

from chainwright import __version__
from chainwright.daemon.announcing import Announcing
from chainwright.daemon.artifacts.store import ArtifactStore
from chainwright.daemon.config import Config
from chainwright.daemon.core.access import DEFAULT_ORGANIZATION, Actor, AllowAll
from chainwright.daemon.core.graph import Chain
from chainwright.daemon.definition.event_file import EventFileError, read_event
from chainwright.daemon.definition.named_files import ReadFile
from chainwright.daemon.demo import history_worth_reading, seed
from chainwright.daemon.deployments import Deployments
from chainwright.daemon.engine import Engine
from chainwright.daemon.engine.ids import RunIds
from chainwright.daemon.engine.ports import EventReader, World
from chainwright.daemon.engine.slots import Slots
from chainwright.daemon.engine.terminals import Terminals
from chainwright.daemon.health import Health
from chainwright.daemon.hooks import Hooks
from chainwright.daemon.hooks.keeping import forget_old_deliveries
from chainwright.daemon.hooks.live_secrets import LiveSecrets
from chainwright.daemon.listening import address_of, listen, token_of
from chainwright.daemon.loading import load_tree
from chainwright.daemon.logging_setup import log_to_stderr
from chainwright.daemon.scheduling import Scheduling
from chainwright.daemon.secrets.listing import SecretListing
from chainwright.daemon.secrets.vault import open_vault
from chainwright.daemon.sources.deployment import LoadedTree
from chainwright.daemon.sources.mirrors import Mirrors
from chainwright.daemon.sources.remotes import Remotes
from chainwright.daemon.sources.repository import Repository
from chainwright.daemon.sources.trees import SourceError
from chainwright.daemon.sources.watcher import Watcher
from chainwright.daemon.sources.workspace import Workspaces
from chainwright.daemon.sources.worktrees import Worktrees
from chainwright.daemon.store.port import StoreError, StoreLocked, StoreUnavailable
from chainwright.daemon.store.sqlite import SqliteStore
from chainwright.daemon.use_cases import DaemonUseCases
from chainwright.daemon.web.admission import holder_of, peer_of
from chainwright.daemon.web.app import make_app
from chainwright.daemon.web.server import AddressTaken, serve_unix
from chainwright.daemon.workplaces import Workplaces
from chainwright.runners.local import LocalRunner
from chainwright.runners.port import RunnerError
from chainwright.runners.transcript import plain_text

EXIT_CANNOT_START: Final = 1
EXIT_CONFLICT: Final = 7
STARTS_AT_ONCE: Final = 4
INHERITED: Final = ("PATH", "HOME", "LANG", "TERM", "TZ", "USER", "SHELL")
"""What an agent gets of the daemon's environment (semantics 32)."""

log = structlog.get_logger()


def run(config: Config, *, demo: bool = False) -> int:
    """Be the daemon until told to stop; the exit code for the command line."""
    log_to_stderr(config.settings.log.level)
    try:
        asyncio.run(_serve(config, demo=demo))
    except (StoreLocked, AddressTaken) as error:
        log.error(str(error), action="daemon.refused")
        return EXIT_CONFLICT
    except (StoreError, RunnerError, SourceError, OSError) as error:
        log.error(f"the daemon cannot start: {error}", action="daemon.failed")
        return EXIT_CANNOT_START
    return 0


async def _serve(config: Config, *, demo: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        daemon = _Daemon(config, stop, demo=demo)
        await daemon.open(stack)
        log.info("ready", action="daemon.ready", pid=os.getpid(), home=str(config.home.root), version=__version__)
        await daemon.until_stopped()
        log.info("going down; sessions go on", action="daemon.stopping", sessions=daemon.engine.slots.held)


class _Daemon:
    """Everything that runs in the process."""

    def __init__(self, config: Config, stop: asyncio.Event, *, demo: bool) -> None:
        self.config = config
        self.stop = stop
        self.demo = demo
        home, settings = config.home, config.settings
        for folder in (home.root, home.runs):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = seed(home.root / "demo") if demo else remembered_repository(home.root, settings.repository.path)
        key = _key(home.root / "key")
        self.vault = open_vault(settings.secrets, home.root, os.environ, key)
        self.artifacts = ArtifactStore(home.artifacts, settings.artifacts.max_bytes)
        self.store = SqliteStore(home.database)
        self.runner = LocalRunner(home.sessions, bin_folder=home.bin)
        self.repository = Repository(path)
        self.remotes = Remotes(home.cache / "remotes")
        self.trees = Workspaces(home.cache, self.repository)
        self.authorizer = AllowAll()
        ids = RunIds(time.time, secrets.randbits)
        self.announcing = Announcing(self.store, time.time, ids.new)
        self.world = World(
            store=self.store,
            runner=self.runner,
            workspaces=Workplaces(home, self.trees, Worktrees(home.cache, path), Mirrors(home.cache, self.repository)),
            events=EventReader(read=read_event, error=EventFileError),
            plain=plain_text,
            clock=time.time,
            token=lambda session_id: hmac.digest(key, session_id.encode(), "sha256").hex(),
            base_env={name: os.environ[name] for name in INHERITED if name in os.environ},
            path_prefix=str(home.bin),
            server=f"unix://{home.socket}",
            starts=asyncio.Semaphore(STARTS_AT_ONCE),
            secrets=self.vault,
            artifacts=self.artifacts,
            listeners=self.announcing.listeners,
            told=self.announcing.told,
            grace_s=settings.sessions.grace_s,
        )
        self.deployments = Deployments(
            self.store,
            self.repository,
            name=path.resolve().name.removesuffix(".git"),
            organization=DEFAULT_ORGANIZATION,
            environment=settings.repository.environment,
            load=self._load,
            clock=time.time,
            deployed=self._deployed,
        )
        self.engine = Engine(self.world, self.deployments, self.authorizer, ids, Slots(settings.sessions.slots))
        self.terminals = Terminals(self.world)
        self.scheduling = Scheduling(self.engine, self.store, time.time)
        self.hooks = Hooks(
            self.engine,
            self.deployments,
            self.store,
            LiveSecrets(self.vault),
            ids,
            organization=DEFAULT_ORGANIZATION,
            clock=time.time,
        )
        self.telling: asyncio.Task[None] | None = None
        self.forgetting: asyncio.Task[None] | None = None
        self.watcher: Watcher | None = None
        self.watching: asyncio.Task[None] | None = None
        self.warming: asyncio.Task[None] | None = None

    # opening, in order; the stack closes in the opposite order

    async def open(self, stack: AsyncExitStack) -> None:
        await self.store.open()
        stack.push_async_callback(self.store.close)
        await self.runner.open()
        stack.push_async_callback(self.runner.close)
        await self.artifacts.open()
        await self.trees.open()
        await asyncio.to_thread(self.remotes.clear)
        stack.callback(self.remotes.close)
        stack.push_async_callback(self.trees.close)
        await self.deployments.open()
        stack.push_async_callback(self.engine.close)
        await self.engine.open(self.terminals.resend)
        stack.push_async_callback(self._end_tasks)
        await self._watch()
        self.scheduling.open()
        stack.push_async_callback(self.scheduling.close)
        self.telling = asyncio.create_task(self.announcing.run(self.engine, self.deployments), name="tell chains")
        forgetting = forget_old_deliveries(self.store, time.time, self.config.settings.webhooks.keep_bytes)
        self.forgetting = asyncio.create_task(forgetting, name="forget deliveries")
        await self._serve(stack)
        if self.demo:
            history = history_worth_reading(Path.cwd()) or self.repository.path
            await self.engine.start_run(Actor(name="demo"), "demo", {"repository": str(history)})

    async def _serve(self, stack: AsyncExitStack) -> None:
        """By TCP first: who finds the unix socket finds everything."""
        use_cases, home = self._use_cases(), self.config.home
        over_tcp = await listen(make_app(use_cases, holder_of(token_of(home.token)), self.authorizer), self.config)
        if over_tcp is not None:
            stack.push_async_callback(over_tcp.close)
        use_cases.listens_at(address_of(over_tcp, self.config.settings.listen.host))
        server = await serve_unix(make_app(use_cases, peer_of, self.authorizer), home.socket)
        stack.push_async_callback(server.close)

    async def until_stopped(self) -> None:
        """Return when told to stop; raise what killed a task of the daemon's."""
        working = {task for task in (self.watching, self.telling) if task is not None}
        stopped = asyncio.ensure_future(self.stop.wait())
        ended, _ = await asyncio.wait({stopped, *working}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        for task in ended & working:
            log.error("a task of the daemon died", action="daemon.task-died", task=task.get_name())
            await task

    async def _watch(self) -> None:
        current = self.deployments.current
        self.watcher = Watcher(
            self.repository,
            on_commit=self._on_commit,
            on_gone=self._on_gone,
            on_back=self._on_back,
            branch=self.config.settings.repository.branch,
            known=current.commit if current else None,
            interval_s=self.config.settings.repository.poll_s,
        )
        await self.watcher.look()
        self.watching = asyncio.create_task(self.watcher.run(), name="watcher")

    async def _on_commit(self, commit: str) -> bool:
        """Deploy it; whether that is settled. What the store cannot take now is deployed once it can (semantics 45)."""
        try:
            await self.deployments.deploy(commit)
        except (SourceError, StoreError) as error:
            log.error("cannot deploy", action="deployment.failed", commit=commit, error=str(error))
            return not isinstance(error, StoreUnavailable)
        return True

    async def _on_gone(self, why: str) -> None:
        self.deployments.problem = why
        kept = self.deployments.current
        log.error(
            "the repository cannot be read; the last deployment stays in force",
            action="repository.gone",
            error=why,
            commit=kept.commit if kept else None,
        )

    async def _on_back(self) -> None:
        self.deployments.problem = ""
        log.info("the repository can be read again", action="repository.back")

    async def _deployed(self, chains: Mapping[str, Chain]) -> None:
        if current := self.deployments.current:
            self.hooks.follow(current.environment, chains)
            self.announcing.follow(current.environment, chains)
            await self.scheduling.follow(chains, in_force_since=current.deployed_at)
            if self.warming is not None:
                self.warming.cancel()
            self.warming = asyncio.create_task(self._warm(current.commit), name="warm workspaces")

    async def _warm(self, commit: str) -> None:
        try:
            await self.trees.warm(commit)
        except (SourceError, OSError) as error:
            log.warning("workspaces are not ready made", action="workspace.cold", commit=commit, error=str(error))

    def _load(self, files: Mapping[str, bytes], read: ReadFile) -> LoadedTree:
        return load_tree(files, read, self.remotes.reader(fetch=True))

    async def _reconcile(self) -> None:
        assert self.watcher is not None
        self.watcher.forget()  # what was refused because another repository could not be reached may be had now
        await self.watcher.look()

    def _use_cases(self) -> DaemonUseCases:
        about = {
            "version": __version__,
            "node": "local",
            "pid": os.getpid(),
            "home": str(self.config.home.root),
            "epoch": self.store.epoch,
            "started_at": time.time(),
        }
        listing = SecretListing(self.vault, lambda: self.deployments.chains)
        return DaemonUseCases(
            self.engine,
            self.deployments,
            self.terminals,
            self.authorizer,
            hooks=self.hooks,
            announcing=self.announcing,
            about=about,
            checks=Health(self.config.home, self.runner, self.deployments, listing).checks,
            secrets=listing,
            reconcile=self._reconcile,
            stop=self.stop.set,
        )

    async def _end_tasks(self) -> None:
        tasks = [task for task in (self.watching, self.telling, self.warming, self.forgetting) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def remembered_repository(home: Path, told: str | None) -> Path:
    """The repository that was told, else the one that this home was started with last; a path where none is, if there was none.

    So `up` after `down`, or after a crash, needs no more words than `up`.
    """
    note = home / "repository.path"
    if told is None:
        return Path(note.read_text()) if note.exists() else home / "no-repository"
    path = Path(told).absolute()
    aside = note.with_suffix(".new")
    aside.write_text(str(path))
    aside.replace(note)
    return path


def _key(path: Path) -> bytes:
    """The key of this home, made once: tokens of sessions and versions of secrets are digests under it."""
    if not path.exists():
        aside = path.with_suffix(".new")
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(32))
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    return path.read_bytes()
