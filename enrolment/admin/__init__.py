"""Enrolments and money in the admin."""

from enrolment.admin import (
    disputes,
    documents,
    enrolments,
    intakes,
    records,
    vouchers,
    waiting,
    work,
)

__all__ = [
    "disputes",
    "documents",
    "enrolments",
    "intakes",
    "records",
    "vouchers",
    "waiting",
    "work",
]
