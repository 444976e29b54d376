"""What crawlers are asked to leave alone: https://www.rfc-editor.org/rfc/rfc9309"""

from django.conf import settings
from django.urls import reverse

from glossary.addresses import absolute

# Each visit costs them and us, and says nothing that is to be found: what somebody looks for, what
# belongs to one person, and the ways into an intake. Addresses below these count too.
LEFT_ALONE = ("admin:index", "profile", "search", "practice")
WAYS_IN = ("*/intakes/", "*/alerts/")


def robots_txt() -> str:
    """The file. Of a site that is not to be found it keeps nobody away.

    Who may not come never reads that each page says ``noindex``, and may list its address all the
    same: https://developers.google.com/search/docs/crawling-indexing/block-indexing
    """
    lines = ["User-agent: *"]
    if not settings.SEARCH_ENGINES:
        return "\n".join(["# Not there to be found: every page says so.", *lines, "Disallow:", ""])
    paths = [reverse(name) for name in LEFT_ALONE]
    paths += [f"{reverse('course_list')}{way}" for way in WAYS_IN]
    lines += [f"Disallow: {path}" for path in paths]
    return "\n".join([*lines, "", f"Sitemap: {absolute(reverse('sitemap'))}", ""])
