"""The language reference says everything, and what the models say now."""

from chainwright.schemas.reference import FILE, rendered, undescribed
from chainwright.schemas.reference_examples import EXAMPLES


def test_every_field_says_what_it_means() -> None:
    assert undescribed() == []


def test_the_committed_reference_is_what_the_models_give() -> None:
    assert FILE.read_text(encoding="utf-8") == rendered(), "make reference"


def test_every_example_stands_at_a_form() -> None:
    assert [title for title in EXAMPLES if f"\n## {title}\n" not in rendered()] == []
