"""Who may read a lesson: the answer to Django's own question, ``user.has_perm``."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.db.models import QuerySet
from django.utils import timezone

from courses.models import Course, Lesson
from enrolment.models import Enrolment


class EnrolmentBackend(BaseBackend):
    """Answers ``user.has_perm("courses.read_lesson", lesson)``.

    Learners may read the lessons of courses they are enrolled in, while their access lasts; staff
    may read what they may see in the admin; and whoever was given the permission itself, any.
    Enrolments are asked first: permissions are two queries, and most readers have none.
    """

    def has_perm(self, user_obj: Any, perm: str, obj: object = None) -> bool:
        if perm != "courses.read_lesson" or not isinstance(obj, Lesson):
            return False
        if not user_obj.is_authenticated or not user_obj.is_active:
            return False
        opened = self.courses_opened_to(user_obj, at=timezone.now()).filter(pk=obj.course_id)
        return opened.exists() or _reads_all(user_obj)

    def courses_opened_to(self, learner: Any, *, at: Any) -> QuerySet[Course]:
        """Those in which somebody has a place that opens them at ``at``, whatever else they read.

        For ``courses.access.courses_opened_to``; both may be expressions. Asks for no row.
        """
        access = Enrolment.objects.giving_access(at=at).filter(student=learner)
        return Course.objects.filter(pk__in=access.values("intake__course"))

    def courses_read_by(self, user: Any) -> QuerySet[Course]:
        """The same for all courses at once, as a query: for ``courses.access.courses_read_by``."""
        if not user.is_authenticated or not user.is_active:
            return Course.objects.none()
        if _reads_all(user):
            return Course.objects.all()
        return self.courses_opened_to(user, at=timezone.now())


def _reads_all(user: Any) -> bool:
    """Whether permissions let ``user`` read whatever there is."""
    if user.has_perm("courses.read_lesson"):
        return True
    return bool(user.is_staff and user.has_perm("courses.view_lesson"))
