from django.urls import include, path

from accounts import views

urlpatterns = [
    path("account/", views.profile, name="profile"),
    path("account/", include("allauth.urls")),
]
