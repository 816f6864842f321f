"""The inputs and outputs of a chain, compared: what those who start it or call it have to know."""

from collections.abc import Iterator

from chainwright.daemon.core.graph import Chain, Input
from chainwright.daemon.core.plan.fields import shown
from chainwright.daemon.core.plan.report import InputChange
from chainwright.daemon.core.plan.sentences import Sentence, said


def changed_interface(before: Chain, after: Chain) -> tuple[InputChange, ...]:
    """What differs, in the order of the file."""
    return (*_inputs(before, after), *_outputs(before, after))


def _inputs(before: Chain, after: Chain) -> Iterator[InputChange]:
    old, new = _by_name(before), _by_name(after)
    for name, one in old.items():
        if name not in new:
            yield _breaking(name, said("the input {} is gone: whoever gives it is refused", name))
        else:
            yield from _input(one, new[name])
    for name, one in new.items():
        if name not in old:
            yield _added(one)


def _by_name(chain: Chain) -> dict[str, Input]:
    return {one.name: one for one in chain.inputs}


def _added(one: Input) -> InputChange:
    if _has_to_be_given(one):
        return _breaking(one.name, said("the new input {} has to be given: whoever does not is refused", one.name))
    return _harmless(one.name, said("the new input {} may be given", one.name))


def _has_to_be_given(one: Input) -> bool:
    return one.required and one.default is None


def _input(old: Input, new: Input) -> Iterator[InputChange]:
    name = new.name
    if old.type != new.type:
        yield _breaking(name, said("the input {} is of type {}, not {} any more", name, new.type, old.type))
    if _has_to_be_given(new) and not _has_to_be_given(old):
        yield _breaking(name, said("the input {} has to be given now", name))
    if _has_to_be_given(old) and not _has_to_be_given(new):
        yield _harmless(name, said("the input {} may be left out now", name))
    if old.default != new.default:
        yield _harmless(
            name, said("the input {} is {} unless given, not {}", name, shown(new.default), shown(old.default))
        )
    yield from _pattern(old, new)
    yield from _options(old, new)
    yield from _bounds(old, new)


def _pattern(old: Input, new: Input) -> Iterator[InputChange]:
    if old.pattern == new.pattern:
        return
    if new.pattern is None:
        yield _loosening(new.name, said("the input {} need not match {} any more", new.name, old.pattern or ""))
    elif old.pattern is None:
        yield _breaking(new.name, said("the input {} has to match {} now", new.name, new.pattern))
    else:
        what = said("the input {} has to match {}, not {}", new.name, new.pattern, old.pattern)
        yield InputChange(name=new.name, breaks=True, loosens=True, what=what)


def _options(old: Input, new: Input) -> Iterator[InputChange]:
    if old.type != "choice" or new.type != "choice":
        return
    for option in old.options:
        if option not in new.options:
            yield _breaking(new.name, said("the input {} cannot be {} any more", new.name, option))
    for option in new.options:
        if option not in old.options:
            yield _loosening(new.name, said("the input {} may be {} now", new.name, option))


def _bounds(old: Input, new: Input) -> Iterator[InputChange]:
    """A bound that is not there is no bound; ``sign`` turns the upper one into a lower one."""
    for word, was, now, sign in (("least", old.min, new.min, 1), ("most", old.max, new.max, -1)):
        if was == now:
            continue
        if now is None:
            yield _loosening(new.name, said(f"the input {{}} has no bound at {word} any more", new.name))
        elif was is None or sign * now > sign * was:
            yield _breaking(new.name, said(f"the input {{}} is at {word} {now:g} now", new.name))
        else:
            yield _loosening(new.name, said(f"the input {{}} is at {word} {now:g}, not {was:g}", new.name))


def _outputs(before: Chain, after: Chain) -> Iterator[InputChange]:
    for name in before.outputs:
        if name not in after.outputs:
            yield _breaking(name, said("the output {} is gone: whoever reads it finds nothing", name))
    for name in after.outputs:
        if name not in before.outputs:
            yield _harmless(name, said("the new output {} is given", name))


def _breaking(name: str, what: Sentence) -> InputChange:
    return InputChange(name=name, breaks=True, what=what)


def _loosening(name: str, what: Sentence) -> InputChange:
    return InputChange(name=name, breaks=False, loosens=True, what=what)


def _harmless(name: str, what: Sentence) -> InputChange:
    return InputChange(name=name, breaks=False, what=what)
