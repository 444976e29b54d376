from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "people"

    def ready(self) -> None:
        """A key that nobody can read is none, rather than the end of every page that asks for one.

        allauth has no place to say so: it looks these two up by their names each time.
        """
        from allauth.mfa.webauthn.internal import auth

        from accounts import passkeys

        auth.get_credentials = passkeys.credentials_of
        auth.get_authenticator_by_credential_id = passkeys.key_with
