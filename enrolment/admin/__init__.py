"""Enrolments and money in the admin."""

from enrolment.admin import documents, enrolments, intakes, records, waiting

__all__ = ["documents", "enrolments", "intakes", "records", "waiting"]
