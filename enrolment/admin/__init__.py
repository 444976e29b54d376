"""Enrolments and money in the admin."""

from enrolment.admin import enrolments, intakes, records, waiting

__all__ = ["enrolments", "intakes", "records", "waiting"]
