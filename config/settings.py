"""Settings: one file, read from the environment, one block per concern.

Numbers of the law do not live here but in safety/policy; texts that people see
in danger do not live here but in safety/texts. An unreadable value stops the
process: nothing falls back to a weaker setting in silence.
"""

from pathlib import Path
from urllib.parse import urlencode, urlsplit

import django_stubs_ext
import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from companion.engine.addresses import addresses
from config import home, logs, mail, schedule
from config.secret import secret_key

django_stubs_ext.monkeypatch()  # lets ModelAdmin[User] be written at run time
env = environ.Env()
BASE_DIR = home.BASE_DIR

# --- Where and as what this runs
PRODUCTION = env.str("COMPANION_ENV", "local") == "production"
DEBUG = env.bool("DEBUG", False)
PUBLIC_URL = env.str("PUBLIC_URL", "http://localhost:8000")
_public = urlsplit(PUBLIC_URL)
if _public.scheme not in {"http", "https"} or not _public.hostname:
    raise ImproperlyConfigured("PUBLIC_URL must look like https://chat.example.org")
HTTPS = _public.scheme == "https"
SERVICE_NAME = env.str("SERVICE_NAME", "Companion")  # as notices to contacts say it
SECRET_KEY = secret_key(PRODUCTION)
_local_names = [] if PRODUCTION else ["127.0.0.1", "localhost"]
ALLOWED_HOSTS = sorted({str(_public.hostname), *_local_names})
_port = f":{_public.port}" if _public.port else ""
WEBSOCKET_ORIGINS = [f"{_public.scheme}://{name}{_port}" for name in ALLOWED_HOSTS]
CSRF_TRUSTED_ORIGINS = WEBSOCKET_ORIGINS

# --- Applications, from the composition root down to the vault
INSTALLED_APPS = [
    "config",
    "compliance",
    "guardians",
    "companion",
    "accounts",
    "safety",
    "vault",
    "channels",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.language.account_language",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
]
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- PostgreSQL. Every deadline and every accepted message is a row in it
_embedded_postgres = "postgres:///companion?" + urlencode(
    {"host": str(home.postgres_socket()), "user": "companion"}
)
DATABASES = {"default": env.db_url_config(env.str("DATABASE_URL", _embedded_postgres))}
DATABASES["default"].setdefault("OPTIONS", {})
DATABASES["default"]["OPTIONS"]["pool"] = {
    "min_size": 0,
    "max_size": env.int("DATABASE_POOL", 16),
    "timeout": 5,  # seconds; a page that needs no database waits no longer for it
}
# A pooled connection is asked whether it lives before it is used: after a restart of
# the database each dead one would fail somebody's request.
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Valkey or Redis: accelerates, may lose everything
REDIS_URL = env.str("REDIS_URL", f"unix://{home.valkey_socket()}?db=0")
_celery_url = REDIS_URL
if REDIS_URL.startswith("unix://"):  # kombu spells a socket differently
    _celery_url = REDIS_URL.replace("unix://", "redis+socket://", 1).replace(
        "?db=", "?virtual_host=", 1
    )
CACHES = {
    "default": {"BACKEND": "config.cache.SturdyCache", "LOCATION": REDIS_URL},
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL]},
    }
}
CELERY_BROKER_URL = _celery_url
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 60
CELERY_TASK_SOFT_TIME_LIMIT = 30
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = schedule.TRANSPORT
CELERY_TASK_ROUTES, CELERY_BEAT_SCHEDULE = schedule.ROUTES, schedule.BEAT
SAFETY_KICKS = env.bool("SAFETY_KICKS", True)  # without, duties wait for beat's tick

# The layers of detection in their order, by dotted path: `Said` in, hits out
# (safety/layers.py). A deployment may add one; without `rules` nothing is let through.
SAFETY_LAYERS = {
    "rules": "safety.rules.read",
    "terms": "safety.terms.read",
    "heads": "safety.heads.layer.read",
}

# --- The engine: any servers that speak the OpenAI chat-completions protocol
ENGINE_URL = env.str("ENGINE_URL", "") or f"unix://{home.engine_socket()}"
try:
    addresses(ENGINE_URL)
except ValueError as problem:
    raise ImproperlyConfigured(str(problem)) from None
ENGINE_KEY = env.str("ENGINE_KEY", "")
ENGINE_MODEL = env.str("ENGINE_MODEL", "")
_context = env.str("ENGINE_CONTEXT", "") or "8192"  # as companion.engine.main has it
if not _context.isdecimal() or not int(_context):
    raise ImproperlyConfigured("ENGINE_CONTEXT must be a whole number above 0.")
ENGINE_CONTEXT = int(_context)  # tokens that prompt and reply may have together
VOICE_BANK = env.str("VOICE_BANK", "") or "auto"  # as the model's record says
CLOSER_LOOK = env.str("CLOSER_LOOK", "") or "auto"  # where the model is known to it
for _name, _word in {"VOICE_BANK": VOICE_BANK, "CLOSER_LOOK": CLOSER_LOOK}.items():
    if _word not in {"auto", "on", "off"}:
        raise ImproperlyConfigured(f"{_name} must be auto, on or off.")

# --- A guard model, optional: it only holds back or raises (docs/detection.md)
GUARD_URL = env.str("GUARD_URL", "")
GUARD_KEY = env.str("GUARD_KEY", "")
GUARD_MODEL = env.str("GUARD_MODEL", "")

# --- What the detectors did at the last measurement, to compare the next one with
EVALUATION_FILE = home.home() / "evaluation.json"

# --- Keys. The root keys stand outside the database and outside this file
VAULT_KEYRING = Path(env.str("VAULT_KEYRING", str(home.home() / "keyring")))

# --- People: sign-up and sign-in through allauth, e-mail as the name
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "chat"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_CHANGE_EMAIL = True  # one address; the new one is confirmed before it counts
ACCOUNT_EMAIL_NOTIFICATIONS = True  # every change of the account is told by mail
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_SIGNUP_REDIRECT_URL = "welcome"
ACCOUNT_USER_DISPLAY = "accounts.adapter.display_name"
REGISTRATION_OPEN = env.bool("REGISTRATION_OPEN", True)  # CN-43: apart from the chat
MFA_ADAPTER = "accounts.second_factor.MFAAdapter"
MFA_TOTP_ISSUER = "Companion"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", 0)
USERSESSIONS_TRACK_ACTIVITY = True

# --- Mail. A fresh machine writes it to a folder, and the pages say so
EMAIL_URL = env.str("EMAIL_URL", "")
if EMAIL_URL:
    vars().update(env.email_url_config(EMAIL_URL))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = home.home() / "mail"
EMAIL_TIMEOUT = 10  # seconds
# The watchdog's own way to the provider; without addresses it only logs
ALARM_MAIL_TO = env.list("ALARM_MAIL_TO", default=[])
_alarm_url = env.str("ALARM_EMAIL_URL", EMAIL_URL)
ALARM_MAIL = mail.transport(_alarm_url) if _alarm_url else {}
ALARM_WEBHOOK = env.str("ALARM_WEBHOOK", "")
DEADMAN_URL = env.str("DEADMAN_URL", "")
DEFAULT_FROM_EMAIL = env.str("FROM_EMAIL", f"Companion <noreply@{_public.hostname}>")

# --- Notices to contacts, operators and the provider, by channel (design: Delivery)
NOTICE_CHANNELS = {
    "mail": "safety.channels.mail.send",
    "apprise": "safety.channels.by_apprise.send",
    "sms": "safety.channels.by_phone.sms",
    "voice": "safety.channels.by_phone.voice",
    "test": "safety.channels.test.send",
}
# Apprise addresses of a provider of text messages and of calls; {number} stands for
# the telephone number, such as twilio://SID:token@from/{number}?method=call
NOTICE_SMS_URL = env.str("NOTICE_SMS_URL", "")
NOTICE_VOICE_URL = env.str("NOTICE_VOICE_URL", "")
# Hosts of one's own network that notices may go to, such as a gateway for SMS
NOTICE_PRIVATE_HOSTS = env.list("NOTICE_PRIVATE_HOSTS", default=[])
SERVICE_PHONE = env.str("SERVICE_PHONE", "")  # named in notices; else the region's line

METRICS_TOKEN = env.str("METRICS_TOKEN", "")  # opens /metrics; without it, nothing does

# --- Sessions, cookies, headers
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    },
}

# --- Languages and time. Everything is stored in UTC
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"

# --- Static files, hashed and compressed
STATIC_URL = "static/"
STATIC_ROOT = home.home() / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
_static = "config.storage.StaticStorage"
if DEBUG:
    _static = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _static},
}

# --- Logs: events and ids, never message text
LOGGING = logs.to_console(env.str("LOG_LEVEL", "INFO"))
