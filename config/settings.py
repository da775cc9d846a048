"""Settings, from the environment only.

Without `DATABASE_URL` and `REDIS_URL` the embedded engines are used: `make run` starts
them and leaves their addresses and secrets in `var/embedded.env`, which is read here. The
real environment always wins.
"""

import os
from pathlib import Path
from typing import Any

import environ
from corsheaders.defaults import default_headers
from django.core.exceptions import ImproperlyConfigured

from config import environment, limits, store_settings

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("LECTERN_VAR") or BASE_DIR / "var")

env = environ.Env()
environ.Env.read_env(VAR_DIR / "embedded.env")


def _required(name: str) -> str:
    value: str = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set and the embedded engines are not set up: "
            "start them with 'make run', or set it in the environment"
        )
    return value


SECRET_KEY = _required("SECRET_KEY")
# Former keys, the latest first: what they have signed and encrypted stays readable.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
DEBUG = environment.flag("DEBUG", default=False)
# The loopback names are always there: health checks come from this machine.
ALLOWED_HOSTS = [*env.list("ALLOWED_HOSTS", default=[]), "127.0.0.1", "localhost", "[::1]"]
PUBLIC_URL = environment.web_address("PUBLIC_URL")
# Networks of the school's own whose web pages may be read, beside the public's.
WEB_ALLOWED_NETWORKS = environment.networks("WEB_ALLOWED_NETWORKS")

# Over plain HTTP on the loopback address a Secure cookie would lock everybody out.
HTTPS = environment.flag("HTTPS", default=not PUBLIC_URL.startswith("http://"))

# The web application, where it lives on an origin of its own: its origins may send cookies, and
# mails lead to the first of them.
SPA_ORIGINS = env.list("SPA_ORIGINS", default=[])
CORS_ALLOWED_ORIGINS = SPA_ORIGINS
CORS_ALLOW_CREDENTIALS = True
CORS_URLS_REGEX = r"^/(api|_allauth|files)/"
CORS_ALLOW_HEADERS = (*default_headers, "idempotency-key", "if-match")
CORS_EXPOSE_HEADERS = ("ETag", "Location", "RateLimit", "RateLimit-Policy", "Retry-After")
CSRF_TRUSTED_ORIGINS = [*env.list("CSRF_TRUSTED_ORIGINS", default=[]), *SPA_ORIGINS]

INSTALLED_APPS = [
    "config.apps.ConfigConfig",
    "unfold.apps.BasicAppConfig",
    "config.apps.LecternAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.headless",
    "axes",
    "corsheaders",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rules",
    "accounts",
    "classrooms",
    "meetings",
    "assessments",
    "retrieval",
    "progress",
    "analytics",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "accounts.ratelimit_middleware.RateLimitHeadersMiddleware",
    "accounts.session_middleware.SessionMiddleware",
    "accounts.auth.problems.AuthProblemsMiddleware",  # reads a body before anything parses it
    "config.middleware.RefuseNulMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "accounts.activity.RequestContextMiddleware",
    "accounts.middleware.LanguageMiddleware",
    "config.middleware.StoreUnavailableMiddleware",
    "accounts.auth.rates.RatesMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.auth.context.theme",
            ],
        },
    },
]

# --- PostgreSQL -----------------------------------------------------------------------------
# The pool checks a connection before it is used (CONN_HEALTH_CHECKS) and recycles it after an
# hour. The web process turns it on (config/wsgi.py): in a prefork worker a pool that is open
# across the fork hangs, and in a command it would hide why a connection can't be made.
POSTGRES_POOL = environment.flag("POSTGRES_POOL", default=False)
DATABASE_URL = _required("DATABASE_URL")
DATABASES = {"default": store_settings.database_from(DATABASE_URL)}
DATABASES["default"] |= {"CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": True}
_in_url = DATABASES["default"].get("OPTIONS", {})
DATABASES["default"]["OPTIONS"] = {
    "connect_timeout": limits.POSTGRES_CONNECT_TIMEOUT,
    "tcp_user_timeout": limits.POSTGRES_NETWORK_TIMEOUT * 1000,
    # Allows prepared statements, which the embedded stores ask for
    # (config/connections/postgresql_store.py); Django's own cursors make none.
    "prepare_threshold": limits.POSTGRES_PREPARE_THRESHOLD,
    **_in_url,
    # pgvector's index goes on looking until it has enough rows that pass the filter.
    "options": (
        f"-c hnsw.iterative_scan=strict_order -c hnsw.ef_search={limits.PGVECTOR_EF_SEARCH} "
        f"{_in_url.get('options', '')}"
    ).strip(),
}
if POSTGRES_POOL:
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "min_size": environment.number("POSTGRES_POOL_MIN", default=limits.POSTGRES_POOL_MIN),
        "max_size": environment.number("POSTGRES_POOL_MAX", default=limits.POSTGRES_POOL_MAX),
        "max_lifetime": limits.POSTGRES_POOL_RECYCLE,
        "timeout": limits.POSTGRES_POOL_TIMEOUT,
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis ----------------------------------------------------------------------------------
REDIS_URL = _required("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "cache",
        "OPTIONS": {
            "CLIENT_CLASS": "django_redis.client.DefaultClient",
            "CONNECTION_POOL_KWARGS": {
                "max_connections": limits.REDIS_MAX_CONNECTIONS,
                "timeout": limits.REDIS_TIMEOUT,
                "socket_timeout": limits.REDIS_TIMEOUT,
                "socket_connect_timeout": limits.REDIS_TIMEOUT,
            },
            "CONNECTION_POOL_CLASS": "config.connections.redis.MeasuredPool",
        },
    }
}

# --- The other stores: MongoDB, Qdrant and Cassandra where a URL is set, embedded otherwise -------
MONGODB_URL = env.str("MONGODB_URL", default="")
QDRANT_URL = env.str("QDRANT_URL", default="")
CASSANDRA_URL = env.str("CASSANDRA_URL", default="")
CASSANDRA_REPLICATION = env.str("CASSANDRA_REPLICATION", default="1")
CASSANDRA_CONSISTENCY = env.str("CASSANDRA_CONSISTENCY", default="LOCAL_QUORUM")
EVENT_SHARDS = env.str("EVENT_SHARDS", default="1")
STORES = {
    **store_settings.EMBEDDED,
    **(store_settings.mongodb_stores(MONGODB_URL) if MONGODB_URL else {}),
    **(
        store_settings.qdrant_stores(QDRANT_URL, api_key=env.str("QDRANT_API_KEY", default=""))
        if QDRANT_URL
        else {}
    ),
    **(
        store_settings.cassandra_stores(
            CASSANDRA_URL,
            replication=CASSANDRA_REPLICATION,
            consistency=CASSANDRA_CONSISTENCY,
            event_shards=EVENT_SHARDS,
        )
        if CASSANDRA_URL
        else {}
    ),
}

EMBEDDER: dict[str, Any] = {
    "BACKEND": env.str("EMBEDDER", default="retrieval.embedders.onnx.OnnxEmbedder"),
    "OPTIONS": {},
}
# Whose stems the search by words takes: a name of a Snowball stemmer.
SEARCH_LANGUAGE = env.str("SEARCH_LANGUAGE", default="english")
# A language model for chat: an endpoint that speaks OpenAI's chat API ("https://host/v1").
# Without one, answers are sentences of the material.
CHAT_URL = environment.web_address("CHAT_URL")
CHAT_API_KEY = env.str("CHAT_API_KEY", default="")
CHAT_MODEL = env.str("CHAT_MODEL", default="")

# --- Who may do what --------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
# The first refuses accounts that are locked, and finds nobody.
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "accounts.backends.EmailBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
] + [{"NAME": "accounts.auth.validators.NoSurroundingSpaceValidator"}]
CSRF_FAILURE_VIEW = "accounts.auth.problems.csrf_failure"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"

# --- Signing in and up: django-allauth, its pages under /accounts/ and its API for the web
# application under /_allauth/; django-axes locks accounts against guessing ------------------
SIGN_UP_OPEN = environment.flag("SIGN_UP_OPEN", default=True)
ACCOUNT_ADAPTER = "accounts.auth.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.auth.forms.SignupForm"
ACCOUNT_FORMS = {
    "change_password": "accounts.auth.passwords.ChangePasswordForm",
    "reset_password": "accounts.auth.passwords.ResetPasswordForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_MAX_LENGTH = 254
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CHANGE_EMAIL = True  # one address an account; the old one stays until the new is confirmed
ACCOUNT_EMAIL_NOTIFICATIONS = True  # of what a thief would change
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SESSION_REMEMBER = False  # a page's session ends with its browser, at the latest
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = limits.REAUTHENTICATION_TTL
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
# What the library counts by account; by address and user we count (accounts/auth/rates.py).
ACCOUNT_RATE_LIMITS = {
    **dict.fromkeys(
        (
            "login",
            "signup",
            "change_password",
            "manage_email",
            "reauthenticate",
            "reset_password_from_key",
        )
    ),
    # Of second factors; passwords have a wider one (accounts/auth/lockout.py).
    "login_failed": limits.SECOND_FACTOR_FAILURES,
    "reset_password": limits.ACCOUNT_MAILS,
    "confirm_email": limits.ACCOUNT_MAILS,
}
MFA_ADAPTER = "accounts.auth.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Lectern"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
HEADLESS_ADAPTER = "accounts.auth.adapter.HeadlessAdapter"
HEADLESS_CLIENTS = ["browser"]
HEADLESS_SERVE_SPECIFICATION = True
HEADLESS_SPECIFICATION_TEMPLATE_NAME = None  # its page loads scripts from elsewhere; ours has all
HEADLESS_FRONTEND_URLS = (
    {
        "account_confirm_email": f"{SPA_ORIGINS[0]}/account/verify-email/{{key}}",
        "account_reset_password": f"{SPA_ORIGINS[0]}/account/password/reset",
        "account_reset_password_from_key": f"{SPA_ORIGINS[0]}/account/password/reset/key/{{key}}",
        "account_signup": f"{SPA_ORIGINS[0]}/account/signup",
    }
    if SPA_ORIGINS
    else {}
)
AXES_HANDLER = "accounts.auth.lockout.AttemptHandler"
AXES_FAILURE_LIMIT = limits.LOGIN_FAILURES
AXES_COOLOFF_TIME = limits.LOGIN_COOLOFF
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True  # who signed in is in the activity log
AXES_CLIENT_IP_CALLABLE = "accounts.activity.client_address"
AXES_USERNAME_CALLABLE = "accounts.auth.lockout.account_of"
AXES_LOCKOUT_CALLABLE = "accounts.auth.lockout.locked_out"
AXES_ENABLE_ADMIN = False  # ours is scoped: accounts/admin
AXES_VERBOSE = False

# --- Mail: to a folder, unless a server is set ---------------------------------------------------
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="Lectern <lectern@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
if _mail := environment.mail_server("EMAIL_URL"):
    globals().update(_mail)
    EMAIL_TIMEOUT = limits.EMAIL_TIMEOUT
else:
    EMAIL_BACKEND = "accounts.mail.PrivateFolderBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"

SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = limits.SESSION_TTL
SESSION_SAVE_EVERY_REQUEST = True  # activity renews the hour; only what changed is written
SESSION_COOKIE_HTTPONLY = True
# "None" for a web application on another site; browsers then want HTTPS.
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = env.str("COOKIE_SAMESITE", default="Lax")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = environment.flag("SECURE_SSL_REDIRECT", default=HTTPS)
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]
SECURE_HSTS_SECONDS = environment.number("SECURE_HSTS_SECONDS", default=31_536_000 if HTTPS else 0)
# Off unless somebody says so: they bind every other host of the school's domain, for years.
SECURE_HSTS_INCLUDE_SUBDOMAINS = environment.flag("SECURE_HSTS_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = environment.flag("SECURE_HSTS_PRELOAD", default=False)
X_FRAME_OPTIONS = "DENY"
# Who may read /metrics beside a signed-in admin: "Authorization: Bearer TOKEN".
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
# How many proxies stand before the web process: the client's address is taken from
# X-Forwarded-For only that far from its right end.
TRUSTED_PROXIES = environment.number("TRUSTED_PROXIES", default=0)

# --- API --------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["config.api.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.api.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["config.api.filters.StrictFilterBackend"],
    "DEFAULT_THROTTLE_CLASSES": ["accounts.api.throttling.NamedRateThrottle"],
    "DEFAULT_PAGINATION_CLASS": "config.api.pagination.CursorPagination",
    "DEFAULT_SCHEMA_CLASS": "config.api.schema.AutoSchema",
    "EXCEPTION_HANDLER": "config.api.exceptions.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Lectern API",
    "DESCRIPTION": "Every error is a problem detail (RFC 9457) with a stable `code`.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.api.schema.any_of",
        "accounts.auth.schema.add_auth_api",
    ],
    "ENUM_NAME_OVERRIDES": {
        "RoleEnum": "accounts.models.Role",
        "MemberRoleEnum": "classrooms.models.MemberRole",
        "AssessmentTypeEnum": "assessments.models.AssessmentType",
        "AttemptStateEnum": "assessments.models.AttemptState",
        "RosterImportStateEnum": "classrooms.models.RosterImportState",
        "IngestStateEnum": "retrieval.models.IngestState",
        "QuestionTypeEnum": "assessments.models.QuestionType",
        "RiskLevelEnum": "assessments.models.RiskLevel",
        "ViolationTypeEnum": "assessments.models.ViolationType",
    },
}

# --- Files: private ones are stored under names of their own and served by signed links --------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
MEDIA_ROOT = env.path("MEDIA_ROOT", default=VAR_DIR / "media")
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": MEDIA_ROOT, "base_url": None},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * limits.MIB

# --- Background work ----------------------------------------------------------------------------
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default=REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True  # a worker that dies gives its task back
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "global_keyprefix": "celery:",
    "socket_timeout": limits.REDIS_TIMEOUT,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_SOFT_TIME_LIMIT = limits.TASK_SECONDS
CELERY_TASK_TIME_LIMIT = limits.TASK_SECONDS_HARD
# What may take long has workers of its own: mails and exams never wait behind it.
CELERY_TASK_ROUTES = {
    "retrieval.tasks.ingest_document": {"queue": "ingestion"},
    "retrieval.tasks.ingest_web_host": {"queue": "ingestion"},
}
CELERY_TASK_ALWAYS_EAGER = environment.flag("CELERY_TASK_ALWAYS_EAGER", default=False)
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")

# --- Language and time ----------------------------------------------------------------------------
LANGUAGE_CODE = "en"
# What a person may choose for the admin and the account's pages; our own words are in English.
LANGUAGES = [
    ("ar", "العربية"),
    ("de", "Deutsch"),
    ("en", "English"),
    ("es", "Español"),
    ("fr", "Français"),
    ("it", "Italiano"),
    ("nl", "Nederlands"),
    ("pl", "Polski"),
    ("pt-br", "Português (Brasil)"),
    ("sv", "Svenska"),
    ("tr", "Türkçe"),
    ("uk", "Українська"),
    ("zh-hans", "简体中文"),
]
TIME_ZONE = environment.time_zone("TIME_ZONE", default="UTC")
USE_I18N = USE_TZ = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["plain"]}
    },
    "filters": {"plain": {"()": "config.logs.PlainFilter"}},
    # It has a traceback for every attempt; ours are one line (config/connections/base.py).
    # axes tells of every sign-in; that somebody is locked out is a warning of it.
    "loggers": {"cassandra": {"level": "CRITICAL"}, "axes": {"level": "WARNING"}},
    "root": {"handlers": ["console"], "level": environment.log_level("LOG_LEVEL", default="INFO")},
}

from config.unfold import UNFOLD  # noqa: E402, F401 - Django reads it from here
