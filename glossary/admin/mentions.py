"""For staff: the lessons that mention a term, and the terms that a text mentions.

Both are the admin's own lists, narrowed, so they have pages, a search and a number of queries that
does not grow. Lessons belong to another application; here they are only led to.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from glossary.history_admin import is_key
from glossary.models import Mention, Passage, Term


class OneOf(admin.SimpleListFilter):
    """Narrows a list to what belongs to the row that the address names; shown only then."""

    model: type[Term] | type[Passage]
    field = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        key = self.value() or ""
        row = self.model.objects.filter(pk=key).first() if is_key(self.model, key) else None
        return [(key, self.named(row))] if row else []

    def named(self, row: Any) -> str:
        """What the row is called in the list of filters."""
        return str(row)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{self.field: self.value()}) if self.value() else queryset


class MentionedIn(OneOf):
    """Of terms: those that one text mentions."""

    title = _("mentioned in")
    parameter_name = "text"
    model = Passage
    field = "mentions__passage"

    def named(self, row: Passage) -> str:
        return str(getattr(row, "lesson", None) or row)


def with_lessons(terms: QuerySet[Term]) -> QuerySet[Term]:
    """The terms with ``lessons_counted``: how many lessons mention each, published or not."""
    mentions = Mention.objects.filter(term=OuterRef("pk"), passage__lesson__isnull=False)
    number = mentions.order_by().values("term").annotate(number=Count("pk")).values("number")
    return terms.annotate(lessons_counted=Coalesce(Subquery(number), 0))


def lessons_of_term(term: Term, number: int) -> SafeString | str:
    """The number of lessons that mention the term, leading to the list of them."""
    if not number:
        return gettext("none")
    address = f"{reverse('admin:courses_lesson_changelist')}?term={term.pk}"
    return format_html('<a href="{}">{}</a>', address, number)


def terms_of_text(passage_id: int, number: int) -> SafeString | str:
    """The number of terms that a text mentions, leading to the list of them."""
    if not number:
        return gettext("none")
    address = f"{reverse('admin:glossary_term_changelist')}?text={passage_id}"
    return format_html('<a href="{}">{}</a>', address, number)
