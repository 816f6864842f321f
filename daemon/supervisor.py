"""The composition root: builds every part, in order, and takes them down again in the opposite order.

What ends the daemon: SIGTERM, SIGINT, `chainwright down`, or one of its own tasks dying, which is an error that says which. Agents'
sessions are never ended by it. SIGKILL is fine too: everything that matters is in the store and in the session folders.
"""

import asyncio
import hmac
import os
import random
import secrets
import signal
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from chainwright import __version__
from chainwright.daemon.announcing import Announcing
from chainwright.daemon.artifacts.store import ArtifactStore
from chainwright.daemon.attention import AttentionWatch
from chainwright.daemon.catalog import EveryDeployment
from chainwright.daemon.config import BadConfig, Config, Home
from chainwright.daemon.configured_sources import sources_of
from chainwright.daemon.core.access import DEFAULT_ORGANIZATION, Actor, AllowAll
from chainwright.daemon.core.graph import Chain
from chainwright.daemon.definition.event_file import EventFileError, read_event
from chainwright.daemon.definition.named_files import ReadFile
from chainwright.daemon.demo import history_worth_reading, seed
from chainwright.daemon.deployments import Deployments
from chainwright.daemon.drift import tell_drift
from chainwright.daemon.engine import Engine
from chainwright.daemon.engine.ids import RunIds
from chainwright.daemon.engine.ports import EventReader, World
from chainwright.daemon.engine.terminals import Terminals
from chainwright.daemon.fleet import Fleet, local_host
from chainwright.daemon.forges.all import Forges
from chainwright.daemon.front import Front
from chainwright.daemon.health import Health
from chainwright.daemon.home_watch import HomeGone, until_gone
from chainwright.daemon.hooks import Hooks
from chainwright.daemon.hooks.keeping import forget_old_deliveries
from chainwright.daemon.hooks.live_secrets import LiveSecrets
from chainwright.daemon.hosts.askers import Asked, asked_labels
from chainwright.daemon.hosts.health import HostHealth
from chainwright.daemon.hosts.owner import owner_of
from chainwright.daemon.hosts.register import Hosts
from chainwright.daemon.hosts.visits import Visits
from chainwright.daemon.listening import address_of, listen, public_address
from chainwright.daemon.loading import lint_tree, load_tree
from chainwright.daemon.logging_setup import log_to_stderr
from chainwright.daemon.operators_policy import operators_policy
from chainwright.daemon.planning import Planning
from chainwright.daemon.reconciler import Reconciler, Setting
from chainwright.daemon.remote.in_use import InUse
from chainwright.daemon.remote.means import Means
from chainwright.daemon.reviews.change_requests import ChangeRequests
from chainwright.daemon.scheduled import scheduled
from chainwright.daemon.scheduling import Scheduling
from chainwright.daemon.secrets.listing import SecretListing
from chainwright.daemon.secrets.vault import open_vault
from chainwright.daemon.sources.deployment import LoadedTree
from chainwright.daemon.sources.mirrors import Mirrors
from chainwright.daemon.sources.objects import ObjectsOfAll
from chainwright.daemon.sources.remotes import Remotes
from chainwright.daemon.sources.source import Kind, Source
from chainwright.daemon.sources.trees import SourceError
from chainwright.daemon.sources.workspace import Workspaces
from chainwright.daemon.sources.worktrees import Worktrees
from chainwright.daemon.store.port import StoreError, StoreLocked
from chainwright.daemon.store.sqlite import SqliteStore
from chainwright.daemon.use_cases import DaemonUseCases
from chainwright.daemon.web.server import AddressTaken, serve_tcp, serve_unix
from chainwright.daemon.workplaces import Workplaces
from chainwright.runners.local import LocalRunner
from chainwright.runners.port import RunnerError
from chainwright.runners.transcript import plain_text

EXIT_CANNOT_START: Final = 1
EXIT_CONFLICT: Final = 7

Greet = Callable[[str], None]

log = structlog.get_logger()


def run(config: Config, *, demo: bool = False, hosted: bool = False, greet: Greet | None = None) -> int:
    """Be the daemon until told to stop; the exit code for the command line. ``greet`` is told a link that signs a browser in."""
    log_to_stderr(config.settings.log.level)
    try:
        asyncio.run(_serve(config, demo=demo, hosted=hosted, greet=greet))
    except (StoreLocked, AddressTaken) as error:
        log.error(str(error), action="daemon.refused")
        return EXIT_CONFLICT
    except HomeGone as error:
        log.error(str(error), action="daemon.home-gone")
        return EXIT_CANNOT_START
    except (BadConfig, StoreError, RunnerError, SourceError, OSError) as error:
        log.error(f"the daemon cannot start: {error}", action="daemon.failed")
        return EXIT_CANNOT_START
    return 0


async def _serve(config: Config, *, demo: bool, hosted: bool, greet: Greet | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        daemon = _Daemon(config, stop, demo=demo, hosted=hosted)
        await daemon.open(stack)
        log.info("ready", action="daemon.ready", pid=os.getpid(), home=str(config.home.root), version=__version__)
        if greet is not None and (link := daemon.sign_in_link()):
            greet(link)
        await daemon.until_stopped()
        log.info("going down; sessions go on", action="daemon.stopping", sessions=daemon.engine.placement.held)


class _Daemon:
    """Everything that runs in the process."""

    def __init__(self, config: Config, stop: asyncio.Event, *, demo: bool, hosted: bool) -> None:
        self.config = config
        self.stop = stop
        self.demo = demo
        self.listener: socket.socket | None = None
        self.address: str | None = None
        self.front: Front | None = None
        home, settings = config.home, config.settings
        for folder in (home.root, home.runs):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.sources = [_demo(home)] if demo else sources_of(settings, home, hosted=hosted)
        key = _key(home.root / "key")
        self.vault = open_vault(settings.secrets, home.root, os.environ, key)
        self.artifacts = ArtifactStore(home.artifacts, settings.artifacts.max_bytes)
        self.store = SqliteStore(home.database)
        self.hosts = Hosts(self.store, settings.hosts, config.origin, time.time)
        self.runner = LocalRunner(home.sessions, bin_folder=home.bin)
        self.remotes = Remotes(home.cache / "remotes")
        self.authorizer = AllowAll()
        ids = RunIds(time.time, secrets.randbits)
        self.announcing = Announcing(self.store, time.time, ids.new)
        setting = Setting(
            store=self.store,
            organization=DEFAULT_ORGANIZATION,
            load=self._load,
            lint=lint_tree,
            clock=time.time,
            home=home,
            deployed=self._deployed,
            told=self.announcing.told,
            jitter=partial(random.SystemRandom().uniform, 0.8, 1.2),
        )
        self.reconciler = Reconciler(setting)
        self.forges = Forges(self.store, LiveSecrets(self.vault), time.time)
        self.reviews = ChangeRequests(self.store, self.reconciler, self._load, time.time)
        self.catalog = EveryDeployment(DEFAULT_ORGANIZATION, self.reconciler.deployments)
        objects = ObjectsOfAll(self.reconciler.repositories)
        self.trees = Workspaces(home.cache, objects)
        worktrees = Worktrees(home.cache, lambda: [one.path for one in self.reconciler.repositories()])
        workplaces = Workplaces(home, self.trees, worktrees, Mirrors(home.cache, objects.common_folder))
        means = Means(
            home=home.root,
            owner=owner_of(key),
            trees=self.trees,
            worktrees=worktrees,
            common_folder=objects.common_folder,
            artifacts=self.artifacts,
            max_artifact_bytes=settings.artifacts.max_bytes,
            clock=time.time,
            in_use=self._in_use,
        )
        local = local_host(config, self.runner, workplaces, self.artifacts)
        self.fleet = Fleet(local, means, self.hosts, self.store.host_of)
        self.world = World(
            store=self.store,
            hosts=self.fleet,
            events=EventReader(read=read_event, error=EventFileError),
            plain=plain_text,
            clock=time.time,
            token=lambda session_id: hmac.digest(key, session_id.encode(), "sha256").hex(),
            address=lambda: public_address(config, self.address),
            secrets=self.vault,
            artifacts=self.artifacts,
            listeners=self.announcing.listeners,
            told=self.announcing.told,
            grace_s=settings.sessions.grace_s,
            orphan_s=settings.sessions.orphan_s,
        )
        self.engine = Engine(self.world, self.catalog, self.authorizer, ids)
        self.planning = Planning(self.engine, operators_policy(config))
        self.terminals = Terminals(self.world)
        self.scheduling = Scheduling(self.engine, self.store, time.time)
        self.hooks = Hooks(
            self.engine,
            self.catalog,
            self.store,
            LiveSecrets(self.vault),
            ids,
            organization=DEFAULT_ORGANIZATION,
            clock=time.time,
        )
        self.asked_secrets = SecretListing(self.vault, self._chains)
        self.visits = Visits(self.hosts, home.root, owner_of(key), lambda: self._chains().values())
        self.health = Health(
            home,
            self.runner,
            self.reconciler,
            scheduling=self.scheduling,
            hooks=self.hooks,
            secrets=self.asked_secrets,
            forges=self.forges,
            hosts=HostHealth(self.hosts, self.fleet.sighted, self._asked_labels, settings.sessions.labels),
        )
        self.telling: asyncio.Task[None] | None = None
        self.forgetting: asyncio.Task[None] | None = None
        self.drifting: asyncio.Task[None] | None = None
        self.watching: asyncio.Task[None] | None = None
        self.warming: asyncio.Task[None] | None = None

    # opening, in order; the stack closes in the opposite order

    async def open(self, stack: AsyncExitStack) -> None:
        await self.store.open()
        stack.push_async_callback(self.store.close)
        self._listen(stack)
        await self.runner.open()
        stack.push_async_callback(self.runner.close)
        await self.hosts.open()
        await self.artifacts.open()
        await self.trees.open()
        self.fleet.open()
        stack.push_async_callback(self.fleet.close)
        await asyncio.to_thread(self.remotes.clear)
        stack.callback(self.remotes.close)
        stack.push_async_callback(self.trees.close)
        await self.reconciler.open(self.sources)
        await self.reviews.open()
        stack.push_async_callback(self.engine.close)
        await self.engine.open(self.terminals.resend)
        stack.push_async_callback(self._end_tasks)
        stack.push_async_callback(self.reconciler.close)
        await self.reconciler.start()
        self.scheduling.open()
        stack.push_async_callback(self.scheduling.close)
        self.telling = asyncio.create_task(self.announcing.run(self.engine, self.catalog), name="tell chains")
        forgetting = forget_old_deliveries(self.store, time.time, self.config.settings.webhooks.keep_bytes)
        self.forgetting = asyncio.create_task(forgetting, name="forget deliveries")
        stack.push_async_callback(self.forges.close)
        told = self.config.settings.repositories
        mirrors = [one for one in self.reconciler.followed.values() if one.fetched is not None]
        await self.forges.open(mirrors, {name: one.forge for name, one in told.items() if one.forge is not None})
        self.drifting = asyncio.create_task(tell_drift(self.health.checks), name="tell drift")
        attention = AttentionWatch(self.engine, self.world, DEFAULT_ORGANIZATION, self.terminals.size)
        self.watching = asyncio.create_task(attention.run(), name="watch terminals")
        await self._serve(stack)
        if self.demo:
            history = history_worth_reading(Path.cwd()) or self.sources[0].path
            await self.engine.start_run(Actor(name="demo"), "demo", {"repository": str(history)})

    def _listen(self, stack: AsyncExitStack) -> None:
        """Before any run is made, also by what is taken over: each names this address. Who comes now waits until there is an answer."""
        self.listener = listen(self.config)
        if self.listener is not None:
            stack.callback(self.listener.close)
        self.address = address_of(self.listener, self.config.settings.listen.host)

    async def _serve(self, stack: AsyncExitStack) -> None:
        """By TCP first: who finds the unix socket finds everything."""
        use_cases, home = self._use_cases(), self.config.home
        self.front = front = Front(self.config, self.address, use_cases, self.authorizer)
        if self.listener is not None:
            stack.push_async_callback((await serve_tcp(front.for_browsers(), self.listener)).close)
        use_cases.listens_at(self.address)
        server = await serve_unix(front.for_peers(), home.socket)
        stack.push_async_callback(server.close)

    def sign_in_link(self) -> str | None:
        """For the browser of who runs the daemon; None where browsers cannot reach it."""
        return self.front.link() if self.front is not None else None

    async def until_stopped(self) -> None:
        """Return when told to stop; raise what killed a task of the daemon's, and HomeGone."""
        stopped = asyncio.ensure_future(self.stop.wait())
        gone = asyncio.create_task(until_gone(self.config.home.root), name="watch the home")
        died = asyncio.ensure_future(self.reconciler.died())
        working = {died, *(task for task in (self.telling, self.watching) if task is not None)}
        ended, _ = await asyncio.wait({stopped, gone, *working}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        gone.cancel()
        if gone in ended:
            raise HomeGone(f"the home {self.config.home.root} is gone: nothing can be kept there, and nobody can ask")
        for task in ended & working:
            dead = died.result() if task is died else task
            log.error("a task of the daemon died", action="daemon.task-died", task=dead.get_name())
            await dead
        died.cancel()

    async def _deployed(self, deployments: Deployments) -> None:
        """What is new in force: whatever starts its chains hears of it, and workspaces of it are made beforehand."""
        every = [one for of_repository in self.reconciler.deployments() for one in of_repository]
        environment = deployments.environment
        beside = {name: chain for one in every if one.environment == environment for name, chain in one.chains.items()}
        self.hooks.follow(environment, beside)
        self.announcing.follow(environment, beside)
        chains, since = scheduled(self.reconciler.deployments())
        await self.scheduling.follow(chains, in_force_since=since)
        if deployments is every[0] and (current := deployments.current):
            if self.warming is not None:
                self.warming.cancel()
            self.warming = asyncio.create_task(self._warm(current.commit), name="warm workspaces")

    def _chains(self) -> Mapping[str, Chain]:
        """Those in force, by what starts them."""
        return scheduled(self.reconciler.deployments())[0]

    def _asked_labels(self) -> Asked:
        return asked_labels(self._chains().values())

    def _in_use(self) -> InUse:
        """What runs that are open need on the hosts."""
        states = self.engine.open_states(DEFAULT_ORGANIZATION)
        commits = {state.request.works_on for state in states if state.request}
        return InUse(commits=commits, runs=[state.id for state in states])

    async def _warm(self, commit: str) -> None:
        try:
            await self.trees.warm(commit)
        except (SourceError, OSError) as error:
            log.warning("workspaces are not ready made", action="workspace.cold", commit=commit, error=str(error))

    def _load(self, files: Mapping[str, bytes], read: ReadFile, folder: str) -> LoadedTree:
        return load_tree(files, read, folder, self.remotes.reader(fetch=True))

    def _use_cases(self) -> DaemonUseCases:
        about = {
            "version": __version__,
            "node": "local",
            "pid": os.getpid(),
            "home": str(self.config.home.root),
            "epoch": self.store.epoch,
            "started_at": time.time(),
        }
        return DaemonUseCases(
            self.engine,
            self.terminals,
            self.authorizer,
            hooks=self.hooks,
            hosts=self.hosts,
            sighted=self.fleet.sighted,
            clear=self.fleet.clear,
            visits=self.visits,
            sessions=self.config.settings.sessions,
            announcing=self.announcing,
            catalog=self.catalog,
            reconciler=self.reconciler,
            reviews=self.reviews,
            scheduling=self.scheduling,
            planning=self.planning,
            config=self.config,
            about=about,
            checks=self.health.checks,
            secrets=self.asked_secrets,
            stop=self.stop,
        )

    async def _end_tasks(self) -> None:
        tasks = [
            task
            for task in (self.telling, self.warming, self.forgetting, self.drifting, self.watching)
            if task is not None
        ]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _demo(home: Home) -> Source:
    return Source(name="demo", kind=Kind.LOCAL, path=seed(home.root / "demo"))


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
