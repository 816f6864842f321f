"""What holds for every test: where CI runs, a skip is a failure, unless it says that the machine or its data cannot have it."""

import os
from collections.abc import Generator

import pytest

STRICT = bool(os.environ.get("CHAINWRIGHT_CI_STRICT"))
ALLOWED = ("CAPABILITY", "CONFORMANCE")
"""Of which a skip's reason names one: the machine cannot do it, or the public suites are not beside the checkout."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: "pytest.CallInfo[None]"
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """The report of a test; of a component that is missing where it must not be, a failure."""
    report = yield
    if STRICT and report.skipped and not any(word in str(report.longrepr) for word in ALLOWED):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be missing: {report.longrepr}"
    return report
