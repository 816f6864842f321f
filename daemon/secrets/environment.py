"""Secrets of the daemon's own environment: variables with a prefix, which systemd or a container's platform sets."""

from collections.abc import Mapping, Sequence


class EnvironmentProvider:
    """``<prefix><NAME>`` is the secret NAME. Agents get nothing of the daemon's environment, so not these either."""

    name = "environment"

    def __init__(self, environ: Mapping[str, str], prefix: str) -> None:
        self.place = f"the daemon's variables {prefix}…"
        self._values = {name.removeprefix(prefix): value for name, value in environ.items() if name.startswith(prefix)}

    async def read(self, names: Sequence[str]) -> Mapping[str, str]:
        """See :class:`~.port.Provider`."""
        return {name: self._values[name] for name in names if name in self._values}
