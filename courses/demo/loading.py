"""Loads the demonstration: a glossary, two courses, and intakes laid out around today."""

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from courses.calendar import london_date
from courses.demo.intakes import lay_out_free, lay_out_paid
from courses.documents import read_document
from courses.models import Course, CourseQuestion, Lesson, Provider
from courses.seeding import seed_legal_pages
from courses.writing import save_course, save_lesson, save_question
from glossary.content import TermContent
from glossary.editing import lock, save_glossary
from glossary.mapping import draw
from glossary.models import Glossary, Takeaway, Term
from glossary.relinking import passages_with, relink
from glossary.saving import save_terms

FOLDER = Path(__file__).parent


@transaction.atomic
def load(*, at: datetime) -> None:
    """Fill an empty site, as of the moment ``at``; nothing where there is content already."""
    if Course.objects.exists() or Glossary.objects.exists():
        return
    content = _read("course.toml")
    load_provider(content["provider"])
    seed_legal_pages()
    load_glossary(_read("glossary.toml"), at=at)
    for facts in content["course"]:
        course = load_course(facts)
        if facts["free"]:
            lay_out_free(course, today=london_date(at))
        else:
            lay_out_paid(course, today=london_date(at), at=at)


def load_provider(facts: dict[str, Any]) -> None:
    """Add the provider, unless there is one."""
    if Provider.current():
        return
    provider = Provider.objects.create(
        pk=1,
        name=facts["name"],
        legal_name=facts["legal_name"],
        company_number=facts["company_number"],
        address="\n".join(facts["address"]),
        email=facts["email"],
        phone=facts["phone"],
        vat_treatment=facts["vat_status"],
        cancellation_fee=facts["cancellation_fee"],
    )
    for days_before, percent in facts["refund_tiers"]:
        provider.refund_tiers.create(days_before=days_before, percent=percent)


def load_glossary(content: dict[str, Any], *, at: datetime) -> Glossary:
    """Add a glossary with its terms, cross-references, takeaways and map."""
    facts = content["glossary"]
    glossary = Glossary(
        slug=facts["slug"], title=facts["title"], summary=facts["summary"], is_published=True
    )
    save_glossary(glossary, at=at, introduction=facts["introduction"])
    terms = [(Term(glossary=glossary), _term_content(entry)) for entry in content["term"]]
    save_terms(lock(glossary), terms, at=at)
    for position, text in enumerate(facts["takeaways"], start=1):
        Takeaway.objects.create(glossary=glossary, position=position, text=text)
    relink(passages_with(glossary, None, elsewhere=True))
    draw(glossary, at=at)
    return glossary


def _term_content(entry: dict[str, Any]) -> TermContent:
    return TermContent.from_json({**entry, "definition": entry["definition"].strip()})


def load_course(facts: dict[str, Any]) -> Course:
    """Add a course with its lessons, in the order of their file names."""
    course = Course(
        title=facts["title"],
        slug=facts["slug"],
        subject=facts["subject"],
        summary=facts["summary"],
        outcomes="\n".join(facts["outcomes"]),
        is_published=True,
    )
    glossaries = list(Glossary.objects.filter(slug=facts["glossary"]))
    save_course(course, description=facts["description"].strip(), glossaries=glossaries)
    for position, path in enumerate(sorted((FOLDER / "lessons" / course.slug).glob("*.md")), 1):
        document = read_document(path)
        lesson = Lesson(
            course=course,
            position=position,
            title=document.facts["title"],
            slug=document.facts["slug"],
            summary=document.facts["summary"],
            is_free=document.facts["free"],
            is_published=True,
        )
        save_lesson(lesson, text=document.text)
    for asked in facts.get("question", []):
        question = CourseQuestion(course=course, question=asked["question"])
        save_question(question, answer=asked["answer"])
    return course


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text("utf-8"))
