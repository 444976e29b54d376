"""People of a prepared site, their sessions, and the keys of what there is."""

import time
from typing import Any

PASSWORD = "term-time-demo"
DAY = 24 * 3600


def a_person(email: str, name: str) -> Any:
    from allauth.account.models import EmailAddress

    from accounts.models import User

    person = User.objects.create_user(email, PASSWORD, name=name)
    EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    return person


def first_keys() -> dict[str, str]:
    """The key of one row of everything that the admin shows: ``courses_course``."""
    from django.contrib import admin
    from django.urls import get_resolver

    assert get_resolver().url_patterns  # which registers what is ours to register
    found = {}
    for model in admin.site._registry:
        key = model._default_manager.order_by("pk").values_list("pk", flat=True).first()
        if key is not None:
            found[f"{model._meta.app_label}_{model._meta.model_name}"] = str(key)
        history = getattr(model, "history", None)
        if history and (then := history.order_by("pk").first()):
            found[f"then_{model._meta.model_name}"] = str(then.pk)
    return found


def sessions() -> dict[str, str]:
    """The session key of each person, by the part of the address before the @."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from accounts.models import User

    keys = {}
    for person in User.objects.all():
        session = SessionStore()
        session[SESSION_KEY] = str(person.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        if person.email.startswith("secured@"):
            # Who has proved to be who they are, and is asked no more in this run.
            proof = {"method": "password", "at": time.time() + DAY, "reauthenticated": True}
            session["account_authentication_methods"] = [proof]
            session["account_authentication_methods_user"] = str(person.pk)
        session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        session.save()
        keys[person.email.partition("@")[0]] = str(session.session_key)
    return keys
