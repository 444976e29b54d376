"""From a form-encoded body with brackets to checked parameters.

Encoding: https://docs.stripe.com/api (form-encoded request bodies). The names, types and
choices come from the SDK's parameter types; what is refused gets Stripe's own error.
"""

import itertools
import re
import typing
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from sandbox import schema
from sandbox.errors import ApiError, invalid, missing

Json = dict[str, Any]
KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")


def decode(pairs: Iterable[tuple[str, str]]) -> Json:
    """Return nested dicts for `a[b][0]=c`; arrays keep their indices as keys."""
    tree: Json = {}
    for key, value in pairs:
        match = KEY.match(key)
        if match is None:
            raise invalid(f"Invalid request: parameter name '{key}' is malformed.", key)
        path = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
        branch = tree
        for step, following in itertools.pairwise(path):
            nested = branch.setdefault(step, {})
            if not isinstance(nested, dict):
                raise invalid(f"Invalid object: {following}", key)
            branch = nested
        branch[path[-1] or str(len(branch))] = value
    return tree


def check(params_class: type, tree: Json, prefix: str = "") -> Json:
    """Return the typed parameters, or raise Stripe's error about the first that is wrong."""
    known = schema.parameters(params_class)
    unknown = [_join(prefix, name) for name in tree if name not in known]
    if unknown:
        plural = "s" if len(unknown) > 1 else ""
        message = f"Received unknown parameter{plural}: {', '.join(unknown)}"
        raise invalid(message, unknown[0], "parameter_unknown")
    for name in typing.cast(Any, params_class).__required_keys__:
        if name in known and name not in tree:
            raise missing(_join(prefix, name))
    return {name: _coerce(known[name], value, _join(prefix, name)) for name, value in tree.items()}


def _join(prefix: str, name: str) -> str:
    return f"{prefix}[{name}]" if prefix else name


def _coerce(annotation: Any, value: Any, name: str) -> Any:
    choices = schema.options(annotation)
    if isinstance(value, dict):
        return _coerce_container(choices, value, name)
    literals = [x for c in choices if typing.get_origin(c) is Literal for x in typing.get_args(c)]
    if value in literals:
        return value
    if value == "":
        raise _cannot_be_empty(name)
    if literals and [x for x in literals if x != ""]:
        raise invalid(f"Invalid {name}: must be one of {_listed(literals)}", name)
    for scalar in (bool, int, Decimal, str):
        if scalar in choices:
            return SCALARS[scalar](value, name)
    what = "array" if any(typing.get_origin(c) is list for c in choices) else "object"
    raise invalid(f"Invalid {what}", name)


def _coerce_container(choices: tuple[Any, ...], value: Json, name: str) -> Any:
    for choice in choices:
        if typing.get_origin(choice) is list:
            if not all(index.isdecimal() for index in value):
                raise invalid("Invalid array", name)
            (item,) = typing.get_args(choice)
            in_order = sorted(value.items(), key=lambda pair: int(pair[0]))
            return [_coerce(item, one, _join(name, index)) for index, one in in_order]
        if hasattr(choice, "__required_keys__"):
            return check(choice, value, name)
        if typing.get_origin(choice) is dict:
            return _metadata(value, name)
    raise invalid("Invalid string: expected a single value, not an object", name)


def _metadata(value: Json, name: str) -> dict[str, str]:
    """Check Stripe's limits: 50 keys, names of 40 characters, values of 500.

    https://docs.stripe.com/api/metadata
    """
    if len(value) > 50:
        raise invalid("Metadata can have up to 50 keys.", name)
    for key, text in value.items():
        if not isinstance(text, str):
            raise invalid(f"Invalid value type: {name}[{key}] must be a string", name)
        if len(key) > 40:
            raise invalid(f"Metadata keys can be up to 40 characters long: {key[:50]}", name)
        if len(text) > 500:
            length = len(text)
            raise invalid(
                "Metadata values can have up to 500 characters, but you passed in a value that is "
                f"{length} characters. Invalid value: {text[:50]}…",
                _join(name, key),
            )
    return {key: text for key, text in value.items() if text}


def _cannot_be_empty(name: str) -> ApiError:
    return invalid(
        f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset "
        f"a parameter; however '{name}' cannot be unset. You should remove '{name}' from your "
        "request or supply a non-empty value.",
        name,
        "parameter_invalid_empty",
    )


def _listed(words: list[Any]) -> str:
    shown = [str(word) for word in words if word != ""]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])}, or {shown[-1]}"


def _integer(value: str, name: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,18}", value):
        raise invalid(f"Invalid integer: {value}", name, "parameter_invalid_integer")
    return int(value)


def _boolean(value: str, name: str) -> bool:
    if value not in ("true", "false"):
        raise invalid(f"Invalid boolean: {value}", name)
    return value == "true"


def _decimal(value: str, name: str) -> Decimal:
    try:
        return Decimal(value)
    except InvalidOperation:
        raise invalid(f"Invalid decimal: {value}", name) from None


def _string(value: str, name: str) -> str:
    if len(value) > 5000:
        raise invalid(f"Invalid string: {value[:30]}…; must be at most 5000 characters", name)
    return value


SCALARS: dict[type, typing.Callable[[str, str], Any]] = {
    bool: _boolean,
    int: _integer,
    Decimal: _decimal,
    str: _string,
}
