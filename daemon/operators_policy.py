"""The operator's own policy: it judges every change, beside the policy of each repository, and no repository can lower it."""

from chainwright.daemon.config import BadConfig, Config
from chainwright.daemon.core.plan.policy import Policy
from chainwright.daemon.definition.policy import read_policy


def operators_policy(config: Config) -> tuple[Policy, ...]:
    """The policy that the configuration names, if it names one. Raises BadConfig when it cannot be used: nothing would hold then."""
    if config.settings.policy is None:
        return ()
    path = config.home.root / config.settings.policy
    try:
        found = read_policy(str(path), path.read_bytes(), str(path))
    except OSError as error:
        raise BadConfig(f"policy: {path} cannot be read: {error.strerror}") from None
    for first in found.diagnostics:
        raise BadConfig(f"policy: {path}:{first.span.line}:{first.span.column}: {first.message}")
    return (found.policy,)
