"""Lists, paging and expansion.

https://docs.stripe.com/api/pagination and https://docs.stripe.com/api/expanding_objects
"""

import json
from typing import Any

from sandbox.errors import invalid, no_such
from sandbox.store import Work

Json = dict[str, Any]
DEFAULT_LIMIT = 10
HIGHEST_LIMIT = 100
DEEPEST = 4
COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def page(
    work: Work,
    kind: str,
    params: Json,
    url: str,
    *,
    equal: dict[str, Any] | None = None,
    parent: str | None = None,
    where: tuple[str, list[Any]] = ("", []),
) -> Json:
    """Return one page of a list, newest first (children of a parent: oldest first).

    `equal` compares fields of the body with what was asked for and ignores None; `where` is
    one more condition with its arguments.
    """
    conditions, arguments = ["kind = ?"], [kind]
    if parent is not None:
        conditions.append("parent = ?")
        arguments.append(parent)
    for field, value in (equal or {}).items():
        if value is not None:
            conditions.append(f"json_extract(body, '$.{field}') = ?")
            arguments.append(value)
    if where[0]:
        conditions.append(where[0])
        arguments += where[1]
    _created(params.get("created"), conditions, arguments)
    newest_first = parent is None
    backwards = _cursor(work, kind, params, conditions, arguments, newest_first)
    limit = _limit(params)
    direction = "DESC" if newest_first != backwards else "ASC"
    rows = work.connection.execute(
        f"SELECT body FROM objects WHERE {' AND '.join(conditions)}"  # noqa: S608 - all bound
        f" ORDER BY seq {direction} LIMIT ?",
        [*arguments, limit + 1],
    ).fetchall()
    data = [json.loads(row[0]) for row in rows[:limit]]
    if backwards:
        data.reverse()
    return {"object": "list", "data": data, "has_more": len(rows) > limit, "url": url}


def _created(asked: Any, conditions: list[str], arguments: list[Any]) -> None:
    if isinstance(asked, int):
        asked = {"gte": asked, "lte": asked}
    for name, moment in (asked or {}).items():
        conditions.append(f"created {COMPARISONS[name]} ?")
        arguments.append(moment)


def _limit(params: Json) -> int:
    limit = int(params.get("limit", DEFAULT_LIMIT))
    if not 1 <= limit <= HIGHEST_LIMIT:
        bound = "greater than or equal to 1" if limit < 1 else "less than or equal to 100"
        message = f"This value must be {bound} (it currently is '{limit}')."
        raise invalid(message, "limit", "parameter_invalid_integer")
    return limit


def _cursor(
    work: Work,
    kind: str,
    params: Json,
    conditions: list[str],
    arguments: list[Any],
    newest_first: bool,
) -> bool:
    """Add the condition of a cursor; return whether the page is read backwards."""
    after, before = params.get("starting_after"), params.get("ending_before")
    if after and before:
        raise invalid("You can only use one of `starting_after` and `ending_before`.")
    cursor = after or before
    if not cursor:
        return False
    row = work.connection.execute(
        "SELECT seq FROM objects WHERE id = ? AND kind = ?", (cursor, kind)
    ).fetchone()
    if row is None:
        raise no_such(kind, cursor, "starting_after" if after else "ending_before", 400)
    conditions.append(f"seq {'<' if newest_first == bool(after) else '>'} ?")
    arguments.append(row["seq"])
    return not after


def expand(work: Work, body: Json, paths: list[str]) -> Json:
    """Replace ids by the objects they stand for, along dotted paths; `data.` walks a list."""
    for path in paths:
        steps = path.split(".")
        if len(steps) > DEEPEST:
            message = f"You cannot expand more than {DEEPEST} levels of a property: {path}."
            raise invalid(message, "expand")
        _expand(work, body, steps, path)
    return body


def _expand(work: Work, body: Json, steps: list[str], path: str) -> None:
    step, rest = steps[0], steps[1:]
    if step == "data" and body.get("object") == "list":
        for item in body["data"]:
            if rest:
                _expand(work, item, rest, path)
        return
    value = body.get(step)
    if isinstance(value, str) and step != "id":
        value = work.get(value)
        if value is not None:
            body[step] = value
    included = _included(work, body, step)
    if value is None and included is not None:
        value = body[step] = included
    if value is None and step in body:
        return
    if not isinstance(value, dict) or not (rest or "object" in value):
        raise invalid(f"This property cannot be expanded ({path}).", "expand")
    if rest:
        _expand(work, value, rest, path)


def _included(work: Work, body: Json, step: str) -> Json | None:
    """Return a list that is left out of an object until someone asks for it."""
    if (body.get("object"), step) == ("checkout.session", "line_items"):
        url = f"/v1/checkout/sessions/{body['id']}/line_items"
        return page(work, "item", {}, url, parent=body["id"])
    if (body.get("object"), step) == ("charge", "refunds"):
        url = f"/v1/charges/{body['id']}/refunds"
        return page(work, "refund", {}, url, equal={"charge": body["id"]})
    return None
