"""Where Stripe tells us that something happened."""

import logging

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from enrolment import events, payments

logger = logging.getLogger(__name__)


@csrf_exempt
@require_POST
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    """Store a genuine event and answer at once: 200, also for what was here before or is not used.

    400 for a forged, stale or undecodable body. Where storing fails the error goes through as
    500, and Stripe sends the event again.
    """
    try:
        event = payments.read_webhook(request.body, request.headers.get("Stripe-Signature", ""))
    except payments.ForgedWebhook as error:
        logger.warning("A webhook was turned away: %s", error)
        return HttpResponse("The signature or the body is not Stripe's.", status=400)
    events.store(event, at=timezone.now())
    return HttpResponse(status=200)
