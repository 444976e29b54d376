"""``python -m tests.bench.relinking``: one term changes, and 10,000 lessons are put right.

Lessons of 2,000 words, each linked to a glossary of 1,000 terms. A term is renamed that one
lesson in a hundred uses, and one that all of them use. What is timed is saving the term and the
job that it queues.

The floor, in the same run: the new pages of the same lessons written into their rows by one
statement, which whoever puts them right has to do anyway.
"""

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils import timezone

from tests.bench.importing import Clock, Texts, alone, as_table, contents, settle

if TYPE_CHECKING:
    from glossary.content import TermContent
    from glossary.models import Glossary, Term

TERMS, LESSONS, WORDS = 1_000, 10_000, 2_000
EVERY = 100  # one lesson in so many has the rare term
TEXTS = 50  # different ones; each lesson has one of these


def write_lessons(glossary: "Glossary", number: int) -> None:
    """Lessons of one course, every one with the first term of the glossary, some the second.

    Written past the journeys, which would render each text; then linked as always.
    """
    from courses.models import Lesson
    from glossary import rows
    from glossary.models import Passage, PassageGlossary
    from glossary.rendering import render
    from tests.courses.making import a_course
    from tests.glossary.writing import run_jobs

    made = _texts(glossary)
    keys = rows.new_keys(Passage, number)
    now = timezone.now()
    texts = [made[place % EVERY == 0][place % TEXTS] for place in range(number)]
    pages = {text: render(text).html for each in made.values() for text in each}
    folded = {text: _folded(page) for text, page in pages.items()}
    columns = ("id", "source", "html", "linked_html", "folded", "problems", "word_count")
    rows.insert(
        Passage,
        (*columns, "updated_at"),
        (
            (key, text, pages[text], pages[text], folded[text], [], WORDS, now)
            for key, text in zip(keys, texts, strict=True)
        ),
    )
    places = ("passage_id", "glossary_id", "position")
    rows.insert(PassageGlossary, places, ((key, glossary.pk, 1) for key in keys))
    course = a_course("many", glossaries=[glossary])
    Lesson.objects.bulk_create(
        Lesson(course=course, title=f"Lesson {key}", slug=f"l{key}", position=key, passage_id=key)
        for key in keys
    )
    run_jobs()  # what saving the terms queued: links the lessons too


def _texts(glossary: "Glossary") -> dict[bool, list[str]]:
    """Texts without the second term of the glossary, and the same texts with it."""
    first, second, *others = glossary.terms.order_by("pk").values_list("name", flat=True)
    chance = random.Random(6)
    source = glossary.terms.order_by("pk")[2:100].values_list("definition__source", flat=True)
    words = " ".join(source).replace(".", "").split()
    texts = Texts(chance, words, [name.lower() for name in others])
    plain = [
        "\n\n".join(texts.of(WORDS // 20, mentions=2) for _ in range(20)) for _ in range(TEXTS)
    ]
    return {
        False: [f"{text}\n\nThen {first.lower()}." for text in plain],
        True: [f"{text}\n\nThen {first.lower()} and {second.lower()}." for text in plain],
    }


def _folded(html: str) -> str:
    from glossary.linking import Linker

    return Linker(()).link(html).folded


def rename(term: "Term") -> Clock:
    """Give the term another name by which the texts do not know it, and do what comes of it."""
    from glossary.editing import save_term
    from glossary.versions import content_of
    from tests.glossary.writing import run_jobs

    clock = Clock()
    content = content_of(term)
    with clock.step("save"):
        save_term(term, _renamed(content), at=timezone.now())
    with clock.step("link texts"):
        run_jobs()
    return clock


def _renamed(content: "TermContent") -> "TermContent":
    return replace(content, name=f"{content.name} anew", aliases=())


def write_again(passages: Sequence[int]) -> Clock:
    """The floor: the pages of these texts written into their rows, a little changed."""
    clock = Clock()
    with transaction.atomic(), connection.cursor() as cursor:
        with clock.step("write"):
            cursor.execute(
                "UPDATE glossary_passage SET linked_html = linked_html || ' ' WHERE id = ANY (%s)",
                [list(passages)],
            )
        transaction.set_rollback(True)
    return clock


def measure(*, terms: int = TERMS, lessons: int = LESSONS) -> dict[str, Clock]:
    """Rename the rare term, then the one that every lesson uses; each with its floor."""
    from glossary.editing import lock
    from glossary.models import Glossary, Mention, Term
    from glossary.saving import save_terms

    glossary = Glossary.objects.create(title="Linked", slug="linked", is_published=True)
    with transaction.atomic():
        made = [(Term(glossary=glossary), content) for content in contents(terms)]
        save_terms(lock(glossary), made, at=timezone.now())
    common, rare = glossary.terms.order_by("pk")[:2]
    write_lessons(Glossary.objects.get(pk=glossary.pk), lessons)
    settle()
    found: dict[str, Clock] = {}
    for name, term in (("in one of a hundred", rare), ("in every lesson", common)):
        using = Mention.objects.filter(term=term, passage__lesson__isnull=False)
        texts = list(using.values_list("passage_id", flat=True))
        assert texts
        found[f"floor, {name}"] = write_again(texts)
        found[f"term {name}"] = rename(term)
        assert not using.exists()
        settle()
    return found


if __name__ == "__main__":
    alone(lambda: as_table(measure()))
