"""Webhooks, compared: the addresses that appear and vanish, and what has become easier for a sender."""

from collections.abc import Iterator

from chainwright.daemon.core.graph import Chain, Webhook
from chainwright.daemon.core.plan.fields import changed_fields, cut, duration
from chainwright.daemon.core.plan.report import WebhookChange
from chainwright.daemon.core.plan.sentences import said
from chainwright.daemon.core.plan.widening import Widened


def changed_webhooks(before: Chain | None, after: Chain | None) -> tuple[WebhookChange, ...]:
    """Those that come, go or change. Their addresses end with their ids, which are unique in an environment (semantics 40)."""
    return tuple(_changes(_by_id(before), _by_id(after)))


def widened_webhooks(before: Chain, after: Chain) -> Iterator[Widened]:
    """What a sender can do now and could not before."""
    old = _by_id(before)
    for name, webhook in _by_id(after).items():
        if name in old:
            yield from _easier(old[name], webhook)
        else:
            yield "webhook-added", said(f"the webhook {{}} starts runs, verified by {webhook.verify.scheme}", name)


def _easier(old: Webhook, new: Webhook) -> Iterator[Widened]:
    if old.condition != new.condition:
        what = said("if of the webhook {} is {}, not {}", new.id, cut(new.condition or ""), cut(old.condition or ""))
        yield "webhook-filter-changed", what
    if old.verify.scheme != new.verify.scheme:
        what = said(f"the webhook {{}} is verified by {new.verify.scheme}, not {old.verify.scheme}", new.id)
        yield "webhook-proof-changed", what
    for name in new.verify.secrets:
        if name not in old.verify.secrets:
            yield "webhook-proof-changed", said("the webhook {} takes what {} signs", new.id, name)
    if new.verify.tolerance_s > old.verify.tolerance_s:
        now, was = duration(new.verify.tolerance_s), duration(old.verify.tolerance_s)
        yield "webhook-proof-changed", said(f"the webhook {{}} takes what is {now} old, not {was}", new.id)


def _by_id(chain: Chain | None) -> dict[str, Webhook]:
    return {one.id: one for one in chain.webhooks} if chain else {}


def _changes(old: dict[str, Webhook], new: dict[str, Webhook]) -> Iterator[WebhookChange]:
    for name, webhook in new.items():
        if name not in old:
            yield WebhookChange(kind="added", id=name)
        elif fields := changed_fields(old[name], webhook):
            yield WebhookChange(kind="changed", id=name, fields=fields)
    for name in old:
        if name not in new:
            yield WebhookChange(kind="removed", id=name)
