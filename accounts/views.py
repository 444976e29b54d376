"""The person's own page, and proving once more who one is."""

from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from allauth.mfa.webauthn.views import ReauthenticateWebAuthnView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.forms import ProfileForm


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Name, address, and the ways to change how one signs in."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your name has been changed."))
        return redirect("profile")
    status = 422 if form.is_bound else 200
    context = {"form": form, "has_second_step": is_mfa_enabled(request.user)}
    return render(request, "accounts/profile.html", context, status=status)


class ReauthenticateByKeyView(ReauthenticateWebAuthnView):
    """allauth's; a key that was refused is asked for again, on the way to the same page.

    allauth's own leads to the account page, and what was about to be done is forgotten.
    """

    def form_invalid(self, form: Any) -> HttpResponse:
        """The same page, with what was wrong said above it."""
        super().form_invalid(form)
        return redirect(self.passthrough_next_url(self.request.path))


reauthenticate_by_key = ReauthenticateByKeyView.as_view()
