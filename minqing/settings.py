"""All settings, all from the environment, each with a safe default. docs/reference/settings.md is generated from here.

Invariant: a secret is never a default. Keys and database passwords are files under MINQING_HOME/keys, made on first
start, or come from the environment of one's own server.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from minqing.access.backend.base import discard_all
from minqing.gateways.postgres import open_cluster

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Setting:
    """One environment variable: what it means and what holds when it is absent."""

    name: str
    default: str
    explains: str


SETTINGS: dict[str, Setting] = {}


def env(name: str, default: str, explains: str) -> str:
    """Read a setting and remember it for the generated reference."""
    SETTINGS[name] = Setting(name, default, explains)
    return os.environ.get(name, default)


HOME = Path(env("MINQING_HOME", "", "数据目录：数据库、密钥、附件、备份；默认：源码目录下 var/，否则 ~/.local/share/minqing")
            or (ROOT / "var" if (ROOT / "pyproject.toml").exists() else Path.home() / ".local/share/minqing")).absolute()
MODE = env("MINQING_MODE", "development", "development 或 production；production 拒绝弱密钥，只认 HTTPS")
REAL = env("MINQING_REAL", "", "1 = 处理真实居民数据；缺少必备功能时 doctor 会拒绝") == "1"
PROCESS = env("MINQING_PROCESS", "admin", "web、worker 或 admin：进程只拿到自己需要的数据库口令")
DEBUG = False
PRODUCTION = MODE == "production"


def secret_from(file_name: str, variable: str, explains: str) -> str:
    value = env(variable, "", explains)
    path = HOME / "keys" / file_name
    if not value and path.exists():
        value = path.read_text().strip()
    return value


SECRET_KEY = secret_from("django.key", "MINQING_SECRET_KEY", "Cookie 签名密钥；默认取 MINQING_HOME/keys/django.key")
if not SECRET_KEY:
    SECRET_KEY = "not-initialised-" + os.urandom(32).hex()  # good for one process; `minqing init` writes the file
ALLOWED_HOSTS = env("MINQING_HOSTS", "localhost,127.0.0.1,[::1]", "允许访问的主机名，逗号分隔").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in env("MINQING_ORIGINS", "", "HTTPS 反向代理的来源，如 https://minqing.example.gov.cn").split(",") if o]

# --- database -------------------------------------------------------------------------------------------------------

DATABASE_URL = env("DATABASE_URL", "", "自有 PostgreSQL 15–17：postgres://主机:端口/库名；缺省时使用内嵌的 PostgreSQL 17")
DATABASE_NAME = env("MINQING_DATABASE", "minqing", "数据库名")
ALIASES = {"default": "app", "login": "login", "resident": "resident", "gather": "gather", "jobs": "jobs", "seal": "seal", "owner": "owner"}
NEEDED = {
    "web": {"default", "login", "resident"},
    "worker": {"default", "gather", "jobs", "seal"},
    "admin": set(ALIASES),
}[PROCESS]
SCOPED = {"default", "resident", "gather"}
POOL = int(env("MINQING_POOL", "8", "每个网页进程每个角色的最多连接数"))

# Read by the command line and the embedded database, which start before this file: named here for the reference.
for _name, _default, _explains in (
    ("MINQING_BIND", "127.0.0.1", "minqing serve 监听的地址"),
    ("MINQING_PORT", "8000", "minqing serve 和 demo 监听的端口"),
    ("MINQING_WORKERS", "2", "网页进程数"),
    ("MINQING_PG_BIN", "", "PostgreSQL 程序所在目录；缺省用随依赖安装的 PostgreSQL 17"),
    ("MINQING_PG_RUN_AS", "", "内嵌 PostgreSQL 以谁的身份运行：self、userns 或 setuid；缺省自行判断"),
    ("MINQING_PASSWORD", "", "命令行 --as 某人时的口令；缺省在终端询问"),
):
    env(_name, _default, _explains)


def database(alias: str, role: str) -> dict[str, object]:
    """Connection of one role. Embedded: a socket under MINQING_HOME; otherwise where DATABASE_URL points."""
    options: dict[str, object] = {
        "options": "-c TimeZone=UTC -c lock_timeout=10s -c idle_in_transaction_session_timeout=120s",
        "server_side_binding": True,  # client-side binding writes literals into the statement text
    }
    if DATABASE_URL:
        url = urlsplit(DATABASE_URL)
        host, port, name = url.hostname or "", str(url.port or ""), url.path.lstrip("/") or DATABASE_NAME
        options.update({k: v[0] for k, v in parse_qs(url.query).items()})
        host = unquote(host) or str(options.pop("host", ""))
    else:
        cluster = open_cluster(HOME)
        host, port, name = str(cluster.socket_dir), str(cluster.port), DATABASE_NAME
    if PROCESS == "web":
        options["pool"] = {"min_size": 1, "max_size": POOL, "reset": discard_all, "timeout": 10}
    password = secret_from(f"postgres.{role}", f"MINQING_DB_PASSWORD_{role.upper()}", f"数据库角色 minqing_{role} 的口令") if alias in NEEDED else ""
    return {
        "ENGINE": "minqing.access.backend",
        "NAME": name, "HOST": host, "PORT": port, "USER": f"minqing_{role}", "PASSWORD": password,
        "OPTIONS": options, "SCOPED": alias in SCOPED, "ATOMIC_REQUESTS": False,
        "DISABLE_SERVER_SIDE_CURSORS": False, "TEST": {"MIGRATE": False},
    }


DATABASES = {alias: database(alias, role) for alias, role in ALIASES.items()}
DATABASE_ROUTERS = ["minqing.access.router.Router"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- the program ----------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.staticfiles",
    "django.contrib.messages",
    "django_htmx",
    "django_cotton",
    "template_partials.apps.SimpleAppConfig",
    "procrastinate.contrib.django",
    "minqing.access",
    "minqing.archives",
    "minqing.gather",
    "minqing.web.shared",
    "minqing.web.desk",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "minqing.web.shared.middleware.Headers",
    "minqing.web.shared.middleware.Language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "minqing.web.shared.middleware.EnterScope",
]
ROOT_URLCONF = "minqing.urls"
WSGI_APPLICATION = "minqing.wsgi.application"
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "DIRS": [],
    "OPTIONS": {
        "loaders": [(
            "template_partials.loader.Loader",
            [("django.template.loaders.cached.Loader", [
                "django_cotton.cotton_loader.Loader",
                "django.template.loaders.app_directories.Loader",
            ])],
        )],
        "builtins": ["django_cotton.templatetags.cotton", "django.templatetags.i18n", "django.templatetags.static"],
        "context_processors": [
            "django.template.context_processors.request",
            "django.contrib.messages.context_processors.messages",
            "minqing.web.shared.preferences.display",
            "minqing.web.shared.context.shell",
        ],
    },
}]
STATIC_URL = "/static/"
STATIC_ROOT = Path(env("MINQING_STATIC", "", "静态文件目录；默认 MINQING_HOME/static") or HOME / "static")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MANIFEST_STRICT = True
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
FILE_UPLOAD_MAX_MEMORY_SIZE = 0  # uploads go to files in a 0700 folder, never linger in memory
FILE_UPLOAD_TEMP_DIR = str(HOME / "uploads") if (HOME / "uploads").exists() else None
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
UPLOAD_MB = int(env("MINQING_UPLOAD_MB", "300", "一次归集最多上传多少 MB；更大的由管理员用 minqing gather load 归集"))

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [ROOT / "minqing" / "web" / "locale"]
LANGUAGE_COOKIE_NAME = "minqing_language"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
SESSION_COOKIE = "minqing_session"
SESSION_SECONDS = int(env("MINQING_SESSION_SECONDS", "43200", "一次登录最长多少秒"))
IDLE_SECONDS = int(env("MINQING_IDLE_SECONDS", "1800", "闲置多少秒后自动退出"))
LOGIN_TRIES = int(env("MINQING_LOGIN_TRIES", "5", "连续输错几次后锁定"))
LOCK_SECONDS = int(env("MINQING_LOCK_SECONDS", "900", "锁定多少秒"))
# In a demonstration or a practice village (public passwords, fictitious people) nobody should need a phone to look around.
FICTITIOUS = not REAL and not PRODUCTION and ((HOME / "demo").exists() or (HOME / "practice").exists())
SECOND_FACTOR = env("MINQING_SECOND_FACTOR", "", "privileged = 特权角色必须用第二因素（缺省）；off = 不用（演示和练习的缺省；生产环境不认）") or ("off" if FICTITIOUS else "privileged")
if PRODUCTION or REAL:
    SECOND_FACTOR = "privileged"
REVEAL_LIMIT = int(env("MINQING_REVEAL_LIMIT", "50", "一人一天查看完整号码超过多少人时提醒审计员"))
OFFICE_HOURS = env("MINQING_OFFICE_HOURS", "07:00-22:00", "此外打开档案须写事由（走访常在晚上，故到 22 点）")

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_SECURE = PRODUCTION
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
COTTON_ISOLATE_BY_DEFAULT = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SILENCED_SYSTEM_CHECKS: list[str] = []

LOGGING = {
    "version": 1, "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django.db.backends": {"level": "WARNING"}, "minqing": {"level": "INFO"}},
}
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"
PROCRASTINATE_DATABASE_ALIAS = "jobs"
PROCRASTINATE_ON_APP_READY = None
BACKUP_DIR = env("MINQING_BACKUPS", "", "备份目录；最好在另一块磁盘上；默认 MINQING_HOME/backups") or str(HOME / "backups")
SEAL_DIR = env("MINQING_SEALS", "", "每日封印写到哪里；最好在另一台机器挂载的目录；默认 MINQING_HOME/seals") or str(HOME / "seals")
NIGHTLY_BACKUP = env("MINQING_NIGHTLY_BACKUP", "1", "1 = 每晚 02:30 自动备份") == "1"
