"""What the admin says of records: of those that go, of what is wrong, of roles and of jobs."""

import re

from django.contrib.auth.models import Group, Permission

from enrolment.jobs import send_mail
from glossary.models import Glossary, Term
from tests.access.conftest import As

NO_TAKEAWAYS = {"takeaways-INITIAL_FORMS": "0", "takeaways-MIN_NUM_FORMS": "0"}


def test_a_form_in_the_admin_leads_to_what_has_to_be_put_right(as_: As) -> None:
    page = as_("superuser").post("/admin/courses/legalpage/add/", {}).text
    assert "Put this right" in page
    assert re.search(r'<a href="#id_title">Fill in “Title”', page)
    assert "Please correct" not in page


def test_what_is_wrong_in_a_row_inside_a_form_is_led_to_as_well(as_: As) -> None:
    glossary = Glossary.objects.get(slug="deep-learning")
    sent = {
        **NO_TAKEAWAYS,
        "title": glossary.title,
        "slug": glossary.slug,
        "takeaways-TOTAL_FORMS": "1",
        "takeaways-0-position": "x",
        "takeaways-0-text": "Start small.",
    }
    page = as_("superuser").post(f"/admin/glossary/glossary/{glossary.pk}/change/", sent).text
    assert re.search(r'<a href="#id_takeaways-0-position">', page)


def test_deleting_says_how_many_of_each_kind_go(as_: As) -> None:
    first, second = Term.objects.order_by("pk")[:2]
    first.see_also.add(second)
    page = as_("superuser").get(f"/admin/glossary/term/{first.pk}/delete/").text
    assert f"Do you want to delete “{first}”?" in page
    assert re.search(r"Links between records: [12]<", page)
    assert "object (" not in page


def test_what_a_role_may_do_is_chosen_from_what_the_admin_asks_for(as_: As) -> None:
    page = as_("superuser").get("/admin/auth/group/add/").text
    assert "Can change course" in page
    assert "Can enrol someone by hand" in page
    assert "historical" not in page


def test_what_a_role_has_is_kept_though_nothing_asks_for_it(as_: As) -> None:
    odd = Permission.objects.get(codename="view_session")
    role = Group.objects.create(name="Auditors")
    role.permissions.add(odd)
    address = f"/admin/auth/group/{role.pk}/change/"
    browser = as_("superuser")
    assert (
        f'<option value="{odd.pk}" selected>Can view session</option>' in browser.get(address).text
    )
    browser.post(address, {"name": "Auditors", "permissions": [odd.pk]})
    assert list(role.permissions.all()) == [odd]


def test_jobs_are_told_in_words(as_: As) -> None:
    send_mail.defer(kind="offer", key="a key")
    page = as_("superuser").get("/admin/procrastinate/procrastinatejob/?status=todo").text
    assert re.search(r"<h1>Jobs</h1>", page)
    assert re.search(r'class="field-state">to do<', page)
    assert re.search(r"<li>asked for, \d+\s\w+ ago</li>", page)
