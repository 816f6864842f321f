"""Lists of the API, in pages."""

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Item = TypeVar("Item")


class Listing(BaseModel, Generic[Item]):
    """All there is of something."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    items: list[Item]


class Page(Listing[Item], Generic[Item]):
    """A part of a list; ``next`` is the cursor of the following one, null where nothing follows."""

    next: str | None = None


class PageQuery(BaseModel):
    """Which part of a list; ``cursor`` is the ``next`` of the page before."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    limit: int | None = Field(default=None, ge=1, le=1_000, description="at most so many; all of them by default")
    cursor: str | None = Field(default=None, max_length=1_000)
