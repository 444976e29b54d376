"""Moving a learner to another intake in the admin, past deadlines, with what it comes to."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from courses.templatetags.money import money
from enrolment import deciding, moving
from enrolment.admin.acting import ReasonField, back_to, gate, page, sent
from enrolment.admin.leaving import PERMISSION
from enrolment.destinations import Option, option_to
from enrolment.models import Enrolment


class MoveForm(forms.Form):
    """Where to, with the difference that the page showed, and whether it is waived."""

    to = forms.ChoiceField(
        label=gettext_lazy("To"),
        choices=(),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose an intake."),
            "invalid_choice": gettext_lazy("This intake, or its price, has changed. Choose again."),
        },
    )
    waive = forms.BooleanField(
        label=gettext_lazy("Waive the difference"),
        required=False,
        help_text=gettext_lazy(
            "Where there is more to pay. Without this, the student moves by themselves, on "
            "their own page, and pays."
        ),
    )
    reason = ReasonField(
        label=gettext_lazy("Reason"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("For the enrolment’s history."),
    )

    def __init__(self, *args: Any, options: list[Option], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.options = {f"{one.intake.pk}:{one.difference}": one for one in options}
        choices = [(value, _in_words(one)) for value, one in self.options.items()]
        self.fields["to"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A difference to pay is waived, or the student's own affair."""
        cleaned = super().clean() or {}
        chosen = self.options.get(cleaned.get("to", ""))
        if chosen and chosen.difference > 0 and not cleaned.get("waive"):
            more = money(chosen.difference)
            self.add_error(
                "waive",
                _("%(more)s more would be to pay. Waive it, or leave it to them.") % {"more": more},
            )
        return cleaned

    @property
    def chosen(self) -> Option:
        """What was chosen."""
        return self.options[self.cleaned_data["to"]]


def _in_words(option: Option) -> str:
    left = option.intake.places_left
    told = {
        "intake": option.intake.label,
        "price": option.price.name,
        "left": left,
        "gist": option.in_words,
    }
    if left is None:
        return _("%(intake)s (%(price)s): %(gist)s") % told
    if left <= 0:
        return _("%(intake)s (%(price)s, full): %(gist)s") % told
    return _("%(intake)s (%(price)s, %(left)s left): %(gist)s") % told


def options(enrolment: Enrolment, *, at: datetime) -> list[Option]:
    """Where staff may move a learner to, the next to start first, and what it would come to.

    Deadlines do not bind them, and a price whose window has closed will do. Intakes in which the
    learner has a place already are left out.
    """
    there = Enrolment.objects.live().filter(student=enrolment.student_id)
    rows = deciding.targets(enrolment.intake, at=at).exclude(pk__in=there.values("intake"))
    found = []
    for intake in rows:
        waived = option_to(enrolment, intake, at=at, waive=True)
        asked = waived and option_to(enrolment, intake, at=at, price=waived.price)
        if asked:
            found.append(asked)
    return found


def move(model_admin: admin.ModelAdmin, request: HttpRequest, pk: str) -> HttpResponse:
    """Ask where to, with what it comes to; then move, and write to the student."""
    user = gate(request, PERMISSION)
    rows = Enrolment.objects.select_related("student", "intake__course", "voucher__batch")
    enrolment = get_object_or_404(rows, pk=pk)
    if not enrolment.is_enrolled:
        messages.info(request, _("Only somebody who is enrolled can be moved."))
        return back_to(enrolment)
    at = timezone.now()
    form = MoveForm(sent(request), options=options(enrolment, at=at))
    if form.is_valid() and _move(enrolment, form, user, at=at):
        name = enrolment.student.get_full_name()
        messages.success(
            request,
            _("%(name)s is in the %(label)s, and is told.")
            % {"name": name, "label": form.chosen.intake.label},
        )
        return back_to(enrolment)
    return page(
        model_admin,
        request,
        title=_("Move %(name)s") % {"name": enrolment.student.get_full_name()},
        row=enrolment,
        form=form,
        button=_("Move"),
        said=_said(enrolment, form),
    )


def _move(enrolment: Enrolment, form: MoveForm, user: User, *, at: datetime) -> bool:
    """Move; False where the form says why not. By us, so nothing more is ever charged."""
    chosen = form.chosen
    try:
        moving.move(
            enrolment,
            to=chosen.intake,
            price=chosen.price,
            expected=min(chosen.difference, 0),
            at=at,
            by=user,
            waive=True,
            reason=form.cleaned_data["reason"],
        )
    except moving.NotMovable as refused:
        form.add_error("to", str(refused))
    except moving.MoveChanged:
        form.add_error("to", _("What it comes to has changed meanwhile. Look again."))
    return form.is_valid()


def _said(enrolment: Enrolment, form: MoveForm) -> list[str]:
    name = enrolment.student.get_full_name()
    said = [
        _("%(name)s is in %(intake)s, agreed at %(amount)s.")
        % {
            "name": name,
            "intake": enrolment.intake,
            "amount": money(enrolment.amount) or _("nothing"),
        }
    ]
    if not form.options:
        return [*said, _("The course has no other intake to move to.")]
    return [*said, _("What the new place costs less goes back. The student gets a mail.")]
