"""One API request from the key to the answer: checks, idempotency, misbehaviour, work."""

import hmac
import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from sandbox import idempotency, lists, misbehaviour, parameters
from sandbox.api import ENDPOINTS, ROUTES
from sandbox.errors import ApiError, backend_fault, no_key, unknown_url, wrong_key
from sandbox.idempotency import InFlight, Saved
from sandbox.misbehaviour import Rule
from sandbox.store import Store, Work, new_id

Json = dict[str, Any]
#: How many requests the log keeps.
LOGGED = 10_000


@dataclass(frozen=True)
class Call:
    """A request as far as it is understood."""

    method: str
    path: str
    pairs: list[tuple[str, str]]
    base_url: str
    request_id: str
    key: str | None
    wait: Callable[[float], None]
    emptied: int


@dataclass(frozen=True)
class Outcome:
    """What is to be answered, and how the answer misbehaves."""

    answer: Saved
    replayed: bool = False
    rule: Rule | None = None
    should_retry: bool | None = None


class Api:
    """Answers requests under /v1/."""

    def __init__(self, store: Store, secret_key: str, wake: Callable[[], None]) -> None:
        """Take the store, the only key that is let in, and who to tell of a new webhook."""
        self.wake = wake
        self.store = store
        self.secret_key = secret_key
        self.in_flight = InFlight()

    def __call__(self, request: Request, base_url: str) -> Response:
        """Answer one request, in JSON."""
        key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
        source = request.form if request.method == "POST" else request.args
        pairs = list(source.items(multi=True))
        request_id = new_id("req_", 14)
        method, path, emptied = request.method, request.path, self.store.emptied
        with self.store.pauses.request() as wait:
            call = Call(method, path, pairs, base_url, request_id, key, wait, emptied)
            try:
                self._authenticate(request)
                outcome = self._answer(call)
            except ApiError as error:
                outcome = Outcome(_saved(error, call), should_retry=error.should_retry)
            self._log(call, outcome)
            return _respond(request, call, outcome)

    def _authenticate(self, request: Request) -> None:
        given = request.authorization
        key = given and (given.token if given.type == "bearer" else given.username)
        if not key:
            raise no_key()
        if not hmac.compare_digest(key.encode(), self.secret_key.encode()):
            raise wrong_key(key)

    def _answer(self, call: Call) -> Outcome:
        try:
            name, steps = ROUTES.bind("", url_scheme="http").match(call.path, call.method)
        except HTTPException:
            raise unknown_url(call.method, call.path) from None
        idempotency.check_length(call.key)
        with self.in_flight.claim(call.key):
            saved = self._earlier(call)
            if saved:
                return Outcome(saved, replayed=True)
            params = parameters.check(ENDPOINTS[name].params, parameters.decode(call.pairs))
            with self.store.work() as work:
                rule = misbehaviour.for_request(work, call.method, call.path)
            if rule and rule.when == "before" and rule.action != "error":
                call.wait(rule.seconds)
                if rule.action == "drop" or self.store.emptied != call.emptied:
                    cut = replace(rule, action="drop")
                    return Outcome(Saved(0, "", call.request_id), rule=cut)
            return self._work(call, name, params, steps, rule)

    def _earlier(self, call: Call) -> Saved | None:
        if call.key is None:
            return None
        with self.store.work() as work:
            fingerprint = idempotency.fingerprint(call.pairs)
            return idempotency.find(work, call.key, call.path, fingerprint)

    def _work(
        self, call: Call, name: tuple[str, str], params: Json, steps: Any, rule: Rule | None
    ) -> Outcome:
        """Do the work and keep the answer for the key, in one transaction."""
        broken = rule is not None and rule.action == "error"
        try:
            with self.store.work() as work:
                if broken and rule and rule.when == "before":
                    raise backend_fault()
                work.base_url, work.request_id = call.base_url, call.request_id
                work.idempotency_key = call.key
                body = ENDPOINTS[name].run(work, params, **steps)
                body = lists.expand(work, body, params.get("expand", []))
                answer = Saved(200, json.dumps(body, indent=2, default=str), call.request_id)
                if broken:
                    answer = _saved(backend_fault(), call)
                if not (broken and rule and not rule.stored):
                    self._keep(work, call, answer)
        except ApiError as error:
            answer = _saved(error, call)
            if not (broken and rule and not rule.stored):
                with self.store.work() as work:
                    self._keep(work, call, answer)
        self.wake()
        return Outcome(answer, rule=rule)

    def _keep(self, work: Work, call: Call, answer: Saved) -> None:
        if call.key is not None:
            fingerprint = idempotency.fingerprint(call.pairs)
            idempotency.save(work, call.key, call.path, fingerprint, answer)

    def _log(self, call: Call, outcome: Outcome) -> None:
        with self.store.work() as work:
            if self.store.emptied != call.emptied:
                return  # it belongs to what was forgotten meanwhile
            cursor = work.connection.execute(
                "INSERT INTO requests (at, method, path, idempotency_key, request_id, status,"
                " replayed, misbehaviour) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    time.time(),
                    call.method,
                    call.path,
                    call.key,
                    call.request_id,
                    outcome.answer.status or None,
                    outcome.replayed,
                    outcome.rule and outcome.rule.action,
                ),
            )
            oldest = (cursor.lastrowid or 0) - LOGGED
            work.connection.execute("DELETE FROM requests WHERE seq <= ?", (oldest,))


def _saved(error: ApiError, call: Call) -> Saved:
    body = json.dumps(error.body(call.request_id), indent=2)
    return Saved(error.status, body, call.request_id)


def _respond(request: Request, call: Call, outcome: Outcome) -> Response:
    rule = outcome.rule
    if rule and rule.when == "after" and rule.action in ("delay", "drop"):
        call.wait(rule.seconds)
    if rule and rule.action == "drop":
        _cut(request)
    answer = outcome.answer
    if answer.status == 0:
        answer = replace(answer, status=500)
    response = Response(answer.body, answer.status, mimetype="application/json")
    response.headers["Request-Id"] = call.request_id
    response.headers["Stripe-Version"] = request.headers.get("Stripe-Version", "")
    if call.key is not None:
        response.headers["Idempotency-Key"] = call.key
        response.headers["Original-Request"] = answer.request_id
    if outcome.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    if outcome.should_retry is not None:
        response.headers["Stripe-Should-Retry"] = str(outcome.should_retry).lower()
    return response


def _cut(request: Request) -> None:
    """Close the connection without an answer."""
    connection = request.environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
