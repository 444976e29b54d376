"""An import in each of its states, as staff meet it in the admin; nothing changes them after."""

from typing import Any

# What the site says of knots, and two documents about them.
THERE = {
    "Bowline": "A loop that does not slip.",
    "Sheet bend": "Joins two ropes, also where one is thicker.",
    "Clove hitch": "Holds a rope to a post.",
}
DOUBTFUL = """Knots

Bowline: A fixed loop at the end of a rope, which does not slip under load, and which is untied \
easily afterwards.

Sheet-bends: Bends that join two ropes.

Reef knot: Joins the two ends of one rope around something, such as a rolled sail.

Reef knot: Ties a sail that is rolled up.

Monkey's fist: A heavy knot at the end of a line that is thrown, tied around a stone or a ball, \
so that it

Whipping: A whipping keeps the end of a rope from coming apart; see also the averyveryveryvery\
verylongwordthatnobodyhasdividedandthatfitsintonophone.

Takeaways:

- Tie it the same way each time.
"""
PLAIN = """Splices

Eye splice (ES): A loop whose strands are woven back into the rope.

Back splice: An end whose strands are woven back, so that it does not come apart.
"""
STATES = ("doubtful", "plain", "applied", "undone", "refused", "dropped", "reading", "applying")


def write_imports() -> dict[str, str]:
    """Bring documents in, each as far as its name says; the addresses of their pages."""
    from accounts.models import User

    staff = User.objects.get(email="staff@termtime.example")
    _write_what_is_there()
    made = {
        "doubtful": _brought(staff, DOUBTFUL, slug="knots"),
        "plain": _brought(staff, PLAIN, slug="splices"),
        "applied": _applied(staff, PLAIN, slug="splices-applied"),
        "undone": _undone(_applied(staff, PLAIN, slug="splices-undone"), staff),
        "refused": _brought(staff, "\x89PNG\r\n\x1a\n", slug="", name="knots.png"),
        "dropped": _dropped(_brought(staff, PLAIN, slug="splices-dropped")),
        "reading": _told(_received(staff, PLAIN, slug="splices-read"), "Reading the document"),
        "applying": _told(_begun(staff), "Writing terms", done=1500, total=4000),
    }
    return {
        f"import_{name}": f"/admin/glossary/import/{record.pk}/" for name, record in made.items()
    }


def _write_what_is_there() -> None:
    from django.utils import timezone

    from glossary.content import TermContent
    from glossary.editing import save_term
    from glossary.models import Glossary, Term

    # Not published: the pages of visitors are looked at without it.
    knots = Glossary.objects.create(title="Knots", slug="knots")
    for name, definition in THERE.items():
        content = TermContent(name, definition=definition)
        save_term(Term(glossary=knots), content, at=timezone.now())


def _received(staff: Any, text: str, *, slug: str, name: str = "Pasted text") -> Any:
    from django.utils import timezone

    from courses import reviewing

    return reviewing.receive(
        name=name, data=text.encode(), slug=slug, brings_intake=True, at=timezone.now(), by=staff
    )


def _brought(staff: Any, text: str, *, slug: str, name: str = "Pasted text") -> Any:
    from courses import reviewing

    return reviewing.look(_received(staff, text, slug=slug, name=name).pk)


def _applied(staff: Any, text: str, *, slug: str) -> Any:
    from django.utils import timezone

    from courses import reviewing

    record = reviewing.begin_applying(_brought(staff, text, slug=slug).pk, by=staff)
    return reviewing.finish_applying(record.pk, at=timezone.now())


def _undone(record: Any, staff: Any) -> Any:
    from django.utils import timezone

    from courses import importing

    importing.undo(record, at=timezone.now(), by=staff)
    return record


def _dropped(record: Any) -> Any:
    from courses import reviewing

    return reviewing.drop(record.pk)


def _begun(staff: Any) -> Any:
    from courses import reviewing

    record = _brought(staff, PLAIN, slug="splices-begun")
    return reviewing.begin_applying(record.pk, by=staff)


def _told(record: Any, step: str, *, done: int = 0, total: int = 0) -> Any:
    """How far the worker has come, which in truth has never heard of it."""
    from glossary.models import ImportProgress

    ImportProgress.objects.filter(document=record).update(step=step, done=done, total=total)
    return record
