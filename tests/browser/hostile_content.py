"""A glossary, a course and a lesson whose every word wants to run a script.

Written through the site's own journeys, and one term more whose stored page somebody broke into.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

CALL = "alert(document.domain)"
# Each of them runs in a page that shows it as it is, or that cleans it in the wrong order.
PAYLOADS = (
    f"<script>{CALL}</script>",
    f'<img src="x" onerror="{CALL}">',
    f'"><svg onload="{CALL}">',
    f"' autofocus onfocus='{CALL}",
    f"</script><script>{CALL}</script>",
    f"--><script>{CALL}</script>",
    f'</title></textarea></template><img src="x" onerror="{CALL}">',
    f'<svg><animate onbegin="{CALL}" attributeName="x" dur="1s"></svg>',
    f"<svg><style><img src=x onerror={CALL}></style></svg>",
    f'<svg><a xlink:href="javascript:{CALL}"><text y="20">a</text></a></svg>',
    f'<svg><foreignObject><iframe srcdoc="<script>{CALL}</script>"></iframe></foreignObject></svg>',
    f'<math><mtext></p><style><!--</style><img title="--&gt;&lt;img src=1 onerror={CALL}&gt;">',
    f'<math><mi xlink:href="javascript:{CALL}">a</mi></math>',
    f'<math><annotation-xml encoding="text/html"><img src=x onerror={CALL}>',
    f'<noscript><p title="</noscript><img src=x onerror={CALL}>">',
    f'<a href="javascript:{CALL}">a</a><a href="&#106;avascript:{CALL}">b</a>',
    f'<button formaction="javascript:{CALL}">c</button><details open ontoggle="{CALL}">',
    f'<div hx-on:load="{CALL}" hx-get="/" hx-trigger="load" data-hx-on-load="{CALL}">d</div>',
    f'<object data="javascript:{CALL}"></object><embed src="javascript:{CALL}">',
    '<meta http-equiv="refresh" content="0;url=/stolen/"><base href="https://example.org/">',
    f"[e](javascript:{CALL}) [f](JaVaScRiPt&colon;{CALL}) [g](<java script:{CALL}>)",
    f"![h](javascript:{CALL}) [i](data:text/html,<script>{CALL}</script>) [j](vbscript:{CALL})",
    f'[k](https://example.org/"onmouseover="{CALL}) <javascript:{CALL}>',
    f"$\\href{{javascript:{CALL}}}{{x}}$ $\\text{{</mtext><img src=x onerror={CALL}>}}$",
    f"$$\\class{{x\" onclick=\"{CALL}}}{{y}} \\unicode{{60}}img src=x onerror={CALL}>$$",
    f'`<script>{CALL}</script>` [<img src=x onerror={CALL}>]{{-}}',
)  # fmt: skip
FENCED = "\n\n".join(f"```html\n{payload}\n```" for payload in PAYLOADS)
TEXT = "\n\n".join((*PAYLOADS, FENCED))
BROKEN_IN = f"Broken into. <script>{CALL}</script><img src='x' onerror='{CALL}'>"


def write_hostile_content() -> dict[str, str]:
    """Store all of it, published; the addresses by name."""
    glossary, course, lesson = _glossary(), "zzz", "zzz-lesson"
    _course(glossary, course=course, lesson=lesson)
    _break_into()
    return {
        "hostile_glossary": glossary,
        "hostile_lesson": f"/courses/{course}/lessons/{lesson}/",
        "broken_into": "/glossary/zzz-broken-into/broken-into/",
    }


def _glossary() -> str:
    """A term for each of ``PAYLOADS``, one that has all of them, and some from a document."""
    from django.utils import timezone

    from glossary import mapping
    from glossary.content import TermContent
    from glossary.editing import save_glossary, save_term
    from glossary.models import Glossary, Term

    at = timezone.now()
    title = f"Zzz <script>{CALL}</script>"
    glossary = Glossary(title=title, slug="zzz", summary=PAYLOADS[1], is_published=True)
    save_glossary(glossary, introduction=TEXT, at=at)
    glossary.takeaways.create(position=1, text=PAYLOADS[1])
    for number, payload in enumerate(PAYLOADS, start=1):
        content = TermContent(
            name=f"Zz{number} {payload}"[:200],
            abbreviation=payload[:40],
            aliases=(f"Zy{number} {payload}"[:200],),
            definition=f"Zedword and {payload}",
            formula=f"x = {payload}",
            formula_caption=payload,
            source=payload,
            source_url=f"https://example.org/{payload}"[:500],
        )
        save_term(Term(glossary=glossary, slug=f"zz{number}"), content, at=at)
    every = tuple(f"Zz{number} {payload}"[:200] for number, payload in enumerate(PAYLOADS, start=1))
    content = TermContent("Zedword", definition=TEXT, see_also=every, aliases=(PAYLOADS[2],))
    save_term(Term(glossary=glossary, slug="zedword"), content, at=at)
    _import()
    mapping.draw(glossary, at=at)
    return glossary.slug


def _import() -> None:
    """The same as a document, in the forms that keep the most of what stands in them."""
    import csv
    import json
    import sys

    from django.core.management import call_command

    rows = [(f"Zx{number} {text}"[:200], text) for number, text in enumerate(PAYLOADS, start=1)]
    with TemporaryDirectory() as folder:
        plain = Path(folder, "plain.csv")
        with plain.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("term", "definition"), *rows])
        terms = [{"name": name.replace("Zx", "Zw"), "definition": text} for name, text in rows]
        whole = Path(folder, "whole.json")
        whole.write_text(json.dumps({"title": "Zzz", "terms": terms}), encoding="utf-8")
        for path in (plain, whole):
            call_command(
                "import_glossary", str(path), "--yes", "--glossary", "zzz", stdout=sys.stderr
            )


def _course(glossary: str, *, course: str, lesson: str) -> None:
    from courses.models import Course, Lesson
    from courses.writing import save_course, save_lesson
    from glossary.models import Glossary

    found = Glossary.objects.get(slug=glossary)
    title = f"Zzz course <img src=x onerror={CALL}>"
    made = save_course(
        Course(title=title, slug=course, summary=PAYLOADS[1], is_published=True),
        description=TEXT,
        glossaries=[found],
    )
    save_lesson(
        Lesson(course=made, title=PAYLOADS[1], slug=lesson, is_free=True, is_published=True),
        text=f"Zedword comes first.\n\n{TEXT}\n\n## {PAYLOADS[1]}\n\nZedword again.",
    )


def _break_into() -> None:
    """A page that holds a live script, as if sanitising had failed: past every journey of ours."""
    from django.utils import timezone

    from glossary.content import TermContent
    from glossary.editing import save_glossary, save_term
    from glossary.models import Glossary, Passage, Term

    at = timezone.now()
    glossary = save_glossary(Glossary(title="Zzz broken into", is_published=True), at=at)
    content = TermContent("Broken into", definition="Broken into.")
    term = save_term(Term(glossary=glossary), content, at=at)
    html = f"<p>{BROKEN_IN}</p>"
    Passage.objects.filter(defines=term).update(html=html, linked_html=html)
