"""A draft begun in the admin, from a term's form or from one of its versions."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from glossary import drafting
from glossary.content import TermContent
from glossary.models import Term


def begin_draft(request: HttpRequest, term: Term, content: TermContent) -> HttpResponseRedirect:
    """Keep ``content`` as a draft of ``term``, which need not be stored, and go there.

    Where the term has an open draft already, go to that.
    """
    stored = term if term.pk else None
    try:
        draft = drafting.keep(
            glossary=term.glossary,
            term=stored,
            content=content,
            slug=term.slug,
            is_published=term.is_published,
            by=request.user,
            at=timezone.now(),
        )
        messages.warning(request, _("Kept as a draft. The public page is as it was."))
    except drafting.Refused as refused:
        messages.error(request, str(refused))
        draft = term.drafts.open().get()
    return HttpResponseRedirect(reverse("admin:glossary_draft_change", args=[draft.pk]))
