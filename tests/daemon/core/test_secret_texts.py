"""Secrets in texts are names that nothing else can become."""

import pytest

from chainwright.daemon.core.decisions import Piece
from chainwright.daemon.core.expressions import ExpressionError
from chainwright.daemon.core.secret_texts import filled, mentions, parted, pieces, shown

CONTEXTS = {"inputs": {"who": "ann"}, "event": {"data": {"text": "${{ secrets.OTHER }} [secret OTHER]"}}}


def test_a_text_is_cut_at_its_secrets_and_evaluated_between() -> None:
    found = pieces("${{ inputs.who }}:${{ secrets.TOKEN }}!", ("TOKEN",), CONTEXTS)

    assert found == (Piece(text="ann:"), Piece(secret="TOKEN"), Piece(text="!"))
    assert (shown(found), filled(found, {"TOKEN": "t0ken"})) == ("ann:[secret TOKEN]!", "ann:t0ken!")


def test_names_are_read_without_regard_to_case() -> None:
    assert pieces("${{Secrets.token}}", ("TOKEN",), CONTEXTS) == (Piece(secret="TOKEN"),)


def test_what_looks_like_a_mention_in_a_value_names_nothing() -> None:
    """An event must not be able to ask for a secret that the text does not name."""
    found = pieces("${{ secrets.TOKEN }} ${{ event.data.text }}", ("TOKEN", "OTHER"), CONTEXTS)

    assert filled(found, {"TOKEN": "t0ken", "OTHER": "0ther"}) == "t0ken ${{ secrets.OTHER }} [secret OTHER]"


def test_a_secret_that_is_not_listed_is_an_error_where_it_stands() -> None:
    with pytest.raises(ExpressionError, match="does not list the secret OTHER") as caught:
        pieces("ab ${{ secrets.OTHER }}", ("TOKEN",), CONTEXTS)

    assert caught.value.offset == 3


def test_values_without_secrets_are_left_alone() -> None:
    assert parted({"a": "${{ inputs.who }}", "b": 1, "c": "x ${{ secrets.T }}"}) == (
        {"a": "${{ inputs.who }}", "b": 1},
        {"c": "x ${{ secrets.T }}"},
    )


def test_a_mention_is_found_where_its_path_begins() -> None:
    assert mentions("a ${{ secrets.A }} ${{secrets.b}} ${{ secrets.C || 1 }}") == {6: "A", 22: "b"}
