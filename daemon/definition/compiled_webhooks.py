"""The webhooks of a chain file as the daemon reads them."""

from chainwright.daemon.core import graph
from chainwright.daemon.definition.conditions import bare
from chainwright.schemas.chain import ChainFile
from chainwright.schemas.triggers import Triggers
from chainwright.schemas.webhooks import DatedProof, HmacProof, TokenProof, Verify, Webhook


def webhooks_of(file: ChainFile) -> tuple[graph.Webhook, ...]:
    """In the order of the file. One that nobody could prove to be the sender of is left out: the lint refuses its chain."""
    written = file.on.webhook if isinstance(file.on, Triggers) else None
    hooks = written if isinstance(written, list) else [written] if written is not None else []
    return tuple(_webhook(hook, hook.verify) for hook in hooks if hook.verify is not None)


def _webhook(hook: Webhook, verify: Verify) -> graph.Webhook:
    return graph.Webhook(id=hook.id, verify=_verify(verify), condition=bare(hook.if_), inputs=hook.inputs)


def _verify(verify: Verify) -> graph.Verify:
    secrets = (verify.secret,) if isinstance(verify.secret, str) else tuple(dict.fromkeys(verify.secret))
    match verify:
        case DatedProof():
            return graph.Verify(scheme=verify.scheme, secrets=secrets, tolerance_s=verify.tolerance)
        case HmacProof():
            return graph.Verify(
                scheme=verify.scheme,
                secrets=secrets,
                header=verify.header.lower(),
                algorithm=verify.algorithm,
                encoding=verify.encoding,
                prefix=verify.prefix,
                id_header=_small(verify.id_header),
            )
        case TokenProof():
            return graph.Verify(
                scheme=verify.scheme,
                secrets=secrets,
                header=_small(verify.header),
                id_header=_small(verify.id_header),
            )
        case _:
            return graph.Verify(scheme=verify.scheme, secrets=secrets)


def _small(header: str | None) -> str | None:
    return header.lower() if header is not None else None
