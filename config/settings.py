"""Every setting of the site, read from the environment.

A site that takes real money fails closed: without ``DEMO`` a missing secret, an insecure
address or the stand-in for Stripe stops the start with a sentence that names the setting.
What each variable means stands in ``docs/running.md``.
"""

from pathlib import Path
from urllib.parse import urlsplit

import django
import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import to_locale

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()


def required(name: str) -> str:
    """The variable's value.

    Raises ImproperlyConfigured, naming the variable, where it is missing or empty.
    """
    value: str = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. The site does not start without it.")
    return value


def refuse_unless(condition: bool, message: str) -> None:
    """Stop the start with ``message`` where ``condition`` does not hold."""
    if not condition:
        raise ImproperlyConfigured(message)


# What this site is -----------------------------------------------------------------------------

DEMO = env.bool("DEMO", default=False)
DEBUG = env.bool("DEBUG", default=False)
# Closed for a while: every page answers 503.
MAINTENANCE = env.bool("MAINTENANCE", default=False)
SECRET_KEY = required("SECRET_KEY")
SITE_URL = required("SITE_URL").rstrip("/")
SITE_HOST = urlsplit(SITE_URL).hostname or ""
IS_HTTPS = SITE_URL.startswith("https://")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[SITE_HOST])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL])
# Whether search engines may show its pages.
SEARCH_ENGINES = env.bool("SEARCH_ENGINES", default=not DEMO)

refuse_unless(
    DEMO or IS_HTTPS,
    "SITE_URL must start with https:// so that cookies are sent securely (or set DEMO=1).",
)
refuse_unless(DEMO or not DEBUG, "DEBUG must be off on a real site (or set DEMO=1).")
refuse_unless(
    DEMO or (len(SECRET_KEY) >= 50 and len(set(SECRET_KEY)) >= 5),
    "SECRET_KEY must be at least 50 random characters.",
)

# Stripe ----------------------------------------------------------------------------------------

STRIPE_SECRET_KEY = required("STRIPE_SECRET_KEY")
STRIPE_WEBHOOK_SECRET = required("STRIPE_WEBHOOK_SECRET")
# Only the local stand-in has an address of its own; empty means Stripe itself.
STRIPE_API_BASE = env.str("STRIPE_API_BASE", default="").rstrip("/")

refuse_unless(
    DEMO or not STRIPE_API_BASE,
    "STRIPE_API_BASE puts a stand-in in Stripe's place, which takes no money. "
    "Unset it (or set DEMO=1).",
)
refuse_unless(
    not DEMO or not STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_")),
    "STRIPE_SECRET_KEY is a live key; a demonstration (DEMO=1) must not take real money.",
)

# How long a place is held while its student pays, in minutes. Stripe lets a Checkout Session
# live for 30 minutes to 24 hours; what is above 30 is the time a stalled call may be tried again.
PLACE_HOLD_MINUTES = env.int("PLACE_HOLD_MINUTES", default=45)
refuse_unless(
    35 <= PLACE_HOLD_MINUTES <= 23 * 60, "PLACE_HOLD_MINUTES must be between 35 and 1380."
)

# How Stripe's page lets people pay. Bacs Direct Debit is a delayed method: the place is held for
# days until the money comes or does not. What is named here must be switched on at Stripe.
STRIPE_PAYMENT_METHODS = env.list("STRIPE_PAYMENT_METHODS", default=["card"])
refuse_unless(
    set(STRIPE_PAYMENT_METHODS) <= {"card", "bacs_debit"} and STRIPE_PAYMENT_METHODS,
    "STRIPE_PAYMENT_METHODS must name card, bacs_debit or both.",
)

# Applications ----------------------------------------------------------------------------------

INSTALLED_APPS = [
    "enrolment",
    "courses",
    "glossary",
    "accounts",
    "config.admin_site.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "procrastinate.contrib.django",
    "simple_history",
    # Last, so that our own templates for forms come first.
    "django.forms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.plain_requests.PlainRequestMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Inside WhiteNoise, whose files are compressed already. Why it gives no token away:
    # docs/decisions/compressed-pages.md.
    "django.middleware.gzip.GZipMiddleware",
    "courses.indexing.IndexingMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.maintenance.MaintenanceMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "courses.moment.MomentMiddleware",
    "courses.kept_pages.KeptPagesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "courses.context_processors.site",
            ],
            "builtins": [
                "config.forms",
                "courses.templatetags.dates",
                "courses.templatetags.money",
            ],
        },
    },
]
FORM_RENDERER = "config.forms.FormRenderer"

# Data ------------------------------------------------------------------------------------------

refuse_unless(bool(env.str("DATABASE_URL", default="")), "DATABASE_URL is not set.")
DATABASES = {"default": env.db_url("DATABASE_URL")}
refuse_unless(
    DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql",
    "DATABASE_URL must name a PostgreSQL database (postgres://…).",
)
DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
    "min_size": 1,
    "max_size": env.int("DATABASE_POOL_SIZE", default=10),
    # Longer than this and the visitor is better served by an error page than by a wait.
    "timeout": 10,
}
# The queries of ``glossary.prepared`` are planned once in a connection. Others never are.
DATABASES["default"]["OPTIONS"]["prepare_threshold"] = 5
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Rate limits must be shared between processes, so the default cache is the database's. Past its
# limit it drops entries, and with them what counts attempts: room for many visitors at once.
CACHES = {
    "default": env.cache_url("CACHE_URL", default="dbcache://termtime_cache?max_entries=10000")
}

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

# People ----------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "enrolment.access.EnrolmentBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "enrolment_list"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.NameForm"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
# A code rather than a link: it works when the mail is opened on another device, and the person
# who started from an intake is still on the way to it.
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
# allauth's own limits, and ours in the same place.
ACCOUNT_RATE_LIMITS = {
    "ask_for_alert": "20/h/ip",
    "draw_picture": "120/m/ip",
    # Codes that there are none of: staff may choose short ones, which somebody could guess.
    "guess_voucher": "20/h/user,100/h/ip",
}
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if IS_HTTPS else "http"
ACCOUNT_ADAPTER = "courses.account_mail.MailingAccountAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
MFA_FORMS = {
    "add_webauthn": "accounts.passkeys.AddForm",
    "edit_webauthn": "accounts.passkeys.EditForm",
    "authenticate_webauthn": "accounts.passkeys.AuthenticateForm",
    "login_webauthn": "accounts.passkeys.LoginForm",
    "reauthenticate_webauthn": "accounts.passkeys.ReauthenticateForm",
}
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEMO

# Mail ------------------------------------------------------------------------------------------

EMAIL_CONFIG = env.email_url("EMAIL_URL") if env.str("EMAIL_URL", default="") else {}
refuse_unless(
    bool(EMAIL_CONFIG), "EMAIL_URL is not set (for example smtp+tls://user:password@host:587)."
)
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"Termtime <hello@{SITE_HOST}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 20
# Where the console's demo says that mail can be read; empty on a real site.
DEMO_MAIL_URL = env.str("DEMO_MAIL_URL", default="")

# Words and time --------------------------------------------------------------------------------

# One language for everybody, as the content has one; see docs/decisions/languages.md.
LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="en-gb").lower()
LANGUAGES = [(LANGUAGE_CODE, LANGUAGE_CODE)]
# An operator's own words come before ours.
LOCALE_PATHS = [*env.list("LOCALE_PATHS", default=[]), str(BASE_DIR / "locale")]
CATALOGUES = [Path(django.__file__).parent / "conf" / "locale", *map(Path, LOCALE_PATHS)]
refuse_unless(
    any(
        (folder / to_locale(code) / "LC_MESSAGES").is_dir()
        for folder in CATALOGUES
        for code in (LANGUAGE_CODE, LANGUAGE_CODE.partition("-")[0])
    ),
    "LANGUAGE_CODE names a language that there is no catalogue for (en-gb is the default).",
)
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True

# Files -----------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=str(BASE_DIR / ".local" / "static"))()
STATICFILES_DIRS = [BASE_DIR / "static"]
# Each file under its hashed name alone, so that browsers can keep all of them for ever.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.bundling.BundlingStorage"},
}

# Safety ----------------------------------------------------------------------------------------

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "__Host-session" if IS_HTTPS else "termtime_session"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_HTTPS else "termtime_csrf"
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = IS_HTTPS and env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=True)
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", default=True)
SECURE_REFERRER_POLICY = "same-origin"
# Set only behind a proxy that itself sets this header and strips the visitor's own.
if env.bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # Whose attempts are counted: the visitor's, not the proxy's.
    ALLAUTH_TRUSTED_PROXY_COUNT = 1
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
        # A form's redirect counts too: enrolling posts to us and is sent on to Stripe.
        "form-action": [SELF, STRIPE_API_BASE or "https://checkout.stripe.com"],
    }
}

# Logs ------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    # Each command would begin with a list of every periodic job, each call be told of twice.
    "loggers": {
        "procrastinate.periodic": {"level": "WARNING"},
        "procrastinate.blueprints": {"level": "WARNING"},
        "procrastinate.jobs": {"level": "WARNING"},
        "stripe": {"level": "WARNING"},
    },
}
