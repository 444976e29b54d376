"""Courses, intakes and the provider in the admin."""

from courses.admin.course import CourseAdmin, LessonAdmin
from courses.admin.importing import ImportAdmin
from courses.admin.intake import IntakeAdmin
from courses.admin.price import PriceAdmin
from courses.admin.provider import LegalPageAdmin, ProviderAdmin
from courses.admin.search import SearchInVainAdmin

__all__ = [
    "CourseAdmin",
    "ImportAdmin",
    "IntakeAdmin",
    "LegalPageAdmin",
    "LessonAdmin",
    "PriceAdmin",
    "ProviderAdmin",
    "SearchInVainAdmin",
]
