"""A term and the names that it goes by."""

from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from glossary.models.glossary import Glossary
from glossary.models.passage import Passage


class TermQuerySet(models.QuerySet["Term"]):
    """Which terms."""

    def public(self) -> "TermQuerySet":
        """Those that a visitor may see."""
        return self.filter(is_published=True, glossary__is_published=True)

    def in_order(self) -> "TermQuerySet":
        """From A to Z, without regard to case."""
        return self.order_by(Lower("name"), "pk")

    def hold_to_delete(self) -> None:
        """Lock them, before what hangs on them is looked for and deleted with them.

        Whoever answers a card of one at that moment comes before, or finds it gone.
        """
        list(self.select_for_update(of=("self",)).order_by("pk").values_list("pk"))


class Term(models.Model):
    """A headword and what it means."""

    glossary = models.ForeignKey(Glossary, on_delete=models.CASCADE, related_name="terms")
    name = models.CharField(max_length=200)
    slug = models.SlugField(_("address"), max_length=200)
    abbreviation = models.CharField(max_length=40, blank=True)
    definition = models.OneToOneField(Passage, on_delete=models.PROTECT, related_name="defines")
    # The definition's first sentence as plain text: lists, previews and search engines use it.
    opening = models.TextField(blank=True, editable=False)
    formula = models.TextField(blank=True, help_text=_("LaTeX, without dollar signs."))
    formula_html = models.TextField(blank=True, editable=False)
    formula_caption = models.CharField(
        max_length=500, blank=True, help_text=_("One line that says what the symbols mean.")
    )
    formula_caption_html = models.TextField(blank=True, editable=False)
    # Sentences for staff about what could not be shown of the formula or its caption.
    problems = models.JSONField(default=list, blank=True, editable=False)
    see_also: "models.ManyToManyField[Term, models.Model]" = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="seen_from"
    )
    source = models.CharField(max_length=500, blank=True, help_text=_("The work this rests on."))
    source_url = models.URLField(_("source's address"), max_length=500, blank=True)
    is_linked = models.BooleanField(
        _("link in texts"), default=True, help_text=_("Clear this for a word too common to link.")
    )
    matches_case = models.BooleanField(
        _("only in this case"),
        default=False,
        help_text=_(
            "Link it only where it is written in capitals and small letters as here. "
            "Abbreviations always are."
        ),
    )
    is_published = models.BooleanField(_("published"), default=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = TermQuerySet.as_manager()

    class Meta:
        ordering = (Lower("name"), "pk")
        constraints = (
            models.UniqueConstraint(
                "glossary",
                "slug",
                name="term_slug_unique",
                violation_error_message=_("This glossary has a term with this address already."),
            ),
            models.UniqueConstraint(
                models.F("glossary"),
                Lower("name"),
                name="term_name_unique",
                violation_error_message=_("This glossary has a term with this name already."),
            ),
            # What Django's URLField takes in forms; imports and drafts come by no form.
            models.CheckConstraint(
                condition=models.Q(source_url="") | models.Q(source_url__iregex="^(http|ftp)s?://"),
                name="term_source_url_leads_to_a_page",
                violation_error_message=_("The source's address does not begin with https://."),
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_public(self) -> bool:
        """Whether a visitor may see it."""
        return self.is_published and self.glossary.is_published

    def get_absolute_url(self) -> str:
        return reverse("term_detail", args=[self.glossary.slug, self.slug])


class Alias(models.Model):
    """Another name of a term."""

    term = models.ForeignKey(Term, on_delete=models.CASCADE, related_name="aliases")
    name = models.CharField(_("also known as"), max_length=200)

    class Meta:
        verbose_name_plural = _("aliases")
        ordering = (Lower("name"),)
        constraints = (
            models.UniqueConstraint(
                models.F("term"),
                Lower("name"),
                name="alias_unique",
                violation_error_message=_("This term has this alias already."),
            ),
        )

    def __str__(self) -> str:
        return self.name
