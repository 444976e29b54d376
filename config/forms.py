"""What every form says where something is missing or wrong, in packages and the admin too.

Django says "This field is required." of anything. Here each field says what to do, by what it asks
for: the purpose that its widget names for browsers (``autocomplete``), else its label.
"""

from typing import Any

from django import forms, template
from django.contrib.auth.password_validation import get_default_password_validators
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

register = template.Library()

_REQUIRED = forms.Field.default_error_messages["required"]
# By what browsers are told that a field is for (the HTML standard, "autofill field").
_MISSING = {
    "email": gettext_lazy("Enter your email address."),
    "current-password": gettext_lazy("Enter your password."),
    "new-password": gettext_lazy("Choose a password."),
    "one-time-code": gettext_lazy("Enter the code."),
    "name": gettext_lazy("Enter your full name."),
}
# In place of Django's list of what its checks of passwords refuse.
_NEW_PASSWORD = gettext_lazy(
    "%(least)d characters or more. Not your name, and none that many people use."
)
_AGAIN = gettext_lazy("Type the new password once more.")
_NO_ADDRESS = gettext_lazy("Enter an email address in full, like name@example.com.")
_TOO_LONG = gettext_lazy("Use at most %(limit_value)d characters; there are %(show_value)d now.")


class SayingBoundField(forms.BoundField):
    """A field of a form that says what to do, unless the form itself says something else."""

    def __init__(self, form: forms.BaseForm, field: forms.Field, name: str) -> None:
        super().__init__(form, field, name)
        purpose = str(field.widget.attrs.get("autocomplete", ""))
        if purpose in _MISSING:
            self.label = _("Email address") if self.label == "Email" else self.label.capitalize()
        if purpose == "new-password" and "<ul>" in str(self.help_text):
            self.help_text = _NEW_PASSWORD % {"least": _least_characters()}
        said = field.error_messages
        if said.get("required") is _REQUIRED:
            said["required"] = _missing(self, purpose)
        if isinstance(field, forms.EmailField):
            said.setdefault("invalid", _NO_ADDRESS)
        if isinstance(field, forms.CharField):
            said.setdefault("max_length", _TOO_LONG)


def _least_characters() -> int:
    """How long a password has to be."""
    checks = get_default_password_validators()
    return max((getattr(check, "min_length", 0) for check in checks), default=0)


def _missing(bound: forms.BoundField, purpose: str) -> str:
    """What to do about a field that was left empty."""
    if bound.name == "password2":
        return str(_AGAIN)
    if purpose in _MISSING:
        return str(_MISSING[purpose])
    widget, of = bound.field.widget, {"label": bound.label}
    if isinstance(widget, forms.CheckboxInput):
        return _("Tick “%(label)s”.") % of
    if isinstance(widget, forms.FileInput):
        return _("Choose a file for “%(label)s”.") % of
    if isinstance(widget, forms.Select | forms.RadioSelect):
        return _("Make a choice for “%(label)s”.") % of
    return _("Fill in “%(label)s”.") % of


class FormRenderer(TemplatesSetting):
    """Django's own, with templates of the site, and fields that say what to do."""

    bound_field_class = SayingBoundField


@register.simple_tag(takes_context=True)
def error_prefix(context: template.Context) -> str:
    """``Error: `` for the title of a page on which a form has something to put right.

    A screen reader says the title first. Only what is a form already is looked at: to ask
    something lazy what it is would fetch it.
    """
    values: dict[Any, Any] = context.flatten()
    found = [one for one in values.values() if issubclass(type(one), forms.BaseForm)]
    return _("Error: ") if any(form.is_bound and form.errors for form in found) else ""


class SampleForm(forms.Form):
    """One of each kind of field, for the style guide."""

    email = forms.EmailField(label="Email address", help_text="We will send the receipt there.")
    reason = forms.CharField(
        label="Why the concession is yours", widget=forms.Textarea({"rows": 2})
    )
    way = forms.ChoiceField(
        label="How you pay",
        choices={"card": "By card", "debit": "By Direct Debit"},
        widget=forms.RadioSelect,
    )
    agreed = forms.BooleanField(label="I have read the terms")


def sample_form() -> SampleForm:
    """With an error in every field."""
    return SampleForm({"email": "ada@"}, auto_id="guide_%s")
