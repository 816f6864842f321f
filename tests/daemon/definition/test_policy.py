"""A policy file is read with a position for everything that does not fit, and asks a person where it cannot be read."""

import pytest

from chainwright.daemon.core.plan.policy import PATH, Agreement
from chainwright.daemon.core.plan.risks import WIDENINGS, Risk
from chainwright.daemon.definition.policy import read_policy
from chainwright.schemas.policy import WideningName


def read(text: str):
    return read_policy(PATH, text.encode(), "here")


def test_a_whole_policy_is_read():
    found = read(
        """
        approvals: {high: {by: team:security, count: 2}}
        levels: {time-out-raised: high}
        secrets: [{names: [KEY], branches: [main]}]
        owners: [{files: ['agents/**'], by: [ada]}]
        """
    )

    assert found.diagnostics == ()
    assert found.policy.approvals == {Risk.HIGH: Agreement(by=("team:security",), count=2)}
    assert found.policy.level("time-out-raised") is Risk.HIGH
    assert found.policy.secrets[0].branches == ("main",)
    assert found.policy.owners[0].agreement.by == ("ada",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("approvalls: {}", 'unknown key "approvalls"'),
        ("levels: {secret-aded: low}", "secret-aded"),
        ("levels: {secret-added: none}", '"secret-added" must be'),
        ("approvals: {high: {count: 0}}", '"count" must be at least 1'),
        ("owners: [{files: ['a++'], by: ada}]", 'the pattern "a++" cannot be read'),
        ("secrets: [{names: [A], branches: ['[']}]", 'the pattern "[" cannot be read'),
        ("owners: [{by: ada}]", '"files" is missing'),
        ("[]", "the file must be a mapping"),
        ("a: [", ""),
        ("", ""),
    ],
)
def test_what_does_not_fit_is_told_and_asks_a_person(text, expected):
    found = read(text)

    assert expected in found.diagnostics[0].message
    assert found.diagnostics[0].path == PATH
    assert found.policy.agreement(Risk.LOW) == Agreement()


def test_the_published_names_are_those_of_the_table():
    assert set(WideningName.__args__) == set(WIDENINGS)
