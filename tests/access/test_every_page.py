"""Every address of the site, and what each kind of person gets there."""

from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from django.http import HttpResponseBase
from django.urls import URLResolver, get_resolver

from tests.access.conftest import ALERT, ENROLMENT, ENTRY, PAYMENT, PEOPLE, RECEIPT, As

DEEP = "/courses/deep-learning/"
MINE = "/account/enrolments/"
WAITING = "/account/waiting-list/"
HERS = f"{MINE}{ENROLMENT}/"
MFA = "/account/2fa/"
SURE = "/account/reauthenticate/"  # asks for the password again, before what is delicate

# For an outsider, a student, a learner, another learner, staff without permissions, a superuser.
Row = tuple[str, str, str, str, str, str]
EVERYONE: Row = ("200", "200", "200", "200", "200", "200")
NOBODY: Row = ("404", "404", "404", "404", "404", "404")
EDITORS: Row = ("404", "404", "404", "404", "404", "200")
SIGNED_IN: Row = ("login", "200", "200", "200", "200", "200")
NOT_THERE: Row = ("login", "404", "404", "404", "404", "404")
ALICE: Row = ("login", "404", "200", "404", "404", "404")
GUESTS: Row = ("200", MINE, MINE, MINE, MINE, MINE)
SURE_FIRST: Row = ("login", SURE, SURE, SURE, SURE, SURE)
NO_GET: Row = ("405", "405", "405", "405", "405", "405")


def signed_in_or_not(outsider: str, everyone_else: str) -> Row:
    """One answer to whoever is not signed in, another to whoever is."""
    other = everyone_else
    return (outsider, other, other, other, other, other)


def on_the_way(page: str) -> Row:
    """A step that only makes sense after the one on ``page``; who is in has taken it already."""
    return signed_in_or_not(page, MINE)


MATRIX: list[tuple[str, str, Row]] = [
    # What is taught
    ("home", "/", EVERYONE),
    ("search", "/search/?q=neuron", EVERYONE),
    ("course_list", "/courses/", EVERYONE),
    ("course_detail", DEEP, EVERYONE),
    ("course_detail", "/courses/draft-course/", EDITORS),
    ("course_terms", f"{DEEP}terms/", EVERYONE),
    ("course_terms", "/courses/draft-course/terms/", EDITORS),
    ("lesson_detail", f"{DEEP}lessons/introduction/", EVERYONE),
    ("lesson_detail", f"{DEEP}lessons/backpropagation/", EVERYONE),  # a teaser, to most
    ("lesson_detail", f"{DEEP}lessons/draft-lesson/", EDITORS),
    ("lesson_detail", "/courses/draft-course/lessons/hidden-lesson/", EDITORS),
    ("lesson_detail", "/courses/statistics/lessons/backpropagation/", NOBODY),
    ("lesson_completion", f"{DEEP}lessons/backpropagation/completion/", NO_GET),
    # Glossaries
    ("glossary_list", "/glossary/", EVERYONE),
    ("glossary_map", "/maps/deep-learning/", EVERYONE),
    ("glossary_map", "/maps/deep-learning/?term=neuron", EVERYONE),
    ("glossary_map", "/maps/deep-learning/?term=draft-term", NOBODY),
    ("glossary_map", "/maps/draft-glossary/", NOBODY),
    ("glossary_detail", "/glossary/deep-learning/", EVERYONE),
    ("glossary_detail", "/glossary/draft-glossary/", EDITORS),
    ("glossary_json", "/glossary/deep-learning.json", EVERYONE),
    ("glossary_json", "/glossary/draft-glossary.json", EDITORS),
    ("glossary_csv", "/glossary/deep-learning.csv", EVERYONE),
    ("glossary_csv", "/glossary/draft-glossary.csv", EDITORS),
    ("term_detail", "/glossary/deep-learning/neuron/", EVERYONE),
    ("term_detail", "/glossary/deep-learning/draft-term/", EDITORS),
    ("term_detail", "/glossary/draft-glossary/hidden-term/", EDITORS),
    ("term_detail", "/glossary/draft-glossary/neuron/", NOBODY),
    ("term_card", "/glossary/deep-learning/neuron/card/", EVERYONE),
    ("term_card", "/glossary/deep-learning/draft-term/card/", NOBODY),
    ("term_card", "/glossary/draft-glossary/hidden-term/card/", NOBODY),
    # Practice
    ("practice", "/practice/", EVERYONE),
    ("practice_knowledge", "/practice/knowledge/", EVERYONE),
    ("practice_reminder", "/practice/reminder/", ("login", *NO_GET[1:])),
    ("practice_reminder_stop", "/practice/reminder/1:a-guess/", NOBODY),
    ("own_terms_apkg", "/practice/terms.apkg", EVERYONE),
    ("own_terms_csv", "/practice/terms.csv", EVERYONE),
    ("glossary_apkg", "/practice/glossary/deep-learning.apkg", EVERYONE),
    ("glossary_apkg", "/practice/glossary/draft-glossary.apkg", NOBODY),
    ("practice_due", "/practice/due/", EVERYONE),
    ("glossary_practice", "/practice/glossary/deep-learning/", EVERYONE),
    ("glossary_practice", "/practice/glossary/draft-glossary/", NOBODY),
    ("course_practice", "/practice/courses/deep-learning/", SIGNED_IN),
    (
        "course_practice",
        "/practice/courses/draft-course/",
        ("login", "404", "404", "404", "404", "200"),
    ),
    # Enrolling
    ("enrol", f"{DEEP}intakes/2126-05/enrol/", SIGNED_IN),
    ("enrol", f"{DEEP}intakes/2126-06/enrol/", NOT_THERE),
    ("enrol", "/courses/draft-course/intakes/2126-05/enrol/", NOT_THERE),
    (
        "waiting_list_join",
        f"{DEEP}intakes/2126-07/waiting-list/",
        signed_in_or_not("login", f"{DEEP}intakes/2126-07/enrol/"),
    ),
    ("waiting_list_join", f"{DEEP}intakes/2126-06/waiting-list/", NOT_THERE),
    ("waiting_list_join", "/courses/draft-course/intakes/2126-05/waiting-list/", NOT_THERE),
    ("enrol", f"{DEEP}intakes/2126-07/enrol/", SIGNED_IN),  # full
    ("alert", f"{DEEP}alerts/", EVERYONE),
    ("alert", "/courses/draft-course/alerts/", NOBODY),
    ("alert_confirm", f"/alerts/{ALERT}/", EVERYONE),  # whoever has the mail
    ("alert_confirm", "/alerts/a-guess/", NOBODY),
    # What a person has
    ("profile", "/account/", SIGNED_IN),
    ("enrolment_list", MINE, SIGNED_IN),
    ("enrolment_detail", HERS, ALICE),
    ("enrolment_status", f"{HERS}status/", ALICE),
    ("enrolment_payment", f"{HERS}payment/", ("login", "404", HERS, "404", "404", "404")),
    ("enrolment_return", f"{HERS}return/", ("login", "404", HERS, "404", "404", "404")),
    ("enrolment_cancellation", f"{HERS}cancellation/", ALICE),
    ("enrolment_move", f"{HERS}move/", ALICE),
    ("waiting_list", WAITING, SIGNED_IN),
    ("waiting_list_entry", f"{WAITING}{ENTRY}/", ALICE),
    ("waiting_list_offer", f"{WAITING}{ENTRY}/offer/", ALICE),
    ("payment_list", "/account/payments/", SIGNED_IN),
    (
        "receipt",
        f"/account/payments/{PAYMENT}/receipt/",
        ("login", "404", f"/account/documents/{RECEIPT}/", "404", "404", "404"),
    ),
    ("document", f"/account/documents/{RECEIPT}/", ALICE),
    ("document_pdf", f"/account/documents/{RECEIPT}.pdf", ALICE),
    ("enrolment_billing", f"{HERS}billing/", ALICE),
    ("enrolment_calendar", f"{HERS}intake.ics", ALICE),
    # Signing up and in
    ("account_signup", "/account/signup/", GUESTS),
    ("account_login", "/account/login/", GUESTS),
    ("account_request_login_code", "/account/login/code/", GUESTS),
    (
        "account_confirm_login_code",
        "/account/login/code/confirm/",
        on_the_way("/account/login/code/"),
    ),
    ("account_logout", "/account/logout/", signed_in_or_not("/", "200")),
    ("account_inactive", "/account/inactive/", EVERYONE),
    ("account_reauthenticate", "/account/reauthenticate/", SIGNED_IN),
    ("account_email", "/account/email/", SIGNED_IN),
    (
        "account_email_verification_sent",
        "/account/confirm-email/",
        signed_in_or_not("/account/login/", "/account/email/"),
    ),
    ("account_change_password", "/account/password/change/", SIGNED_IN),
    (
        "account_set_password",
        "/account/password/set/",
        signed_in_or_not("login", "/account/password/change/"),
    ),
    ("account_reset_password", "/account/password/reset/", EVERYONE),
    ("account_reset_password_done", "/account/password/reset/done/", EVERYONE),
    ("account_reset_password_from_key", "/account/password/reset/key/1-a-guess/", EVERYONE),
    ("account_reset_password_from_key_done", "/account/password/reset/key/done/", EVERYONE),
    # A second factor
    ("mfa_index", MFA, SIGNED_IN),
    ("mfa_authenticate", f"{MFA}authenticate/", on_the_way("/account/login/")),
    ("mfa_login_webauthn", f"{MFA}webauthn/login/", on_the_way("/account/login/")),
    ("mfa_reauthenticate", f"{MFA}reauthenticate/", SURE_FIRST),
    ("mfa_reauthenticate_webauthn", f"{MFA}webauthn/reauthenticate/", SURE_FIRST),
    ("mfa_activate_totp", f"{MFA}totp/activate/", SURE_FIRST),
    ("mfa_deactivate_totp", f"{MFA}totp/deactivate/", NOT_THERE),
    ("mfa_view_recovery_codes", f"{MFA}recovery-codes/", NOT_THERE),
    ("mfa_generate_recovery_codes", f"{MFA}recovery-codes/generate/", SURE_FIRST),
    ("mfa_download_recovery_codes", f"{MFA}recovery-codes/download/", NOT_THERE),
    ("mfa_list_webauthn", f"{MFA}webauthn/", SIGNED_IN),
    ("mfa_add_webauthn", f"{MFA}webauthn/add/", SURE_FIRST),
    ("mfa_remove_webauthn", f"{MFA}webauthn/keys/1/remove/", SURE_FIRST),
    ("mfa_edit_webauthn", f"{MFA}webauthn/keys/1/edit/", SURE_FIRST),
    # The site itself
    ("legal_page", "/terms/", EVERYONE),
    ("legal_page", "/privacy/", EVERYONE),
    ("legal_page", "/cancellation/", EVERYONE),
    ("legal_page", "/accessibility/", EVERYONE),
    ("healthz", "/healthz/", EVERYONE),
    # What crawlers read
    ("intakes_feed", "/intakes.rss", EVERYONE),
    ("course_intakes_feed", f"{DEEP}intakes.rss", EVERYONE),
    ("course_intakes_feed", "/courses/draft-course/intakes.rss", NOBODY),
    ("picture", "/pictures/nothing/1/0.png", NOBODY),
    ("favicon", "/favicon.ico", ("301", "301", "301", "301", "301", "301")),
    ("robots", "/robots.txt", EVERYONE),
    ("sitemap", "/sitemap.xml", EVERYONE),
    ("sitemap_pages", "/sitemap-pages.xml", EVERYONE),
    ("sitemap_section", "/sitemap-nothing-0.xml", NOBODY),
    ("sitemap_section", "/sitemap-terms-987654321.xml", NOBODY),
    ("style_guide", "/style-guide/", EVERYONE),  # there in the demonstration alone
    ("stripe_webhook", "/stripe/webhook/", NO_GET),
]

# What else than GET and HEAD our own pages answer.
ALSO: dict[str, set[str]] = {
    "lesson_completion": {"post", "delete"},
    "glossary_practice": {"post"},
    "practice_due": {"post"},
    "practice_reminder": {"post", "delete"},
    "practice_reminder_stop": {"post"},
    "course_practice": {"post"},
    "enrol": {"post"},
    "enrolment_billing": {"post"},
    "enrolment_payment": {"post", "delete"},
    "waiting_list_join": {"post"},
    "waiting_list_entry": {"post", "delete"},
    "alert": {"post"},
    "alert_confirm": {"post"},
    "enrolment_cancellation": {"post"},
    "enrolment_move": {"post"},
    "profile": {"post"},
    "stripe_webhook": {"post"},
}
# These answer as the package decides that they come from.
PACKAGED = ("account_", "mfa_")


def names_in(resolver: URLResolver) -> Iterator[str]:
    """The names of every address outside the admin."""
    for entry in resolver.url_patterns:
        if getattr(entry, "app_name", None) == "admin":
            continue
        if isinstance(entry, URLResolver):
            yield from names_in(entry)
        else:
            assert entry.name, f"{entry.pattern} has no name"
            yield entry.name


def outcome(response: HttpResponseBase, address: str) -> str:
    """The status; for a redirect its target, or ``login`` where that leads back here."""
    if response.status_code != 302:
        return str(response.status_code)
    target = unquote(response.url)
    if target == f"/account/login/?next={address}":
        return "login"
    return target.partition("?")[0]


def test_no_address_of_the_site_is_missing_here() -> None:
    assert {name for name, _, _ in MATRIX} == set(names_in(get_resolver()))


@pytest.mark.parametrize("person", PEOPLE)
def test_everyone_gets_what_is_theirs(as_: As, person: str) -> None:
    place = PEOPLE.index(person)
    browser = as_(person)
    found = {address: outcome(browser.get(address), address) for _, address, _ in MATRIX}
    assert found == {address: expected[place] for _, address, expected in MATRIX}


# The superuser and Alice between them get past every gate that comes before the method.
@pytest.mark.parametrize("person", ["superuser", "learner"])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_method_that_a_page_does_not_know_is_refused(as_: As, method: str, person: str) -> None:
    browser = as_(person)
    for name, address, _ in MATRIX:
        if name.startswith(PACKAGED):
            continue
        status = getattr(browser, method)(address).status_code
        assert (status == 405) == (method not in ALSO.get(name, set())), (address, status)
        assert status < 500, address
