"""Where the daemon's configuration comes from, what it says together, and where the daemon keeps its state.

Layers, each over the one before: defaults, the system's ``chainwright.yaml``, the user's (or the one given with ``--config``),
the environment, flags. From the environment only names with ``__`` after the prefix count (``CHAINWRIGHT_SESSIONS__SLOTS``), and
``CHAINWRIGHT_HOME``: the rest of ``CHAINWRIGHT_…`` belongs to agents, and a daemon started by an agent must not read it.

What is valid is said by ``schemas.config``. It is imported only to validate: a client needs no more than :func:`find_home`, and
must not pay for the validator at every start.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from chainwright.schemas.config import Settings

FILE: Final = "chainwright.yaml"
SYSTEM_FOLDER: Final = Path("/etc/chainwright")
PREFIX: Final = "CHAINWRIGHT_"
HOME_VARIABLE: Final = "CHAINWRIGHT_HOME"


class BadConfig(Exception):
    """The configuration cannot be used; the message lists every fault with where it was said and what to do."""


@dataclass(frozen=True, slots=True)
class Home:
    """The state folder of one daemon and the names in it. Nothing is created by asking."""

    root: Path

    @property
    def database(self) -> Path:
        """The store's file."""
        return self.root / "chainwright.db"

    @property
    def socket(self) -> Path:
        """The API, for this user on this machine."""
        return self.root / "daemon.sock"

    @property
    def lock(self) -> Path:
        """Held by the one daemon of this home for its life."""
        return self.root / "lock"

    @property
    def sessions(self) -> Path:
        """A folder per attempt. The name is short because socket paths below it end at 107 bytes."""
        return self.root / "s"

    @property
    def runs(self) -> Path:
        """A folder per run: its workspace and its coordination, for people to read."""
        return self.root / "runs"

    @property
    def repositories(self) -> Path:
        """A bare repository for each one that people push to."""
        return self.root / "repositories"

    @property
    def cache(self) -> Path:
        """What can be made again: trees of commits, mirrors."""
        return self.root / "cache"

    @property
    def artifacts(self) -> Path:
        """Files of runs by their content."""
        return self.root / "artifacts"

    @property
    def bin(self) -> Path:
        """Put in front of every agent's PATH."""
        return self.root / "bin"

    @property
    def token(self) -> Path:
        """What opens the API over TCP."""
        return self.root / "token"

    @property
    def sign_ins(self) -> Path:
        """Digests of the cookies of browsers that are signed in."""
        return self.root / "sign-ins.json"

    @property
    def log(self) -> Path:
        """What a daemon in the background says."""
        return self.root / "daemon.log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole configuration, checked. ``origins`` tells for each dotted key that was set where that was."""

    settings: "Settings"
    home: Home
    origins: Mapping[str, str]

    def origin(self, key: str) -> str:
        """Who set ``key`` (``sessions.slots``): a file, a variable, a flag, or ``default``."""
        return self.origins.get(key, "default")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layer:
    origin: str
    values: Mapping[str, Any]


def load(
    flags: Mapping[str, Any] | None = None,
    *,
    file: Path | None = None,
    environ: Mapping[str, str] = os.environ,
    system_folder: Path = SYSTEM_FOLDER,
) -> Config:
    """Read every layer and check the whole. ``flags`` are nested like the file; ``file`` stands in for the user's.

    Raises :class:`BadConfig`.
    """
    from pydantic import ValidationError

    from chainwright.schemas.config import Settings

    merged, origins = _merged(_layers(flags or {}, file, environ, system_folder))
    try:
        settings = Settings.model_validate(merged)
    except ValidationError as problem:
        raise BadConfig("\n".join(_explained(fault, origins, Settings) for fault in problem.errors())) from None
    return Config(settings=settings, home=_home(merged, environ), origins=origins)


def find_home(
    flag: str | None = None,
    *,
    file: Path | None = None,
    environ: Mapping[str, str] = os.environ,
    system_folder: Path = SYSTEM_FOLDER,
) -> Home:
    """The state folder that :func:`load` would find, without checking anything else. Raises :class:`BadConfig`."""
    flags = {"home": flag} if flag else {}
    merged, _ = _merged(_layers(flags, file, environ, system_folder))
    return _home(merged, environ)


def _home(merged: Mapping[str, Any], environ: Mapping[str, str]) -> Home:
    if told := merged.get("home"):
        return Home(Path(str(told)).expanduser().absolute())
    state = environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Home(Path(state) / "chainwright")


# layers


def _layers(
    flags: Mapping[str, Any], file: Path | None, environ: Mapping[str, str], system_folder: Path
) -> Iterator[_Layer]:
    yield from _from_file(system_folder / FILE)
    if file is not None and not file.is_file():
        raise BadConfig(f"{file}: there is no such file")
    yield from _from_file(file or _user_file(environ))
    if home := environ.get(HOME_VARIABLE):
        yield _Layer(origin=HOME_VARIABLE, values={"home": home})
    yield from _from_environment(environ)
    if flags:
        yield _Layer(origin="flag", values=flags)


def _user_file(environ: Mapping[str, str]) -> Path:
    """``CHAINWRIGHT_HOME`` overrides every XDG folder, this one too: a test's daemon never reads its developer's file."""
    if home := environ.get(HOME_VARIABLE):
        return Path(home) / FILE
    folder = environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(folder) / "chainwright" / FILE


def _from_file(path: Path) -> Iterator[_Layer]:
    if not path.is_file():
        return
    import yaml

    try:
        values = yaml.load(path.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, yaml.YAMLError) as problem:
        raise BadConfig(f"{path}: {problem}") from None
    if not isinstance(values, dict | None):
        raise BadConfig(f"{path}: a map of settings was expected")
    yield _Layer(origin=str(path), values=values or {})


def _from_environment(environ: Mapping[str, str]) -> Iterator[_Layer]:
    for name in sorted(environ):
        head, found, rest = name.removeprefix(PREFIX).partition("__")
        if name.startswith(PREFIX) and found and head:
            keys = [head, *rest.split("__")]
            yield _Layer(origin=name, values=_nested([key.lower() for key in keys], environ[name]))


def _nested(keys: list[str], value: str) -> dict[str, Any]:
    head, *rest = keys
    return {head: _nested(rest, value) if rest else value}


def _merged(layers: Iterator[_Layer]) -> tuple[dict[str, Any], dict[str, str]]:
    merged: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for layer in layers:
        _lay(merged, layer.values, layer.origin, origins, "")
    return merged, origins


def _lay(onto: dict[str, Any], values: Mapping[str, Any], origin: str, origins: dict[str, str], above: str) -> None:
    for key, value in values.items():
        path = f"{above}{key}"
        if isinstance(value, Mapping) and isinstance(onto.setdefault(key, {}), dict):
            _lay(onto[key], value, origin, origins, f"{path}.")
        else:
            onto[key] = value
            origins[path] = origin


# faults


def _explained(fault: "ErrorDetails", origins: Mapping[str, str], model: Any) -> str:
    """``chainwright.yaml: sessions.slot: is not a setting; did you mean "slots"?``."""
    path = ".".join(map(str, fault["loc"]))
    said = fault["msg"].removeprefix("Value error, ")
    if fault["type"] == "extra_forbidden":
        said = f"is not a setting{_near(str(fault['loc'][-1]), _fields_at(model, fault['loc'][:-1]))}"
    origin = origins.get(path) or next((origins[key] for key in origins if key.startswith(f"{path}.")), "")
    return ": ".join(filter(None, [origin, path, said]))


def _fields_at(model: Any, path: tuple[int | str, ...]) -> list[str]:
    for key in path:
        annotation = model.model_fields[key].annotation if hasattr(model, "model_fields") else get_args(model)[1]
        model = annotation
    return list(model.model_fields)


def _near(name: str, known: list[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=1)
    return f'; did you mean "{near[0]}"?' if near else f"; there are: {', '.join(sorted(known))}"
