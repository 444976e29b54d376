from django.urls import include, path

from accounts import views

urlpatterns = [
    path("account/", views.profile, name="profile"),
    # In the place of allauth's own, which the next line has, too.
    path(
        "account/2fa/webauthn/reauthenticate/",
        views.reauthenticate_by_key,
        name="mfa_reauthenticate_webauthn",
    ),
    path("account/", include("allauth.urls")),
]
