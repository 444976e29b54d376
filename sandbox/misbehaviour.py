"""Rules by which the stand-in misbehaves on request, for the API and for webhooks.

A rule applies to the next `count` matches, or to all of them until it is cleared.
"""

import json
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from sandbox.store import Work

Json = dict[str, Any]
REQUEST_ACTIONS = ("error", "delay", "drop")
WEBHOOK_ACTIONS = ("drop", "duplicate", "delay", "reorder", "forge")
MOMENTS = ("before", "after")


class BadRule(ValueError):
    """A rule that cannot be followed; the message says why."""


@dataclass(frozen=True)
class Rule:
    """One instruction to misbehave."""

    kind: str
    action: str
    match: str = "*"
    method: str = "*"
    when: str = "before"
    seconds: float = 0.0
    stored: bool = True
    count: int | None = 1
    number: int = field(default=0, compare=False)


def request_rule(asked: Json) -> Rule:
    """Return a rule for API requests. Raises BadRule.

    `path` is a pattern as for file names, `when` says whether the work is done first, and
    `stored` whether the 500 is kept for the idempotency key, as Stripe keeps it.
    """
    action, when = asked.get("action"), asked.get("when", "before")
    if action not in REQUEST_ACTIONS:
        raise BadRule(f"action must be one of {', '.join(REQUEST_ACTIONS)}")
    if when not in MOMENTS:
        raise BadRule("when must be before or after (the work)")
    return Rule(
        kind="request",
        action=action,
        match=str(asked.get("path", "*")),
        method=str(asked.get("method", "*")).upper(),
        when=when,
        seconds=_seconds(asked),
        stored=bool(asked.get("stored", True)),
        count=_count(asked, 1),
    )


def webhook_rule(asked: Json) -> Rule:
    """Return a rule for webhooks; `type` is a pattern of event types. Raises BadRule."""
    action = asked.get("action")
    if action not in WEBHOOK_ACTIONS:
        raise BadRule(f"action must be one of {', '.join(WEBHOOK_ACTIONS)}")
    count = _count(asked, 1)
    if action == "reorder" and (count is None or count < 2):
        raise BadRule("reorder needs a count of at least 2: how many events to collect")
    return Rule(
        kind="webhook",
        action=action,
        match=str(asked.get("type", "*")),
        seconds=_seconds(asked),
        count=count,
    )


def _count(asked: Json, default: int) -> int | None:
    value = asked.get("count", default)
    if value in (None, "", "all"):
        return None
    try:
        count = int(value)
    except (TypeError, ValueError):
        raise BadRule("count must be a number, or all") from None
    if count < 1:
        raise BadRule("count must be at least 1")
    return count


def _seconds(asked: Json) -> float:
    try:
        seconds = float(asked.get("seconds") or 0)
    except (TypeError, ValueError):
        raise BadRule("seconds must be a number") from None
    if not 0 <= seconds <= 86_400:
        raise BadRule("seconds must lie between 0 and 86400")
    return seconds


def add(work: Work, rule: Rule) -> int:
    """Store a rule and return its number."""
    body = {name: getattr(rule, name) for name in Rule.__annotations__ if name != "number"}
    cursor = work.connection.execute(
        "INSERT INTO rules (kind, remaining, body) VALUES (?, ?, ?)",
        (rule.kind, rule.count, json.dumps(body)),
    )
    return int(cursor.lastrowid or 0)


def clear(work: Work, kind: str | None = None) -> None:
    """Forget the rules of one kind, or all."""
    work.connection.execute("DELETE FROM rules WHERE kind = coalesce(?, kind)", (kind,))


def listed(work: Work) -> list[Json]:
    """Return the rules that still stand."""
    rows = work.connection.execute("SELECT * FROM rules ORDER BY seq").fetchall()
    return [
        {**json.loads(row["body"]), "number": row["seq"], "remaining": row["remaining"]}
        for row in rows
    ]


def _take(work: Work, number: int, remaining: int | None) -> int | None:
    """Use a rule once; return how many uses are left."""
    if remaining is None:
        return None
    if remaining <= 1:
        work.connection.execute("DELETE FROM rules WHERE seq = ?", (number,))
    else:
        work.connection.execute(
            "UPDATE rules SET remaining = remaining - 1 WHERE seq = ?", (number,)
        )
    return remaining - 1


def for_request(work: Work, method: str, path: str) -> Rule | None:
    """Return the oldest rule that matches a request, used once."""
    for row in work.connection.execute("SELECT * FROM rules WHERE kind = 'request' ORDER BY seq"):
        rule = Rule(**json.loads(row["body"]))
        if fnmatchcase(path, rule.match) and rule.method in ("*", method):
            _take(work, row["seq"], row["remaining"])
            return rule
    return None


@dataclass
class Plan:
    """How one event is to be delivered."""

    copies: int = 1
    delay: float = 0.0
    forged: bool = False
    dropped: bool = False
    batch: int | None = None
    batch_complete: bool = False


def for_event(work: Work, event_type: str) -> Plan:
    """Return the plan that all matching webhook rules make together, each used once."""
    plan = Plan()
    rows = work.connection.execute(
        "SELECT * FROM rules WHERE kind = 'webhook' ORDER BY seq"
    ).fetchall()
    for row in rows:
        rule = Rule(**json.loads(row["body"]))
        if not fnmatchcase(event_type, rule.match) or (rule.action == "reorder" and plan.batch):
            continue
        left = _take(work, row["seq"], row["remaining"])
        if rule.action == "drop":
            plan.dropped = True
        elif rule.action == "duplicate":
            plan.copies += 1
        elif rule.action == "delay":
            plan.delay += rule.seconds
        elif rule.action == "forge":
            plan.forged = True
        else:
            plan.batch, plan.batch_complete = row["seq"], left == 0
    return plan
