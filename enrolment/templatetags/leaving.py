"""What templates may ask about leaving an intake."""

from django import template

from courses.models import Provider
from enrolment import quoting

register = template.Library()


@register.simple_tag
def refund_policy() -> list[str]:
    """What the provider gives back now to who cancels after the 14 days, a sentence a tier."""
    policy = Provider.objects.values_list("policy", flat=True).filter(pk=1).first()
    return quoting.policy_in_words(policy or {})
