"""What the installed SDK says of parameters and fields.

The names come from the SDK's own types, so an upgrade shows what moved. The types refer to
names that the SDK imports under TYPE_CHECKING only; they are read out of the source and
supplied, after which the types resolve at run time.
"""

import ast
import importlib
import inspect
import sys
import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any, Union

from stripe._request_options import RequestOptions

Json = dict[str, Any]
#: Fields that Stripe sends only when they were asked for (expanded) or apply.
LEFT_OUT = {
    "checkout.session": {"line_items", "presentment_details", "wallet_options", "name_collection"},
    "charge": {"refunds", "level3", "source", "presentment_details", "transfer"},
    "event": {"account", "context"},
    "payment_intent": {"amount_details", "presentment_details", "hooks"},
    "price": {"currency_options", "deleted", "tiers"},
    "product": {"deleted", "type"},
    "refund": {"presentment_details", "instructions_email", "next_action", "failure_reason"},
}


@cache
def _type_checking_names(module_name: str) -> dict[str, Any]:
    """Return what a module of the SDK imports for type checkers only, imported for real."""
    tree = ast.parse(inspect.getsource(sys.modules[module_name]))
    names: dict[str, Any] = {}
    for block in tree.body:
        if not (isinstance(block, ast.If) and ast.unparse(block.test).endswith("TYPE_CHECKING")):
            continue
        for line in block.body:
            if isinstance(line, ast.ImportFrom) and line.module:
                module = importlib.import_module(line.module)
                for alias in line.names:
                    names[alias.asname or alias.name] = getattr(module, alias.name)
    return names


@cache
def hints(cls: type) -> dict[str, Any]:
    """Return the resolved annotations that a class of the SDK itself declares."""
    names: dict[str, Any] = dict(vars(sys.modules[RequestOptions.__module__]))
    for base in (RequestOptions, *cls.__mro__):
        if base.__module__.split(".")[0] == "stripe":
            names |= _type_checking_names(base.__module__)
    own = inspect.get_annotations(cls)
    resolved = typing.get_type_hints(cls, localns=names)
    return {name: resolved[name] for name in own if name in resolved}


def options(annotation: Any) -> tuple[Any, ...]:
    """Return the members of a union, or the annotation alone."""
    if typing.get_origin(annotation) in (Union, types.UnionType):
        return typing.get_args(annotation)
    return (annotation,)


@cache
def fields(cls: type) -> Mapping[str, bool]:
    """Return the fields of a resource class, and whether each may be null or absent."""
    return {
        name: type(None) in options(annotation)
        for name, annotation in hints(cls).items()
        if typing.get_origin(annotation) is not typing.ClassVar
    }


@cache
def parameters(cls: type) -> Mapping[str, Any]:
    """Return the parameters a TypedDict of the SDK names, without the SDK's request options."""
    return {n: a for n, a in hints(cls).items() if n not in RequestOptions.__annotations__}


def build(cls: type, values: Json) -> Json:
    """Return a resource with every field of the SDK's class, null where nothing was given.

    Raises TypeError for a field the class does not have and for a missing one that may not
    be null, so that an upgrade of the SDK is noticed at once.
    """
    known = fields(cls)
    unknown = values.keys() - known.keys()
    lacking = {name for name, optional in known.items() if not optional} - values.keys()
    if unknown or lacking:
        raise TypeError(f"{cls.__qualname__}: unknown {sorted(unknown)}, lacking {sorted(lacking)}")
    left_out = LEFT_OUT.get(str(values.get("object")), set())
    return {name: values.get(name) for name in known if name in values or name not in left_out}
