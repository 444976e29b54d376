"""Who may know whom: imports, and the relations between models, which hide from imports."""

import ast
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db.models import Model
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).resolve().parents[2]

# Each application of ours with those it may point at; the account is Django's own port.
MAY_POINT_AT = {
    "enrolment": {"enrolment", "courses", "glossary"},
    "courses": {"courses", "glossary"},
    "glossary": {"glossary"},
    "accounts": {"accounts"},
}
DJANGOS = {"auth", "contenttypes"}


def test_the_import_contracts_hold() -> None:
    assert lint_imports(no_cache=True) == EXIT_STATUS_SUCCESS


def points_outside(model: type[Model]) -> list[str]:
    """The relations of ``model`` that lead where its application may not look."""
    here = model._meta.app_label
    found = []
    for field in [*model._meta.local_fields, *model._meta.local_many_to_many]:
        target = field.remote_field.model if field.remote_field else None
        if target is None or target._meta.label == settings.AUTH_USER_MODEL:
            continue
        if target._meta.app_label not in MAY_POINT_AT[here] | DJANGOS:
            found.append(f"{model._meta.label}.{field.name} -> {target._meta.label}")
    return found


def test_relations_of_models_run_one_way() -> None:
    ours = [model for model in apps.get_models() if model._meta.app_label in MAY_POINT_AT]
    assert len(ours) > 20
    assert [relation for model in ours for relation in points_outside(model)] == []


def test_a_relation_that_runs_the_other_way_is_seen() -> None:
    lesson = apps.get_model("courses", "Lesson")
    field = lesson._meta.get_field("passage")
    before = field.remote_field.model
    try:
        field.remote_field.model = apps.get_model("enrolment", "Payment")
        assert points_outside(lesson) == ["courses.Lesson.passage -> enrolment.Payment"]
    finally:
        field.remote_field.model = before


def test_generic_relations_are_not_used() -> None:
    """They would point anywhere."""
    ours = [model for model in apps.get_models() if model._meta.app_label in MAY_POINT_AT]
    assert [model._meta.label for model in ours if model._meta.private_fields] == []


def imported_by(path: Path) -> set[str]:
    """The first words of everything that a file imports, wherever in it, and however."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if called in {"import_module", "__import__"}:
                found.add(str(node.args[0].value).partition(".")[0])
    return found


def test_only_payments_speaks_to_stripe(tracked: list[Path]) -> None:
    allowed = {"sandbox", "tests"}
    sources = [path for path in tracked if path.suffix == ".py"]
    speakers = {str(path.relative_to(ROOT)) for path in sources if "stripe" in imported_by(path)}
    outside = {name for name in speakers if name.partition("/")[0] not in allowed}
    assert outside == {"enrolment/payments.py"}


def test_the_stand_in_imports_nothing_of_the_site(tracked: list[Path]) -> None:
    site = {"config", "accounts", "glossary", "courses", "enrolment", "django", "tests"}
    sources = [path for path in tracked if path.suffix == ".py" and "sandbox" in path.parts]
    own = [path for path in sources if "tests" not in path.parts]
    assert len(own) > 10
    assert {str(path): imported_by(path) & site for path in own if imported_by(path) & site} == {}
