"""The prompt of an agent: what Mentiko told it, and what it told it by other fields."""

from chainwright.daemon.importers.fields import Fields
from chainwright.daemon.importers.report import Report


def prompt_of(fields: Fields, emits: list[str], report: Report) -> str:
    """The whole prompt; empty when the agent has nothing to do. ``emits`` are the events that it may choose from."""
    told = fields.text("prompt") or fields.text("task")
    spec = fields.text("spec")
    if spec:
        report.note(
            fields.span("spec"), "mentiko-spec", f'the agent is told to follow "{spec}"', hint="commit that file too"
        )
    body = [_role(fields), f"Follow the instructions in {spec}." if spec else "", told.strip()]
    if not any(body):
        return ""
    return (
        "\n\n".join(part for part in (*body, *_context(fields, report), _powers(fields), _closing(emits)) if part)
        + "\n"
    )


def _role(fields: Fields) -> str:
    role = fields.text("role").strip()
    return f"Your role: {role}" if role else ""


def _context(fields: Fields, report: Report) -> list[str]:
    context = fields.below("context")
    parts = []
    if files := context.texts("read_first"):
        parts.append("\n".join(["Read these files first:", *(f"- {name}" for name, _ in files)]))
    if workspace := context.text("workspace"):
        parts.append(f"Put your files into {workspace}.")
    for key, span in context.rest():
        report.warn(span, "mentiko-unused-key", f'"{key}" of the context is not converted', hint="say it in the prompt")
    return parts


def _powers(fields: Fields) -> str:
    """What it may do; what needs approval is an ``approval`` of the agent, which a person has given when it reads this."""
    authorities = fields.below("authorities")
    may = [name for name, _ in authorities.texts("can")]
    approved = [name for name, _ in authorities.texts("needs_approval")]
    lines = [f"You may: {', '.join(may)}."] if may else []
    lines += [f"A person has approved: {', '.join(approved)}."] if approved else []
    return "\n".join(lines)


def _closing(emits: list[str]) -> str:
    if not emits:
        return ""
    commands = "\n".join(f"  chainwright emit {name}" for name in emits)
    which = "emit this event" if len(emits) == 1 else "emit exactly one of these events, the one that is true"
    return f"When you have finished, {which}:\n{commands}"
