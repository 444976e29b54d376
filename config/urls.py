"""Which application answers which address."""

from allauth.account.decorators import secure_admin_login
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import TemplateView

from config.forms import sample_form
from courses.catalogue import sample_filters
from courses.course_page import sample_prices
from glossary.listing import sample_rail

# Second factors hold secrets; people look after their own on their account pages.
admin.site.unregister(Authenticator)
# Staff sign in like everybody else: the same limits on guessing, the same second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

handler400 = "config.errors.bad_request"
handler500 = "config.errors.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
    path("", include("glossary.urls")),
    path("", include("courses.urls")),
    path("", include("enrolment.urls")),
]

if settings.DEMO:
    urlpatterns += [
        path(
            "style-guide/",
            TemplateView.as_view(
                template_name="style_guide.html",
                extra_context={
                    "rail": sample_rail(),
                    "filters": sample_filters(),
                    "prices": sample_prices(),
                    "wrong": sample_form,
                },
            ),
            name="style_guide",
        ),
    ]
