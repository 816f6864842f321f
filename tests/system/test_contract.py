"""Whatever the description of the API allows is answered as it says: never with a fault of ours, never with anything undescribed.

A few cases of each operation here; ``make soak`` asks for many more.
"""

import os

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import checks
from schemathesis.specs.openapi import checks as contract

FILES = {
    "workflows/hello.yaml": """
on: {manual: , schedule: [{cron: '0 7 * * 1', timezone: UTC}]}
inputs: {n: {type: integer, default: 1}}
agents:
  greet: {run: echo hello, emits: [said], outputs: {x: string}}
""",
    "workflows/ask.yaml": "agents:\n  post: {approval: {message: Post it?}, run: 'true'}\n",
}
SOAKED = 200
"""Of each operation: some fifteen thousand requests, five minutes where nobody else works."""
ONLY = os.environ.get("CHAINWRIGHT_CONTRACT_ONLY", "")
"""A part of the label of the operations to ask, as `/hosts/{host}/key`; of all without one."""
EXAMPLES = int(os.environ.get("CHAINWRIGHT_CONTRACT_EXAMPLES", "3"))
LEFT_OUT = {
    "/api/v1/shutdown": "ends the daemon that all the others ask",
    "/api/v1/stream": "never ends",
}
UNAVAILABLE = 503


def no_fault_of_ours(context, response, case):
    """No 5xx but what is told to come again later, as of a host that does not answer: that is said with its code, and when."""
    if response.status_code != UNAVAILABLE:
        return checks.not_a_server_error(context, response, case)
    assert response.json()["code"] == "unavailable"
    assert "retry-after" in response.headers
    return None


HELD = (
    no_fault_of_ours,
    contract.status_code_conformance,
    contract.content_type_conformance,
    contract.response_schema_conformance,
)


@pytest.fixture(scope="module")
def asked(daemon):
    """The description, bound to a daemon over TCP, and what it has of each kind of id."""
    ended = daemon.ended("hello")["id"]
    document = daemon.client.get("/openapi.json")
    schema = schemathesis.openapi.from_dict(document)
    known = {"run": ended, "agent": "greet", "chain": "hello", "repository": "chains", "host": "local"}
    address = daemon.client.get("/status")["listen"]
    token = daemon.home.token.read_text()
    return schema, known, {"base_url": address, "headers": {"Authorization": f"Bearer {token}"}, "timeout": 20}


def operations(schema):
    """Those that can be asked in a loop."""
    found = [result.ok() for result in schema.get_all_operations()]
    return [one for one in found if one.path not in LEFT_OUT and ONLY in one.label]


def asks(operation, known, how, examples):
    """Ask what the description allows: things that are there in every second case, else whatever fits."""
    seen = []

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case):
        seen.append(case)
        if len(seen) % 2 and case.path_parameters:
            case.path_parameters.update({name: known[name] for name in case.path_parameters if name in known})
        response = case.call(**how)
        try:
            case.validate_response(response, checks=HELD)
        except (Exception, BaseExceptionGroup) as fault:
            fault.add_note(f"{case.as_curl_command()}\n{response.status_code} {response.text[:500]}")
            raise

    ask()


def broken(asked, examples):
    """What is not as described, of all operations."""
    schema, known, how = asked
    found = {}
    for operation in operations(schema):
        try:
            asks(operation, known, how, examples)
        except (Exception, BaseExceptionGroup) as fault:  # noqa: BLE001 - all of them are wanted, not the first
            told = [*getattr(fault, "exceptions", [fault]), *getattr(fault, "__notes__", ())]
            found[operation.label] = "\n".join(map(str, told))[:2_000]
    return found


def told(found):
    """All of it: a comparison of dictionaries would show their beginnings."""
    return "\n\n".join(f"{label}: {why}" for label, why in found.items())


def test_every_operation_keeps_what_the_description_promises(asked):
    found = told(broken(asked, EXAMPLES))

    assert not found, found


@pytest.mark.soak
def test_every_operation_keeps_it_however_often_it_is_asked(asked):
    found = told(broken(asked, SOAKED))

    assert not found, found


def test_what_is_left_out_is_there(asked):
    schema, _, _ = asked

    assert LEFT_OUT.keys() <= {result.ok().path for result in schema.get_all_operations()}
