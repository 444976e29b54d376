"""What others send, made fit for the database."""

from math import isfinite
from typing import Any


def storable(value: Any) -> Any:
    """``value`` as PostgreSQL's JSON can hold it: no zero bytes, no half characters, no NaN."""
    if isinstance(value, dict):
        return {storable(key): storable(one) for key, one in value.items()}
    if isinstance(value, list):
        return [storable(one) for one in value]
    if isinstance(value, str):
        whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return whole.replace("\x00", "\ufffd")
    return None if isinstance(value, float) and not isfinite(value) else value
