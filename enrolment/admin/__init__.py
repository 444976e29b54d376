"""Enrolments and money in the admin."""

from enrolment.admin import enrolments, records, waiting

__all__ = ["enrolments", "records", "waiting"]
