"""The terms of a course in the order in which its lessons introduce them."""

from courses.models import Course, Lesson
from glossary.models import Mention, Term


def terms_by_lesson(course: Course) -> list[tuple[Lesson, list[Term]]]:
    """The published lessons that mention a public term first, with these terms from A to Z.

    Three queries, however many lessons and terms there are.
    """
    lessons = course.lessons.filter(is_published=True).order_by("position").defer("summary")
    by_id = {lesson.pk: lesson for lesson in lessons}
    for lesson in by_id.values():
        lesson.course = course
    order = {pk: number for number, pk in enumerate(by_id)}
    first: dict[int, int] = {}
    mentions = Mention.objects.filter(passage__lesson__in=by_id)
    for lesson_id, term_id in mentions.values_list("passage__lesson", "term"):
        known = first.get(term_id, lesson_id)
        first[term_id] = min(known, lesson_id, key=order.__getitem__)
    terms = Term.objects.public().filter(pk__in=first).select_related("glossary").in_order()
    found: dict[int, list[Term]] = {pk: [] for pk in by_id}
    for term in terms:
        found[first[term.pk]].append(term)
    return [(by_id[pk], introduced) for pk, introduced in found.items() if introduced]
