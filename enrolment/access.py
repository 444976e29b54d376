"""Who may read a lesson: the answer to Django's own question, ``user.has_perm``."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.utils import timezone

from courses.models import Lesson
from enrolment.models import Enrolment


class EnrolmentBackend(BaseBackend):
    """Answers ``user.has_perm("courses.read_lesson", lesson)``.

    Learners may read the lessons of courses they are enrolled in, while their access lasts; staff
    may read what they may see in the admin; and whoever was given the permission itself, any.
    """

    def has_perm(self, user_obj: Any, perm: str, obj: object = None) -> bool:
        if perm != "courses.read_lesson" or not isinstance(obj, Lesson):
            return False
        if not user_obj.is_authenticated or not user_obj.is_active:
            return False
        if user_obj.has_perm("courses.read_lesson"):
            return True
        if user_obj.is_staff and user_obj.has_perm("courses.view_lesson"):
            return True
        access = Enrolment.objects.giving_access(at=timezone.now())
        return access.filter(student=user_obj, intake__course=obj.course_id).exists()
