from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.utils.translation import gettext_lazy as _


class GlossaryConfig(AppConfig):
    name = "glossary"
    verbose_name = _("Glossaries")

    def ready(self) -> None:
        from glossary.practice.carrying import on_login

        # Signing out empties a session, so that what is in it cannot wait for the next page.
        user_logged_in.connect(on_login, dispatch_uid="glossary.practice")
