"""What changed between two versions is told in the site's words."""

import re

import pytest
from django.test import Client
from django.utils.html import strip_tags

from accounts.models import User
from courses.models import Intake
from tests.courses.making import a_course, a_provider, an_intake, london


@pytest.fixture
def sams(client: Client, db: None) -> Client:
    """The browser of Sam, who may do everything."""
    a_provider()
    client.force_login(User.objects.create_superuser("sam@example.org"))
    return client


def changes(browser: Client, intake: Intake) -> list[str]:
    """Each change of the newest version, as it reads."""
    page = browser.get(f"/admin/courses/intake/{intake.pk}/history/").text
    rows = page.partition("change-history")[2].partition("<tbody>")[2]
    newest = rows.partition("</tr>")[0]
    return [strip_tags(one) for one in re.findall("<li>(.*?)</li>", newest)]


def test_a_change_reads_as_the_page_it_was_made_on(sams: Client) -> None:
    intake = an_intake(a_course(), "2026-05")
    intake.enrolment_closes_at = None
    intake.save()
    intake.enrolment_closes_at = london("2026-05-03 14:30")
    intake.has_waiting_list = not intake.has_waiting_list
    intake.lessons_open = "at_once"
    intake.save()
    was, now = ("yes", "no") if not intake.has_waiting_list else ("no", "yes")
    told = changes(sams, intake)
    assert f"Waiting list: {was} → {now}" in told
    assert "Enrolment closes at: – → 2:30pm BST on 3 May 2026" in told
    assert "Lessons open: when the intake starts → as soon as someone is enrolled" in told


def test_a_link_to_something_is_told_by_its_name_and_none_as_none(sams: Client) -> None:
    intake = an_intake(a_course(), "2026-05")
    other = a_course("statistics")
    intake.course = other
    intake.save()
    assert "Course: Deep learning → Statistics" in changes(sams, intake)
