"""The dashboard's types are made of the description of the API: they cannot drift apart."""

from pathlib import Path

from chainwright.daemon.web.description import text

KEPT = Path(__file__).parents[3] / "daemon" / "web" / "ui" / "openapi.json"


def test_the_description_beside_the_dashboard_is_the_one_of_the_api():
    """`make schemas` writes it."""
    assert KEPT.read_text() == text(), "run `make schemas`"
