"""What comes of a term of a document: what it says afterwards, and what is still to decide."""

from dataclasses import dataclass, replace

from glossary.content import TermContent
from glossary.importing.merging import Change
from glossary.importing.planning import TermPlan
from glossary.models import ImportEntry

Choice = ImportEntry.Choice


@dataclass(frozen=True)
class Outcome:
    """What is written for one term of a document; None and nothing leave all as it is."""

    content: TermContent | None = None
    # Definitions that staff decide on later, and those that they decided against.
    waiting: tuple[str, ...] = ()
    dismissed: tuple[str, ...] = ()
    # Another name for a term that is there.
    alias_of: int | None = None

    @property
    def is_nothing(self) -> bool:
        return self == Outcome()


def choices(plan: TermPlan) -> dict[str, str]:
    """What staff may decide, and in which words; empty where there is nothing to decide."""
    if not plan.needs_decision:
        return {}
    return {choice: words for choice, words in _words(plan).items() if words}


def _words(plan: TermPlan) -> dict[str, str]:
    is_new = plan.change == Change.ADDED
    has_others = bool(plan.others)
    is_written = plan.change in {Change.ADDED, Change.CHANGED, Change.CONFLICT}
    return {
        Choice.TAKE: ("Add it" if is_new else "Take the document’s text") if is_written else "",
        Choice.OTHER: "Take the document’s other definition" if has_others else "",
        Choice.ALIAS: "Make it another name of the term that is there" if plan.near_id else "",
        Choice.LATER: _later(plan, is_new=is_new),
        Choice.KEEP: "Leave it out" if is_new else "Leave the term as it is",
    }


def _later(plan: TermPlan, *, is_new: bool) -> str:
    if plan.change != Change.CONFLICT and not plan.others:
        return ""
    return "Add it, and decide on the definition later" if is_new else "Decide later"


def default_choice(plan: TermPlan) -> Choice:
    """What is done where nobody decides: nothing that staff wrote is lost, nothing forgotten."""
    if plan.change == Change.CONFLICT or plan.others:
        return Choice.LATER
    return Choice.TAKE


def outcome(plan: TermPlan, choice: str) -> Outcome:
    """What comes of the plan by this decision ("" where none was made)."""
    chosen = Choice(choice) if choice in choices(plan) else default_choice(plan)
    match chosen:
        case Choice.TAKE:
            return Outcome(_if_new(plan, plan.taken), dismissed=plan.others)
        case Choice.OTHER:
            return _other(plan)
        case Choice.ALIAS:
            texts = _texts(plan)
            return Outcome(alias_of=plan.near_id, waiting=texts)
        case Choice.LATER:
            content = plan.taken if plan.change != Change.CONFLICT else plan.kept
            return Outcome(_if_new(plan, content), waiting=_besides(plan))
    return Outcome(_if_new(plan, plan.kept), dismissed=_besides(plan) if plan.before else ())


def _if_new(plan: TermPlan, content: TermContent | None) -> TermContent | None:
    return content if content != plan.before else None


def _other(plan: TermPlan) -> Outcome:
    content = plan.taken or plan.before
    if content is None:
        return Outcome()
    chosen = replace(content, definition=plan.others[-1])
    refused = tuple(text for text in _texts(plan) if text != chosen.definition)
    return Outcome(_if_new(plan, chosen), dismissed=refused)


def _texts(plan: TermPlan) -> tuple[str, ...]:
    """Every definition that the document has for it."""
    return ((plan.taken.definition,) if plan.taken else ()) + plan.others


def _besides(plan: TermPlan) -> tuple[str, ...]:
    """The document's definitions that are not published."""
    if plan.change != Change.CONFLICT or plan.taken is None or plan.kept is None:
        return plan.others
    differs = plan.taken.definition != plan.kept.definition
    return ((plan.taken.definition,) if differs else ()) + plan.others
