"""Stripe's test cards and test bank accounts, and what each does.

Cards: https://docs.stripe.com/testing
Bank accounts: https://docs.stripe.com/payments/bacs-debit/accept-a-payment
"""

import hashlib
from dataclasses import dataclass
from datetime import date

from sandbox.disputes import Claim


@dataclass(frozen=True)
class Decline:
    """Why a payment does not go through."""

    code: str
    message: str
    decline_code: str | None = None


GENERIC = Decline("card_declined", "Your card was declined.", "generic_decline")
INSUFFICIENT = Decline("card_declined", "Your card has insufficient funds.", "insufficient_funds")
EXPIRED = Decline("expired_card", "Your card has expired.")
WRONG_CVC = Decline("incorrect_cvc", "Your card's security code is incorrect.")
PROCESSING = Decline(
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
)
NOT_A_TEST_CARD = Decline(
    "card_declined",
    "Your card was declined. Your request was in test mode, but used a non test card. For a list "
    "of valid test cards, visit: https://stripe.com/docs/testing.",
    "test_mode_live_card",
)
AUTHENTICATION_FAILED = Decline(
    "payment_intent_authentication_failure",
    "We are unable to authenticate your payment method. Please choose a different payment method "
    "and try again.",
)
NOT_AUTHORISED = Decline(
    "debit_not_authorized", "The bank does not allow debits from this account."
)


@dataclass(frozen=True)
class TestCard:
    """A test card number and its behaviour."""

    number: str
    says: str
    decline: Decline | None = None
    authenticates: bool = False
    refunds: str = "succeeded"
    disputed: Claim | None = None
    brand: str = "visa"
    country: str = "US"


TEST_CARDS = {
    card.number: card
    for card in (
        TestCard("4242424242424242", "Succeeds"),
        TestCard("4000000000000002", "Declined", GENERIC),
        TestCard("4000000000009995", "Declined: insufficient funds", INSUFFICIENT),
        TestCard("4000000000000069", "Declined: expired card", EXPIRED),
        TestCard("4000000000000127", "Declined: wrong security code", WRONG_CVC),
        TestCard("4000002500003155", "Asks for 3-D Secure", authenticates=True),
        TestCard("4000002760003184", "Always asks for 3-D Secure", authenticates=True),
        TestCard("4000000000000119", "Declined: processing error", PROCESSING),
        TestCard("4000008400001629", "3-D Secure, then declined", GENERIC, authenticates=True),
        TestCard("4000000000000259", "Succeeds, then is disputed", disputed=Claim("fraudulent")),
        TestCard(
            "4000000000002685",
            "Succeeds, then is disputed: nothing received",
            disputed=Claim("product_not_received"),
        ),
        TestCard(
            "4000000000001976",
            "Succeeds, then the bank asks about it",
            disputed=Claim("fraudulent", is_inquiry=True),
        ),
        TestCard("4000000000007726", "Succeeds; refunds start pending", refunds="pending"),
        TestCard("4000000000005126", "Succeeds; refunds fail later", refunds="failed"),
        TestCard("4000008260000000", "Succeeds (British card)", country="GB"),
        TestCard("5555555555554444", "Succeeds (Mastercard)", brand="mastercard"),
    )
}
SORT_CODE = "108800"
#: Account number, and the reason why its debit fails (None: it succeeds).
TEST_ACCOUNTS: dict[str, Decline | None] = {"00012345": None, "33333335": NOT_AUTHORISED}


@dataclass(frozen=True)
class Card:
    """What someone typed into the card fields, already checked for shape."""

    number: str
    exp_month: int
    exp_year: int
    cvc: str

    @property
    def known(self) -> TestCard:
        """Return the behaviour; a number that is no test card is declined."""
        fallback = TestCard(self.number, "Not a test card", NOT_A_TEST_CARD)
        return TEST_CARDS.get(self.number, fallback)

    @property
    def fingerprint(self) -> str:
        """Return what stands for the number; the number itself is never stored."""
        return hashlib.sha256(self.number.encode()).hexdigest()[:16]


def luhn(number: str) -> bool:
    """Tell whether a card number's check digit is right."""
    digits = [int(digit) for digit in reversed(number)]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def parse_card(
    number: str, expiry: str, cvc: str, today: date
) -> tuple[Card | None, dict[str, str]]:
    """Return the card, or what is wrong by field: what Stripe's page finds before it pays."""
    number = "".join(number.split()).replace("-", "")
    wrong: dict[str, str] = {}
    if not (number.isascii() and number.isdecimal() and 12 <= len(number) <= 19 and luhn(number)):
        wrong["number"] = "Your card number is invalid."
    month, _, year = expiry.replace(" ", "").partition("/")
    exp_month, exp_year = 0, 0
    if not (
        month.isdecimal() and year.isdecimal() and len(year) in (2, 4) and 1 <= int(month) <= 12
    ):
        wrong["expiry"] = "Your card's expiration date is incomplete. Write it as MM/YY."
    else:
        exp_month, exp_year = int(month), int(year) + (2000 if len(year) == 2 else 0)
        if (exp_year, exp_month) < (today.year, today.month):
            wrong["expiry"] = "Your card's expiration date is in the past."
    if not (cvc.isascii() and cvc.isdecimal() and len(cvc) in (3, 4)):
        wrong["cvc"] = "Your card's security code is incomplete."
    return (None, wrong) if wrong else (Card(number, exp_month, exp_year, cvc), {})


@dataclass(frozen=True)
class Account:
    """A British bank account, as typed."""

    sort_code: str
    number: str

    @property
    def decline(self) -> Decline | None:
        """Return why the debit will fail, or None."""
        return TEST_ACCOUNTS.get(self.number)


def parse_account(sort_code: str, number: str) -> tuple[Account | None, dict[str, str]]:
    """Return the account, or what is wrong by field."""
    sort_code = sort_code.replace("-", "").replace(" ", "")
    number = number.replace(" ", "")
    wrong: dict[str, str] = {}
    if sort_code != SORT_CODE:
        wrong["sort_code"] = "The sort code of a test account is 10-88-00."
    if number not in TEST_ACCOUNTS:
        wrong["account_number"] = f"Use a test account: {' or '.join(TEST_ACCOUNTS)}."
    return (None, wrong) if wrong else (Account(sort_code, number), {})
