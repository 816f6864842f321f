"""The route of secrets."""

from typing import Any

from aiohttp import ClientSession

from chainwright.schemas.api import SecretView
from chainwright.schemas.pages import Page


async def test_secrets_are_listed_by_name(api: ClientSession, use_cases: Any) -> None:
    use_cases.listed["secrets"] = [{"name": "T", "provider": "file", "problem": "", "chains": ["a"]}]

    answer = await api.get("/api/v1/secrets")

    assert Page[SecretView].model_validate(await answer.json()).items[0].name == "T"
