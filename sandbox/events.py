"""Events, and the deliveries they make.

An event and its deliveries are rows of the same transaction as what they tell of.
https://docs.stripe.com/api/events
"""

import time
from typing import Any

import stripe
from stripe._api_version import _ApiVersion

from sandbox import lists, misbehaviour, schema
from sandbox.store import Work, new_id

Json = dict[str, Any]
#: Stripe gives access to events of the last 30 days: https://docs.stripe.com/api/events
KEPT = 30 * 24 * 60 * 60


def emit(work: Work, event_type: str, about: Json) -> Json:
    """Record that something happened to an object, and queue the webhook."""
    event = schema.build(
        stripe.Event,
        {
            "id": new_id("evt_1"),
            "object": "event",
            "api_version": _ApiVersion.CURRENT,
            "created": work.now,
            "data": {"object": about},
            "livemode": False,
            "pending_webhooks": 1 if work.webhooks else 0,
            "request": {"id": work.request_id, "idempotency_key": work.idempotency_key},
            "type": event_type,
        },
    )
    work.save(event)
    if work.webhooks:
        _queue(work, event)
    return event


def _queue(work: Work, event: Json) -> None:
    plan = misbehaviour.for_event(work, event["type"])
    state = "dropped" if plan.dropped else "held" if plan.batch else "pending"
    now = time.time()
    for _ in range(plan.copies):
        _insert(work, event, state, now + plan.delay, plan.batch, plan.forged)
    if plan.batch_complete:
        release(work, plan.batch)


def _insert(
    work: Work, event: Json, state: str, due: float, batch: int | None, forged: bool
) -> None:
    work.connection.execute(
        "INSERT INTO deliveries (event, type, due, state, batch, forged, first_due)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (event["id"], event["type"], due, state, batch, forged, due),
    )


def release(work: Work, batch: int | None = None) -> None:
    """Let go of the deliveries that a reorder rule holds: of one rule, or all."""
    work.connection.execute(
        "UPDATE deliveries SET state = 'pending'"
        " WHERE state = 'held' AND batch = coalesce(?, batch)",
        (batch,),
    )


def redeliver(work: Work, event: Json) -> None:
    """Queue one more delivery of an event, whatever became of the others."""
    _insert(work, event, "pending", time.time(), None, forged=False)


def listed(work: Work, params: Json) -> Json:
    """Answer GET /v1/events; `type` may end in `*`."""
    conditions, arguments = ["created > ?"], [work.now - KEPT]
    field = "json_extract(body, '$.type')"
    if "type" in params:
        conditions.append(f"{field} GLOB ?")
        arguments.append(params["type"])
    if "types" in params:
        conditions.append(f"{field} IN ({', '.join('?' * len(params['types']))})")
        arguments += params["types"]
    if "delivery_success" in params:
        compare = "=" if params["delivery_success"] else ">"
        conditions.append(f"json_extract(body, '$.pending_webhooks') {compare} 0")
    where = (" AND ".join(conditions), arguments)
    return lists.page(work, "event", params, "/v1/events", where=where)
