"""The whole path over HTTP, from the enrol form sent to the way to the payment page.

Beside it a bare page of the same site (``tests.bench.pages``), fetched by the same students from
the same workers by turns. The form is opened beforehand, as a student does; what is timed is the
sending of it, the call to the stand-in for Stripe included.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from django.test import Client

from accounts.models import User
from courses.models import Course
from enrolment.models import Payment
from tests.bench.figures import Rates
from tests.bench.holding import held, hot_intake
from tests.bench.starting import BenchFailed, run_together
from tests.bench.visiting import Answer, filled_in, get, visit
from tests.sandbox.process import start_sandbox
from tests.serving import environment, free_port, serve

BARE = "/bench/students/"
SESSION_COOKIE = "termtime_session"
Steps = list[Callable[[], Answer]]


def measure(
    course: Course, people: list[User], folder: Path, *, clients: int, rounds: int
) -> Rates:
    """Forms sent a second and bare pages a second, round by round, after one that is not counted.

    Raises BenchFailed where anybody is answered with anything else than the way to the payment
    page, or the bare page.
    """
    cookies = [signed_in(student) for student in people]
    stand_in = start_sandbox(folder)
    try:
        port = free_port()
        environ = environment(port=port, stripe_url=stand_in.url)
        site = serve(environ, port=port, log=folder / "site.log", application="tests.bench.site")
        try:
            hands = [cookies[number::clients] for number in range(clients)]
            return _rounds(course, hands, port, f"{stand_in.url}/c/pay/", rounds)
        finally:
            site.stop()
    finally:
        stand_in.stop()


def signed_in(student: User) -> str:
    """The cookie of somebody who is signed in."""
    client = Client()
    client.force_login(student)
    return f"{SESSION_COOKIE}={client.cookies[SESSION_COOKIE].value}"


def _rounds(course: Course, hands: list[list[str]], port: int, pay: str, rounds: int) -> Rates:
    def path() -> float:
        return _path_rate(course, hands, port, pay)

    def bare() -> float:
        return _bare_rate(hands, port)

    path(), bare()  # each worker compiles its templates and opens its connections
    rates = Rates()
    for number in range(rounds):
        if number % 2:
            journey, floor = path(), bare()
        else:
            floor, journey = bare(), path()
        rates.add(journey=journey, floor=floor)
    return rates


def _path_rate(course: Course, hands: list[list[str]], port: int, pay: str) -> float:
    """Forms sent a second, each answered with the way to a payment page of its own."""
    count = sum(map(len, hands))
    intake = hot_intake(course, capacity=10 * count)
    run = run_together([partial(_forms, port, intake.get_enrol_url(), hand) for hand in hands])
    led = {answer.location for answer in run.answers if answer.status == 302}
    opened = Payment.objects.filter(enrolment__intake=intake, session_url__in=led).count()
    if not all(address.startswith(pay) for address in led) or not held(intake) == opened == count:
        statuses = sorted({answer.status for answer in run.answers})
        raise BenchFailed(f"{opened} of {count} students got to a payment page: {statuses}")
    return count / run.seconds


def _forms(port: int, path: str, hand: list[str]) -> Steps:
    return [partial(visit, port, filled_in(port, path, cookies)) for cookies in hand]


def _bare_rate(hands: list[list[str]], port: int) -> float:
    run = run_together([partial(_pages, port, hand) for hand in hands])
    wrong = [answer for answer in run.answers if answer.status != 200]
    if wrong:
        raise BenchFailed(f"the bare page was answered with {wrong[0]}")
    return len(run.answers) / run.seconds


def _pages(port: int, hand: list[str]) -> Steps:
    return [partial(visit, port, get(BARE, cookies)) for cookies in hand]
