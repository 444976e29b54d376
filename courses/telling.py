"""Mail about drafts: to those who may review what waits, and to authors about what came of it.

Whoever did a thing is not written to about it.
"""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from courses import jobs, mailing
from courses.templatetags import dates
from glossary.drafting import News
from glossary.models import Draft


def on_news(*, draft: Draft, news: News, by: Any, **_: Any) -> None:
    """Queue the mails, in the transaction in which it happened."""
    for to in _concerned(draft, news, by=by):
        jobs.tell_of_draft.defer(
            draft_id=draft.pk, news=news.value, to_id=to.pk, moment=draft.updated_at.isoformat()
        )


def reviewers() -> "QuerySet[User]":
    """The members of staff who may review drafts."""
    may_review: QuerySet[User] = ModelBackend().with_perm("glossary.review_draft")
    return may_review.filter(is_staff=True)


def send(draft_id: int, news: str, *, to_id: int, moment: str) -> bool:
    """Write to them; False where it is not so any more, of which a later mail tells.

    ``news`` is one of ``News``. ``moment`` is when it happened, in the form of ISO 8601, which
    makes one mail of it however often it is sent.
    """
    drafts = Draft.objects.select_related("glossary", "term__glossary", "by", "reviewed_by")
    draft = drafts.filter(pk=draft_id, updated_at=datetime.fromisoformat(moment)).first()
    waits = news == News.WAITING
    people = reviewers() if waits else User.objects.filter(is_active=True)
    to = people.filter(pk=to_id).first()
    if draft is None or to is None:
        return False
    moment = f"{draft.updated_at.astimezone(UTC):%Y%m%d%H%M%S%f}"
    page = f"admin:glossary_draft_{'review' if waits else 'change'}"
    context = {
        **mailing.of_the_house(),
        "to": to,
        "draft": draft,
        "author": _name(draft.by),
        "news": news,
        "said": "" if waits else _said(draft, News(news)),
        "draft_url": f"{settings.SITE_URL}{reverse(page, args=[draft.pk])}",
    }
    mailing.message(
        "courses/mail/draft_waiting" if waits else "courses/mail/draft_news",
        to=to.email,
        name=f"draft_{news}.{draft.pk}.{moment}.{to.pk}",
        context=context,
    ).send()
    return True


def _concerned(draft: Draft, news: News, *, by: Any) -> list[User]:
    if news == News.WAITING:
        others = reviewers().exclude(pk=draft.by_id) if draft.by_id else reviewers()
        return list(others.order_by("pk"))
    return [draft.by] if draft.by and draft.by != by else []


_SAID = {
    News.APPROVED: _(
        "%(person)s has approved your draft of “%(draft)s” (%(glossary)s). "
        "It will be published at %(time)s."
    ),
    News.PUBLISHED: _(
        "%(person)s has approved your draft of “%(draft)s” (%(glossary)s), and it is published."
    ),
    News.RETURNED: _("%(person)s has sent your draft of “%(draft)s” (%(glossary)s) back to you."),
    News.DISMISSED: _(
        "%(person)s has dismissed your draft of “%(draft)s” (%(glossary)s): "
        "it will not be published."
    ),
}
_AT_ITS_TIME = _("Its time has come: your draft of “%(draft)s” (%(glossary)s) is published.")
_NOT_AT_ITS_TIME = _(
    "Its time has come, but your draft of “%(draft)s” (%(glossary)s) could not be published."
)


def _said(draft: Draft, news: News) -> str:
    """What has become of a draft, for whoever wrote it."""
    words = _SAID[news]
    if news == News.PUBLISHED and draft.reviewed_at != draft.published_at:
        words = _AT_ITS_TIME
    elif news == News.RETURNED and draft.reviewed_by is None:
        words = _NOT_AT_ITS_TIME
    return words % {
        "person": _name(draft.reviewed_by),
        "draft": draft,
        "glossary": draft.glossary,
        "time": dates.moment(draft.publish_at),
    }


def _name(person: User | None) -> str:
    return person.get_full_name() if person else gettext("Somebody")
