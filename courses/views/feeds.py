"""Feeds. They have no session and no cookie."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from courses.feeds import NewIntakes

# In seconds. Readers look once an hour or less often.
QUARTER_OF_AN_HOUR = 900
new_intakes = NewIntakes()


@require_safe
@cache_control(public=True, max_age=QUARTER_OF_AN_HOUR)
def intakes(request: HttpRequest, course: str = "") -> HttpResponse:
    """The newest intakes, of all courses or of one."""
    return new_intakes(request, course=course)
