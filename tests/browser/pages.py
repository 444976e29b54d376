"""Every page that people outside the office see, in the states that it can be in."""

from playwright.sync_api import Page

from tests.browser.people import PASSWORD
from tests.browser.stops import Stop


def send_empty(page: Page) -> None:
    page.get_by_role("main").locator("form button[type=submit]").first.click()
    page.get_by_role("alert").first.wait_for()


def send_main_form(page: Page) -> None:
    """As it comes, with whatever is wrong in it."""
    page.get_by_role("main").locator("form button[type=submit]").first.click()
    page.get_by_role("heading", name="Put this right").wait_for()


def ask_to_be_told(page: Page) -> None:
    page.get_by_label("Email address").fill("curious@example.org")
    page.get_by_role("button", name="Tell me").click()
    page.get_by_role("heading", name="Look in your mail").wait_for()


def turn_the_card(page: Page) -> None:
    page.get_by_text("Show answer").click()
    page.get_by_role("button", name="Well").wait_for()


def type_a_misspelling(page: Page) -> None:
    """Letter by letter: what is found comes by itself."""
    page.get_by_role("searchbox").press_sequentially("gradiant decent")
    page.get_by_role("status").filter(has_text="The nearest:").wait_for()


def ask_for_a_code(page: Page) -> None:
    page.get_by_label("Email").fill("nobody.at.all@example.org")
    page.get_by_role("button", name="Email me a code").click()
    page.get_by_label("Code").wait_for()


def send_nonsense(page: Page) -> None:
    """Everything in the main form wrong, as far as a person can type it."""
    page.get_by_role("main").locator("form:has([type=submit])").first.evaluate(NONSENSE)
    page.wait_for_load_state()
    page.locator("[aria-invalid=true]").first.wait_for()


# Past what a browser itself would hold back.
NONSENSE = """form => {
  for (const field of form.elements) {
    if (field.type === "hidden" || field.name === "") continue;
    field.removeAttribute("maxlength");
    if (["checkbox", "radio"].includes(field.type)) field.checked = false;
    else if (field.localName === "select") field.value = "";
    else if (["text", "email", "password", "textarea", "search"].includes(field.type))
      field.value = field.type === "email" ? "nobody" : "x".repeat(2100);
  }
  form.noValidate = true;
  form.requestSubmit();
}"""


def open_everything(page: Page) -> None:
    """What unfolds, unfolded."""
    page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true; })")


def prove_it(page: Page) -> None:
    """Somebody signed in says the password once more."""
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").locator("form [type=submit]").first.click()


def sign_up(page: Page) -> None:
    """As far as the code that comes by mail."""
    page.get_by_label("Email").fill("newcomer@example.org")
    page.get_by_label("Full name").fill("Nia Newcomer")
    page.get_by_label("Password", exact=True).fill("a bowline and two hitches")
    page.get_by_role("main").locator("form [type=submit]").first.click()


def sign_in_so_far(page: Page) -> None:
    """With the right password, where a code is asked for besides."""
    page.get_by_label("Email").first.fill("doubted@example.org")
    prove_it(page)


SAMPLE = [
    Stop("/"),
    Stop("/glossary/deep-learning/"),
    Stop("/glossary/deep-learning/backpropagation/"),
    Stop("/courses/deep-learning/"),
    Stop("/courses/deep-learning/lessons/what-deep-learning-is/", "student"),
    Stop("{next_intake}", "student"),
    Stop("/account/signup/", act=send_empty),
    Stop("/account/enrolments/", "payer"),
    Stop("{receipt}", "payer", leads_to="document"),
    Stop("{invoice}", "payer"),
    Stop("{enrolled}cancellation/", "payer", "cancellation"),
    Stop("{enrolled}move/", "payer", "move"),
    Stop("{enrolled}billing/", "payer", "billing"),
    Stop("{waits}", "wanda"),
    Stop("/practice/glossary/deep-learning/", act=turn_the_card),
    Stop("/search/?q=gradient", name="search-gradient"),
    Stop("/maps/deep-learning/"),
    Stop("/practice/knowledge/", "learner"),
    Stop("{offered}offer/", "offered", "offer"),
    Stop("{pay_link}payment/", "later", "pay-again"),
]

REST = [
    Stop("/glossary/"),
    Stop("/glossary/deep-learning/convolutional-neural-network/"),
    Stop("/courses/"),
    Stop("/courses/statistics-refresher/"),
    Stop("/courses/deep-learning/", "payer"),
    Stop("/courses/deep-learning/lessons/backpropagation/"),
    Stop("/courses/deep-learning/lessons/backpropagation/", "payer"),
    Stop("/courses/deep-learning/lessons/generalisation/", "payer"),
    Stop("/courses/deep-learning/lessons/backpropagation/", "waiting"),
    Stop("/courses/deep-learning/alerts/"),
    Stop("/courses/deep-learning/alerts/", act=ask_to_be_told),
    Stop("{cancelled_intake}", "student"),
    Stop("/terms/"),
    Stop("/privacy/"),
    Stop("/cancellation/"),
    Stop("/accessibility/"),
    Stop("/style-guide/"),
    Stop("/search/"),
    Stop("/search/", act=type_a_misspelling),
    Stop("/search/?q=gradient&in=terms", name="search-terms"),
    Stop("/search/?q=zyzzyva", name="search-in-vain"),
    Stop("/maps/deep-learning/?term=backpropagation", name="map-around"),
    Stop("/maps/deep-learning/?zoom=4&x=300&y=300", name="map-near"),
    Stop("/courses/deep-learning/terms/"),
    Stop("/practice/"),
    Stop("/practice/", "learner"),
    Stop("/practice/due/", "learner"),
    Stop("/practice/due/", "learner", act=turn_the_card),
    Stop("/practice/courses/statistics-refresher/", "learner"),
    Stop("/practice/knowledge/"),
    Stop("/account/login/"),
    Stop("/account/login/", act=send_empty),
    Stop("/account/login/code/"),
    Stop("/account/login/code/", act=ask_for_a_code, leads_to="account_confirm_login_code"),
    Stop("/account/signup/"),
    Stop("/account/password/reset/"),
    Stop("/account/password/reset/key/1-none/"),
    Stop("/account/", "student"),
    Stop("/account/enrolments/", "student"),
    Stop("/account/enrolments/", "learner"),
    Stop("/account/payments/", "student"),
    Stop("/account/payments/", "payer"),
    Stop("{enrolled}", "payer"),
    Stop("{pending}", "waiting"),
    Stop("{pending}payment/", "waiting"),
    Stop("{pay_link}", "later"),
    Stop("{cancelled}", "leaver"),
    Stop("{offered}", "offered"),
    Stop("{full_intake}", "student"),
    Stop("/account/waiting-list/", "wanda"),
    Stop("/account/waiting-list/", "student"),
    Stop("{enrolled}move/", "payer", "move", act=send_main_form),
    Stop("{enrolled}billing/", "payer", "billing", act=send_main_form),
    Stop("/account/email/", "student"),
    Stop("/account/password/change/", "student"),
    Stop("/account/2fa/", "student"),
    Stop("/account/logout/", "student"),
    Stop("/glossary/deep-learning/?at=2026-04-15T12:00", "staff", "glossary-in-april"),
    Stop("/glossary/deep-learning/", "learner"),
    Stop("/courses/deep-learning/", act=open_everything),
    Stop("/account/signup/", act=sign_up, leads_to="account_email_verification_sent"),
    Stop("/account/reauthenticate/", "student"),
    Stop("/account/inactive/"),
    Stop("/account/password/reset/done/"),
    Stop("/account/password/reset/key/done/"),
    Stop("/account/password/set/", "codes"),
    Stop("/alerts/{alert}/", name="alert-confirm"),
    Stop("/practice/reminder/{reminder}/", name="reminder-stop"),
    Stop("/account/2fa/", "secured"),
    Stop("/account/2fa/totp/activate/", "student", act=prove_it, leads_to="mfa_activate_totp"),
    Stop("/account/2fa/totp/deactivate/", "secured"),
    Stop("/account/2fa/recovery-codes/", "secured"),
    Stop("/account/2fa/recovery-codes/generate/", "secured"),
    Stop("/account/2fa/webauthn/", "student"),
    Stop("/account/2fa/webauthn/", "secured"),
    Stop("/account/2fa/webauthn/add/", "secured"),
    Stop("/account/2fa/webauthn/keys/{a_key}/edit/", "secured", "key-edit"),
    Stop("/account/2fa/webauthn/keys/{a_key}/remove/", "secured", "key-remove"),
    Stop("/account/2fa/reauthenticate/", "doubted"),
    Stop("/account/2fa/webauthn/reauthenticate/", "doubted"),
    Stop("/account/login/", act=sign_in_so_far, leads_to="mfa_authenticate"),
]

# At each of which the site says that it cannot, and what to do about it.
FAILURES = [
    Stop("/there/is/nothing/here/", status=404),
    Stop("/glossary/deep-learning/nothing-of-the-kind/", status=404),
    Stop("/account/enrolments/nothing/", "student", status=404),
    Stop("/fails/400/", status=400),
    Stop("/fails/403/", status=403),
    Stop("/fails/cookie/", status=403),
    Stop("/fails/429/", status=429),
    Stop("/fails/500/", status=500),
    Stop("/fails/503/", status=503),
]

# On a site with nothing in it.
BARE = [
    Stop("/"),
    Stop("/glossary/"),
    Stop("/courses/"),
    Stop("/search/?q=anything", name="search"),
    Stop("/practice/"),
    Stop("/account/enrolments/", "student"),
    Stop("/account/payments/", "student"),
    Stop("/account/waiting-list/", "student"),
    Stop("/practice/", "student"),
    Stop("/practice/knowledge/", "student"),
    Stop("/terms/", status=404),
    Stop("/admin/", "staff"),
]

# On one where everything is too much.
FULL = [
    Stop("/"),
    Stop("/glossary/"),
    Stop("/glossary/one/"),
    Stop("/glossary/one/one/"),
    Stop("/glossary/listed/"),
    Stop("/glossary/listed/?page=25", name="listed-last"),
    Stop("/maps/one/"),
    Stop("/maps/listed/"),
    Stop("/courses/"),
    Stop("/courses/full/"),
    Stop("/courses/full/", act=open_everything),
    Stop("/courses/full/", "student"),
    Stop("/courses/empty/"),
    Stop("/courses/full/terms/"),
    Stop("/courses/full/lessons/lesson-1/"),
    Stop("/courses/full/lessons/lesson-40/"),
    Stop("/courses/full/lessons/lesson-40/", "student"),
    Stop("/courses/full/intakes/2031-02/enrol/", "staff"),
    Stop("/courses/full/intakes/2031-02/enrol/", "staff", act=send_nonsense),
    Stop("/search/?q=antidisestablishmentarianism", name="search"),
    Stop("/practice/glossary/one/", act=turn_the_card),
    Stop("/account/", "student"),
    Stop("/account/enrolments/", "student"),
    Stop("/account/payments/", "student"),
    Stop("/admin/", "staff"),
    Stop("/admin/courses/course/", "staff"),
    Stop("/admin/courses/intake/", "staff"),
    Stop("/admin/glossary/term/", "staff"),
    Stop("/admin/enrolment/enrolment/", "staff"),
]

# No page, or none that anybody can be sent to alone: each with where it is looked at, or why not.
NOT_LOOKED_AT = {
    "course_intakes_feed": "for feed readers",
    "intakes_feed": "for feed readers",
    "robots": "for search engines",
    "sitemap": "for search engines",
    "sitemap_pages": "for search engines",
    "sitemap_section": "for search engines",
    "favicon": "a picture",
    "picture": "a picture",
    "healthz": "a word for whoever watches the site",
    "stripe_webhook": "Stripe's",
    "glossary_json": "a file",
    "glossary_csv": "a file",
    "glossary_apkg": "a file",
    "own_terms_apkg": "a file",
    "own_terms_csv": "a file",
    "document_pdf": "a file; tests/enrolment/test_printing.py",
    "enrolment_calendar": "a file",
    "term_card": "a part of a page; test_term_cards.py",
    "enrolment_status": "a part of a page; test_paying.py",
    "lesson_completion": "is only sent to",
    "practice_reminder": "is only sent to",
    "mfa_download_recovery_codes": "a file",
    "mfa_login_webauthn": "is asked by a script",
    "receipt": "leads to the document",
    "enrolment_return": "leads to the enrolment",
    "waiting_list_join": "leads to enrolling where there is no waiting list; test_leaving.py",
}
