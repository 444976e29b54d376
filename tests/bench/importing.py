"""``python -m tests.bench.importing``: a glossary of 10,000 terms brought in by one document.

Made-up terms with definitions of thirty words that mention other terms, into a glossary whose
terms are linked in 100 lessons of 2,000 words. The way is that of ``manage.py import_glossary``:
the document is read (with all its doubts and duplicates), compared, applied, and the job that it
queues links the lessons. Then the same document again, as it is exported, and one in which every
definition is another.

The floor, in the same run: the rows that the import wrote, copied into the same tables with the
same indexes and triggers by plain psycopg.
"""

import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone

from tests.bench.linking import made_up_words

if TYPE_CHECKING:
    from glossary.content import TermContent
    from glossary.models import Glossary

TERMS, LESSONS, WORDS = 10_000, 100, 2_000
DEFINITION_WORDS = 30
SLUG = "made-up"
GOAL = 1.0  # seconds for the first import; Moodle took 19.4
# What an import writes, in an order in which triggers find what they look for.
_OF_TERMS = "IN (SELECT definition_id FROM glossary_term)"
TABLES = {
    "glossary_alias": "true",
    "glossary_passage": f"id {_OF_TERMS}",
    "glossary_passageglossary": f"passage_id {_OF_TERMS}",
    "glossary_term": "true",
    "glossary_term_see_also": "true",
    "glossary_mention": "true",
    "glossary_version": "true",
}


@dataclass(frozen=True)
class Step:
    """What one step took: on the clock, and of processors (ours and the database's), seconds."""

    name: str
    seconds: float
    processor: float


class Clock:
    """Times steps one after the other."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time what is in it."""
        began, ours, theirs = time.perf_counter(), time.process_time(), _database_seconds()
        yield
        used = time.process_time() - ours + _database_seconds() - theirs
        self.steps.append(Step(name, time.perf_counter() - began, used))

    @property
    def whole(self) -> Step:
        """All steps together."""
        return Step(
            "together",
            sum(step.seconds for step in self.steps),
            sum(step.processor for step in self.steps),
        )


def _database_seconds() -> float:
    """Seconds of a processor that our connection's process of PostgreSQL has had.

    0 where it runs on another machine.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        stat = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# What is brought in ----------------------------------------------------------------------------


def contents(number: int) -> "list[TermContent]":
    """Made-up terms: a third with an abbreviation, a third with an alias, a fifth see another."""
    from glossary.content import TermContent

    chance = random.Random(4)
    words = made_up_words(chance)
    common = [next(words) for _ in range(3_000)]
    names = [f"{chance.choice(common)} {next(words)}" for _ in range(number)]
    text = Texts(chance, common, names)
    return [
        TermContent(
            name=name.capitalize(),
            abbreviation=f"{name[:2]}{_letters(place)}".upper() if place % 3 == 0 else "",
            aliases=(f"{name} method",) if place % 3 == 1 else (),
            definition=text.of(DEFINITION_WORDS, mentions=2),
            see_also=(names[place - 1].capitalize(),) if place % 5 == 4 else (),
        )
        for place, name in enumerate(names)
    ]


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


class Texts:
    """Texts of words as often as they come in a language, with names of terms in them."""

    def __init__(self, chance: random.Random, words: Sequence[str], names: Sequence[str]) -> None:
        self._chance, self._words, self._names = chance, words, names
        self._often = list(accumulate(1 / rank for rank in range(1, len(words) + 1)))

    def of(self, length: int, *, mentions: int) -> str:
        """A text of so many words and so many names: sentences of about fifteen words."""
        chance = self._chance
        words = chance.choices(self._words, cum_weights=self._often, k=length - 2 * mentions)
        for name in chance.choices(self._names, k=mentions):
            words.insert(chance.randrange(len(words) + 1), name)
        sentences = [" ".join(words[start : start + 15]) for start in range(0, len(words), 15)]
        return " ".join(f"{sentence.capitalize()}." for sentence in sentences)


def write_lessons(glossary: "Glossary", terms: "Sequence[TermContent]", number: int) -> None:
    """A course with so many lessons, in each of which forty of the terms come."""
    from courses.models import Lesson
    from courses.writing import save_lesson
    from tests.courses.making import a_course

    chance = random.Random(5)
    common = " ".join(term.definition for term in terms[:100]).replace(".", "").split()
    text = Texts(chance, common, [term.name.lower() for term in terms])
    course = a_course("made-up", glossaries=[glossary])
    for place in range(number):
        lesson = Lesson(course=course, title=f"Lesson {place}")
        paragraphs = (text.of(WORDS // 20, mentions=2) for _ in range(20))
        save_lesson(lesson, text="\n\n".join(paragraphs))


# Journeys --------------------------------------------------------------------------------------


def bring_in(data: bytes) -> Clock:
    """Import a document as the command does, and do the jobs that come of it."""
    from courses.importing import apply, plan_import
    from glossary.importing.applying import new_record
    from glossary.parsing import read_document
    from tests.glossary.writing import run_jobs

    clock, at = Clock(), timezone.now()
    with clock.step("read"):
        document = read_document(data, "made-up.csv")
    with clock.step("compare"):
        plan = plan_import(document, glossary_slug=SLUG)
    with clock.step("apply"):
        record = new_record(plan.glossary, name="made-up.csv", data=data, at=at)
        apply(plan, record, at=at)
    with clock.step("link texts"):
        run_jobs()
    return clock


def copy_again() -> Clock:
    """The floor: copy what an import wrote into the same tables, with indexes and triggers."""
    clock = Clock()
    with transaction.atomic(), connection.cursor() as cursor:
        rows = {}
        for name, which in TABLES.items():
            those = f"SELECT * FROM {name} WHERE {which}"  # noqa: S608 - names of ours
            with cursor.copy(f"COPY ({those}) TO STDOUT") as out:
                rows[name] = b"".join(out)
        _empty(cursor)
        with clock.step("copy"):
            for name, data in rows.items():
                with cursor.copy(f"COPY {name} FROM STDIN") as copying:
                    copying.write(data)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)
    return clock


def _empty(cursor: Any) -> None:
    cursor.execute(
        "CREATE TEMP TABLE going ON COMMIT DROP AS SELECT definition_id FROM glossary_term"
    )
    for name in ("version", "mention", "term_see_also", "alias", "term"):
        cursor.execute(f"DELETE FROM glossary_{name}")  # noqa: S608 - names of ours
    for name in ("passageglossary WHERE passage_id", "passage WHERE id"):
        cursor.execute(f"DELETE FROM glossary_{name} IN (SELECT * FROM going)")  # noqa: S608
    # What deleting leaves to be checked is not to be timed.
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def measure(*, terms: int = TERMS, lessons: int = LESSONS) -> dict[str, Clock]:
    """Each journey, in an order in which each finds what it is about, and the first one's floor."""
    from glossary.documents import GlossaryContent
    from glossary.exporting import Format, export
    from glossary.models import Glossary, Mention

    made = contents(terms)
    glossary = Glossary.objects.create(title="Made up", slug=SLUG, is_published=True)
    write_lessons(glossary, made, lessons)
    settle()
    data = export(GlossaryContent("Made up", terms=tuple(made)), Format.CSV)
    found = {"import": bring_in(data)}
    assert glossary.terms.count() == terms
    assert Mention.objects.filter(passage__lesson__isnull=False).exists()
    settle()
    found["the same again"] = bring_in(data)
    found["floor"] = copy_again()
    swapped = [
        replace(term, definition=f"{other.definition} And so on.")
        for term, other in zip(made, reversed(made), strict=True)
    ]
    data = export(GlossaryContent("Made up", terms=tuple(swapped)), Format.CSV)
    found["each definition another"] = bring_in(data)
    return found


def settle() -> None:
    """What PostgreSQL does by itself a minute later: without it its plans are for empty tables."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def as_table(found: dict[str, Clock]) -> str:
    """The figures, a line a step."""
    lines = [f"{'':<34} {'clock':>9} {'processors':>12}"]
    for name, clock in found.items():
        steps = clock.steps if len(clock.steps) == 1 else [*clock.steps, clock.whole]
        lines += [
            f"{f'{name}: {step.name}':<34} {step.seconds:>7.2f} s {step.processor:>10.2f} s"
            for step in steps
        ]
    return "\n".join(lines)


def table(found: dict[str, Clock]) -> str:
    """The figures of ``measure``, and whether the goal was met."""
    is_met = found["import"].whole.seconds <= GOAL
    return f"{as_table(found)}\ngoal: import in {GOAL} s: {'yes' if is_met else 'NO'}"


def alone(run: Callable[[], str]) -> None:
    """Run a benchmark on an empty database of its own, and print what it says."""
    import django

    from tests.bench.starting import close_connections
    from tests.own_database import site_database

    with site_database():
        django.setup()
        from django.core.management import call_command

        call_command("migrate", interactive=False, verbosity=0)
        sys.stdout.write(f"{run()}\n")
        close_connections()


if __name__ == "__main__":
    alone(lambda: table(measure()))
