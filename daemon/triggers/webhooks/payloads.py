"""What the body of a webhook's request holds, as plain JSON: what expressions call ``event.body``.

JSON becomes what it says. A form becomes its fields, or what its field ``payload`` says where that is JSON: GitHub, Slack and others
wrap theirs so. Anything else is its text.
"""

from email.message import Message
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qs

from pydantic_core import from_json

from chainwright.daemon.triggers.webhooks.request import HookRequest

MOST_FIELDS: Final = 1_000
"""Of a form."""

_WRAPPER: Final = "payload"


class Unreadable(Exception):
    """The body is not what its type says; the message says why."""


def payload_of(request: HookRequest) -> Any:
    """The payload. Raises :class:`Unreadable`."""
    media = _media(request.header("content-type"))
    if media == "application/json" or media.endswith("+json"):
        return _json(request.body) if request.body else None
    if media == "application/x-www-form-urlencoded":
        return _form(request.body)
    return request.body.decode("utf-8", "replace")


@lru_cache(maxsize=64)  # there are few, and reading one takes longer than reading the body
def _media(content_type: bytes) -> str:
    """The type without its parameters, in small letters; ``text/plain`` where it says none that can be read."""
    message = Message()
    message["content-type"] = content_type.decode("ascii", "replace").replace("\n", " ")
    return message.get_content_type()


def _json(data: bytes | str) -> Any:
    try:
        return from_json(data, allow_inf_nan=False)
    except ValueError as error:
        raise Unreadable(f"the body is not JSON: {error}") from None


def _form(data: bytes) -> Any:
    try:
        fields = parse_qs(data.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="replace")
    except ValueError as error:
        raise Unreadable(f"the body is not a form: {error}") from None
    if list(fields) == [_WRAPPER] and fields[_WRAPPER][0][:1] in "{[":
        return _json(fields[_WRAPPER][0])
    return {name: values[0] if len(values) == 1 else values for name, values in fields.items()}
