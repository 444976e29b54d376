"""Pages that are read, over HTTP, each beside its floor in the same run.

A learner's lesson page, in a glossary of 40 terms and in one of 10,000, beside the bare page of the
enrolment benchmark; a visitor's lesson and glossary pages beside a view that returns the same
bytes. The same two workers serve all of them, to the same clients, by turns.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from django.utils import timezone

from accounts.models import User
from glossary.models import Glossary, Memory, Passage, Term
from glossary.passages import write_passage
from tests.bench.enrolling import BARE, Steps, signed_in
from tests.bench.figures import Rates
from tests.bench.pages import SAME_PAGES
from tests.bench.starting import BenchFailed, run_together
from tests.bench.visiting import exchange, get, visit
from tests.courses.making import a_course, a_lesson, a_price, an_intake, enrol
from tests.serving import environment, free_port, serve

USED = 40
LESSONS = 12
# Nobody pays here.
NO_STRIPE = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Visits:
    """A page, and the cookies of each client that opens it, so many times in a round."""

    path: str
    cookies: list[str]
    times: int

    def rate(self, port: int) -> float:
        """Pages a second; raises BenchFailed where anything else is answered."""
        run = run_together([partial(self._hand, port, cookies) for cookies in self.cookies])
        wrong = [answer for answer in run.answers if answer.status != 200]
        if wrong:
            raise BenchFailed(f"{self.path} was answered with {wrong[0]}")
        return len(run.answers) / run.seconds

    def _hand(self, port: int, cookies: str) -> Steps:
        return [partial(visit, port, get(self.path, cookies))] * self.times


def measure(
    people: Sequence[User], folder: Path, *, sizes: tuple[int, int], times: int, rounds: int
) -> dict[str, Rates]:
    """Each page beside its floor, by name; there is a client for each of ``people``.

    ``sizes`` are those of the smaller and the larger glossary.
    """
    small, large = sizes
    for size in sizes:
        write_course(size, people)
    port = free_port()
    environ = environment(port=port, stripe_url=NO_STRIPE) | {SAME_PAGES: str(folder)}
    site = serve(environ, port=port, log=folder / "reading.log", application="tests.bench.site")
    try:
        cookies = [signed_in(learner) for learner in people]
        pages = {
            "bare": Visits(BARE, cookies, times),
            "small": Visits(f"/courses/course-{small}/lessons/read/", cookies, times),
            "large": Visits(f"/courses/course-{large}/lessons/read/", cookies, times),
        }
        for name, path in (
            ("lesson", pages["small"].path),
            ("glossary", f"/glossary/terms-{small}/"),
        ):
            (folder / name).write_bytes(exchange(port, get(path, "")).partition(b"\r\n\r\n")[2])
            pages[name] = Visits(path, [""] * len(people), times)
            pages[f"{name} floor"] = Visits(f"/bench/same/{name}/", [""] * len(people), times)
        found = _by_turns({name: partial(page.rate, port) for name, page in pages.items()}, rounds)
    finally:
        site.stop()
    return {
        f"learner's lesson, {small:,} terms": Rates(found["small"], found["bare"]),
        f"learner's lesson, {large:,} terms": Rates(found["large"], found["bare"]),
        f"that with {large:,} to that with {small:,}": Rates(found["large"], found["small"]),
        "visitor's lesson": Rates(found["lesson"], found["lesson floor"]),
        "visitor's glossary": Rates(found["glossary"], found["glossary floor"]),
    }


def _by_turns(pages: dict[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Pages a second, round by round, after one that is not counted."""
    found: dict[str, list[float]] = {name: [] for name in pages}
    for number in range(rounds + 1):
        for name in list(pages)[:: -1 if number % 2 else 1]:
            rate = pages[name]()
            if number:
                found[name].append(rate)
    return found


def write_course(terms: int, learners: Sequence[User]) -> None:
    """A course whose glossary has so many terms, of which the learners know every second.

    Forty of them are in its first lesson. Terms are written past the journeys, which would render
    each definition: the pages here look at none.
    """
    glossary = Glossary.objects.create(
        title=f"{terms} terms", slug=f"terms-{terms}", is_published=True
    )
    names = [f"Term {_word(number)}" for number in range(terms)]
    definitions = Passage.objects.bulk_create([Passage(source=name) for name in names])
    made = Term.objects.bulk_create(
        Term(glossary=glossary, name=name, slug=f"t{number}", definition=definition)
        for number, (name, definition) in enumerate(zip(names, definitions, strict=True))
    )
    course = a_course(f"course-{terms}", glossaries=[glossary])
    text = write_passage(None, source="\n\n".join(_paragraphs(names)), glossaries=[glossary])
    a_lesson(course, "read", passage=text, is_free=True)
    for number in range(1, LESSONS):
        a_lesson(course, f"lesson-{number}")
    intake = an_intake(course, "2026-01")
    a_price(an_intake(course, "2999-05"))  # what the enrol panel offers
    for learner in learners:
        enrol(learner, intake)
        Memory.objects.bulk_create(_memory(learner, term) for term in made[::2])


def _word(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:05}")


def _paragraphs(names: Sequence[str]) -> Iterator[str]:
    """About 2,000 words."""
    for name in names[:USED]:
        yield f"Here the text comes to {name.lower()} and goes on. " + "It says a little more. " * 8


def _memory(learner: User, term: Term) -> Memory:
    now = timezone.now()
    then = now - timedelta(days=9)
    return Memory(
        learner=learner,
        term=term,
        phase=2,
        stability=30.0,
        difficulty=5.0,
        due=now + timedelta(days=30),
        reviewed_at=then,
        begun_at=then,
        reviews=1,
    )
