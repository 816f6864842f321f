"""The rules for files of reusable agents, whose texts know less than those of a chain.

A reusable agent is told its inputs as ``INPUT_<NAME>`` and in a file. In its own texts only ``run`` is known: ``inputs`` there would
mean the chain's, of which it knows nothing.
"""

from collections.abc import Iterator
from typing import Final

from chainwright.daemon.core.secret_texts import CONTEXT
from chainwright.daemon.definition.check_schemas import WrittenChecks, schema_misfits
from chainwright.daemon.definition.compiled_types import types_of
from chainwright.daemon.definition.compiler import declared_inputs
from chainwright.daemon.definition.form_messages import near
from chainwright.daemon.definition.library import AgentDocument
from chainwright.daemon.definition.nodes import Node, at, key_span
from chainwright.daemon.definition.schema_files import SchemaFiles
from chainwright.daemon.lint.expressions import (
    RUN_VALUES,
    is_unknown,
    may_stand_in_script,
    place,
    unreadable,
)
from chainwright.daemon.lint.rule import Finding
from chainwright.daemon.lint.rules.inject_env_file import names_of_inputs, written_to_file
from chainwright.daemon.lint.rules.inject_shell import injections
from chainwright.daemon.lint.rules.input_type import contradictions
from chainwright.daemon.lint.rules.secret_argv import secret_arguments
from chainwright.daemon.lint.rules.secret_literal import secret_literals
from chainwright.daemon.lint.rules.step_duplicate import duplicates
from chainwright.daemon.lint.secret_places import misplaced, unlisted
from chainwright.daemon.lint.steps import unknown_step
from chainwright.daemon.lint.texts import Text, texts_of_agent
from chainwright.schemas.diagnostic import Span

_OF_EXPRESSIONS: Final = (
    "expr-syntax",
    "expr-unknown-context",
    "expr-unknown-function",
    "expr-arity",
    "expr-availability",
    "if-text",
    "not-supported",
)


def check_agent_file(document: AgentDocument, schemas: SchemaFiles) -> Iterator[tuple[str, Finding]]:
    """Every finding with the name of its rule; all of these are errors."""
    if document.form is None:
        return
    texts = list(texts_of_agent(document.form.root, None))
    for rule in _OF_EXPRESSIONS:
        yield from ((rule, finding) for finding in unreadable(document.source, texts, rule))
    yield from (("inject-shell", finding) for finding in injections(document.source, document.form.root, texts))
    yield from (("secret-literal", finding) for finding in secret_literals(document.source, document.form.root))
    foreign = names_of_inputs(declared_inputs(document.model.inputs)) if document.model else []
    asked = document.model.secrets if document.model else []
    yield from _secrets(document, texts)
    for text in texts:
        if text.role == "run":
            yield from (("inject-env-file", one) for one in written_to_file(document.source, text, foreign))
            yield from (("secret-argv", one) for one in secret_arguments(document.source, text, asked))
        for reference in text.references:
            if reference.path[0] == CONTEXT:
                continue
            if text.role == "run" and not may_stand_in_script(reference.path):
                continue
            if problem := _problem(document, text, reference.path):
                yield (
                    problem[0],
                    Finding(span=place(document.source, text, reference), message=problem[1], hint=problem[2]),
                )
    yield from (("step-duplicate", finding) for finding in duplicates(document.form.root, ("steps",)))
    yield from (("input-type", finding) for finding in _inputs(document))
    yield from _schemas(document, schemas)


def _schemas(document: AgentDocument, schemas: SchemaFiles) -> Iterator[tuple[str, Finding]]:
    """Its checks are for its own outputs: what its users add to these is theirs to check."""
    if document.form is None or document.model is None:
        return
    lost, checks = document.form.lost, document.model.checks
    written = WrittenChecks(root=document.form.root, above=(), lost=lost, checks=checks)
    for misfit in schema_misfits(written, types_of(document.model.outputs), schemas):
        yield misfit.rule, Finding(span=misfit.span, message=misfit.message, hint=misfit.hint)


def _secrets(document: AgentDocument, texts: list[Text]) -> Iterator[tuple[str, Finding]]:
    """Rules of secrets, read against what the file asks for."""
    asked = tuple(document.model.secrets) if document.model else ()
    for text in texts:
        for reference, message, hint in misplaced(text):
            yield "expr-availability", Finding(span=place(document.source, text, reference), message=message, hint=hint)
        for reference, name in unlisted(text, asked):
            message = f'the file does not ask for the secret "{name}"'
            hint = f"secrets: [{', '.join((*asked, name))}]"
            yield "secret-unlisted", Finding(span=place(document.source, text, reference), message=message, hint=hint)


def _problem(document: AgentDocument, text: Text, path: tuple[str, ...]) -> tuple[str, str, str] | None:
    """Rule, message and hint of a path that cannot stand here."""
    if path[0] == "steps":
        steps = (document.model.steps or []) if document.model else []
        unknown = unknown_step([step.id or "" for step in steps], text, path)
        return ("expr-unknown-context", *unknown) if unknown else None
    if path[0] == "outputs" and text.is_asked_afterwards:
        return _unknown_output(document, path)
    if path[0] != "run":
        return "expr-unknown-context", f'"{path[0]}" is not known in a reusable agent', _HINTS.get(path[0], "")
    if is_unknown(path[1:2], RUN_VALUES):
        return "expr-unknown-context", f'"run" has no "{path[1]}"', f"it has {', '.join(RUN_VALUES)}"
    return None


def _unknown_output(document: AgentDocument, path: tuple[str, ...]) -> tuple[str, str, str] | None:
    """Of the agent itself: what its users add to it, it does not know."""
    declared = document.model.outputs if document.model else {}
    if document.form is None or any(lost[:1] == ("outputs",) for lost in document.form.lost):
        return None
    if not is_unknown(path[1:2], declared):
        return None
    hint = near(path[1], declared) or (f"its outputs: {', '.join(declared)}" if declared else "it declares no outputs")
    return "output-unknown", f'the agent has no output "{path[1]}"', hint


_HINTS: Final = {
    "inputs": "its inputs reach it as $INPUT_<NAME>",
    "event": "the event reaches it as the file $CHAINWRIGHT_EVENT",
}


def _inputs(document: AgentDocument) -> Iterator[Finding]:
    for one in declared_inputs(document.model.inputs) if document.model and document.form else ():
        for field, message, hint in contradictions(one):
            span = _span(document.form.root, one.name, field) if document.form else Span()
            yield Finding(span=span, message=message, hint=hint)


def _span(root: Node, name: str, field: str) -> Span:
    node = at(root, "inputs", name, field)
    return (node.span if node else key_span(root, "inputs", name)) or Span()
