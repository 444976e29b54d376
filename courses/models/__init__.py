"""Courses, their lessons, and the intakes they are sold by."""

from courses.models.course import Course, CourseGlossary, CourseQuestion, Lesson, Reading
from courses.models.intake import Intake
from courses.models.price import Price
from courses.models.provider import LegalPage, Provider, RefundTier
from courses.models.reminder import PracticeReminder
from courses.models.search import SearchedCourse, SearchedLesson, SearchInVain

__all__ = [
    "Course",
    "CourseGlossary",
    "CourseQuestion",
    "Intake",
    "LegalPage",
    "Lesson",
    "PracticeReminder",
    "Price",
    "Provider",
    "Reading",
    "RefundTier",
    "SearchInVain",
    "SearchedCourse",
    "SearchedLesson",
]
