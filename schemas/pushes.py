"""The triggers ``push`` and ``pull_request``: which movements of the chain repository's refs start a run, and with which inputs.

Patterns of branches, tags and paths mean what they mean on GitHub; that they can be read is checked by lint, which knows their language.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from chainwright.schemas.fields import CONFLICT, Condition, Form, Given, Name, also_in_schema, either

Patterns = Annotated[
    Annotated[str, Field(min_length=1), Tag("<text>")]
    | Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1, max_length=100), Tag("<list>")],
    either("a pattern or a list of patterns"),
]
Move = Literal["opened", "synchronize", "reopened", "closed"]


def _one_of_each(*kinds: str) -> Any:
    """Of a filter and its ``…-ignore`` only one: together nobody could say which wins."""
    return also_in_schema({"allOf": [{"not": {"required": [kind, f"{kind}-ignore"]}} for kind in kinds]})


class _Filtered(Form):
    """What both triggers have."""

    branches: Given[Patterns] = None
    """Branches that count; of a pull request, those that it is to be merged into."""
    branches_ignore: Given[Patterns] = None
    """Branches that do not count."""
    paths: Given[Patterns] = None
    """Files of which one at least has to have changed."""
    paths_ignore: Given[Patterns] = None
    """Files whose changes alone do not count."""
    if_: Given[Condition] = None
    """Which of them count; sees `event` and `vars`."""
    inputs: dict[Name, Any] = Field(default_factory=dict)
    """What the run is given, such as `${{ event.source.branch }}`."""

    @model_validator(mode="after")
    def _one_filter_of_each(self) -> Self:
        for kind in ("branches", "tags", "paths"):
            if {kind, f"{kind}_ignore"} <= self.model_fields_set:
                hint = f'"{kind}" and "{kind}-ignore" do not go together: a pattern with ! in "{kind}" takes names out again'
                raise PydanticCustomError(CONFLICT, hint)
        return self


class PushTrigger(_Filtered):
    """Pushes to the chain repository that start a run."""

    model_config = _one_of_each("branches", "tags", "paths")

    tags: Given[Patterns] = None
    """Tags that count; without `branches` beside it, pushes of branches do not count."""
    tags_ignore: Given[Patterns] = None
    """Tags that do not count."""


class PullRequestTrigger(_Filtered):
    """Pull requests of the chain repository that start a run, at their head and without secrets."""

    model_config = _one_of_each("branches", "paths")

    types: list[Move] = Field(default=["opened", "synchronize", "reopened"], min_length=1)
    """That it has come, that its head has moved, that it is open again, or that it was merged or given up."""


OnPush = Annotated[
    Annotated[None, Tag("<nothing>")] | Annotated[PushTrigger, Tag("<map>")],
    either("empty, for every branch and tag, or {branches, tags, paths, …}"),
]
OnPullRequest = Annotated[
    Annotated[None, Tag("<nothing>")] | Annotated[PullRequestTrigger, Tag("<map>")],
    either("empty, for every base branch, or {branches, paths, …}"),
]
