"""The whole application: the API, the hosted page, the control page, the mail reader."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from sandbox import control, control_page, hosted_page, mail, pages
from sandbox.api_requests import Api
from sandbox.server import is_loopback
from sandbox.store import Store

LARGEST_BODY = 1_000_000
ROUTES = Map(
    [
        Rule("/", endpoint="home"),
        Rule("/static/sandbox.css", endpoint="css"),
        Rule("/c/pay/<identifier>", methods=["GET"], endpoint="pay"),
        Rule("/c/pay/<identifier>", methods=["POST"], endpoint="submit"),
        Rule("/c/pay/<identifier>/authenticate", endpoint="authenticate"),
        Rule("/_control/", methods=["GET"], endpoint="control_page"),
        Rule("/_control/<path:command>", methods=["GET", "POST"], endpoint="control"),
        Rule("/mail/", endpoint="mailbox"),
        Rule("/mail/<file>/<int:number>/", endpoint="message"),
        Rule("/mail/<file>/<int:number>/html", endpoint="message_html"),
        Rule("/mail/<file>/<int:number>/attachments/<int:part>", endpoint="attachment"),
    ]
)


class App:
    """A WSGI application."""

    def __init__(
        self,
        store: Store,
        secret_key: str,
        wake: Callable[[], None],
        mail_folder: Path | None = None,
        public_url: str | None = None,
    ) -> None:
        """Take what the pages need; `wake` is told when a webhook may be due."""
        self.store = store
        self.api = Api(store, secret_key, wake)
        self.wake = wake
        self.mailbox = mail.Mailbox(mail_folder)
        self.public_url = public_url and public_url.rstrip("/")

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Answer one request."""
        request = Request(environ)
        request.max_content_length = LARGEST_BODY
        request.max_form_memory_size = LARGEST_BODY
        request.max_form_parts = 5000
        try:
            response = self._answer(request)
        except RequestEntityTooLarge as error:
            response = error.get_response(environ)
        self.wake()
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if not self._expected_host(request):
            return pages.message("Not here", "This stand-in answers on loopback only.", status=403)
        if request.path.startswith("/v1/"):
            return self.api(request, self.public_url or request.host_url.rstrip("/"))
        if request.method == "POST" and request.headers.get("Sec-Fetch-Site") == "cross-site":
            return pages.message("Not from there", "Another site sent this form.", status=403)
        try:
            endpoint, steps = ROUTES.bind_to_environ(request.environ).match()
        except HTTPException as error:
            if isinstance(error, RequestEntityTooLarge) or (error.code or 500) >= 500:
                raise
            if error.code == 308:
                return error.get_response(request.environ)
            return pages.message("Not found", "There is no such page.", status=error.code or 404)
        return self._page(endpoint, request, steps)

    def _expected_host(self, request: Request) -> bool:
        """Let in only names of this machine, so that no page elsewhere reaches it by a trick."""
        host = urlsplit(f"//{request.host}").hostname or ""
        known = self.public_url and urlsplit(self.public_url).hostname
        return is_loopback(host) or host == known

    def _page(self, endpoint: str, request: Request, steps: Mapping[str, Any]) -> Response:
        store, box = self.store, self.mailbox
        table: dict[str, Callable[..., Response]] = {
            "home": lambda: control_page.show(store),
            "css": pages.stylesheet,
            "pay": lambda **s: hosted_page.show(store, request, **s),
            "submit": lambda **s: hosted_page.submit(store, request, **s),
            "authenticate": lambda **s: hosted_page.authentication(store, request, **s),
            "control_page": lambda: control_page.show(store),
            "control": lambda **s: control.answer(store, request, **s),
            "mailbox": lambda: mail.index(box),
            "message": lambda **s: mail.show(box, **s),
            "message_html": lambda **s: mail.show_html(box, **s),
            "attachment": lambda **s: mail.attachment(box, **s),
        }
        return table[endpoint](**steps)
