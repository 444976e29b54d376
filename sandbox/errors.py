"""Stripe's error answers.

Shapes: https://docs.stripe.com/api/errors
Codes: https://docs.stripe.com/error-codes
"""

from typing import Any


class ApiError(Exception):
    """An answer other than 2xx, with the body Stripe gives it."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        should_retry: bool | None = None,
    ) -> None:
        """Describe the error; `kind` is Stripe's `type`."""
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind
        self.code = code
        self.param = param
        self.should_retry = should_retry

    def body(self, request_id: str) -> dict[str, Any]:
        """Return the JSON body; keys without a value are left out, as Stripe does."""
        error = {
            "code": self.code,
            "doc_url": self.code and f"https://stripe.com/docs/error-codes/{_slug(self.code)}",
            "message": self.message,
            "param": self.param,
            "request_log_url": f"https://dashboard.stripe.com/test/logs/{request_id}",
            "type": self.kind,
        }
        return {"error": {name: value for name, value in error.items() if value is not None}}


def _slug(code: str) -> str:
    return code.replace("_", "-")


def invalid(message: str, param: str | None = None, code: str | None = None) -> ApiError:
    """Return a 400 about one parameter."""
    return ApiError(400, message, code=code, param=param)


def missing(param: str) -> ApiError:
    """Return the 400 for a required parameter that was not sent."""
    return invalid(f"Missing required param: {param}.", param, "parameter_missing")


def no_such(kind: str, identifier: str, param: str, status: int = 404) -> ApiError:
    """Return the answer for an id that does not exist: 404 in a path, 400 in a parameter."""
    return ApiError(status, f"No such {kind}: '{identifier}'", code="resource_missing", param=param)


def no_key() -> ApiError:
    """Return the 401 for a request without an API key."""
    return ApiError(
        401,
        "You did not provide an API key. You need to provide your API key in the Authorization "
        "header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See "
        "https://stripe.com/docs/api#authentication for details.",
    )


def wrong_key(key: str) -> ApiError:
    """Return the 401 for another account's key, which is shown with its middle starred out."""
    shown = f"{key[:8]}{'*' * max(len(key) - 12, 4)}{key[-4:]}" if len(key) > 12 else "*" * len(key)
    return ApiError(401, f"Invalid API Key provided: {shown}")


def unknown_url(method: str, path: str) -> ApiError:
    """Return the 404 for an address that the API does not have."""
    return ApiError(
        404,
        f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we "
        "can help at https://support.stripe.com/.",
    )


def backend_fault() -> ApiError:
    """Return a 500 such as Stripe gives when something of its own fails."""
    return ApiError(
        500,
        "Sorry! There was an error while talking to one of our backends. "
        "Support has been notified.",
        kind="api_error",
    )
