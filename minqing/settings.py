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
    "django_cotton.apps.SimpleAppConfig",  # the other one replaces the loaders below by its own
    "procrastinate.contrib.django",
    "minqing.access",
    "minqing.notify",
    "minqing.archives",
    "minqing.service",
    "minqing.contact",
    "minqing.gather",
    "minqing.sync",
    "minqing.web.shared",
    "minqing.web.desk",
    "minqing.web.portal",
    "minqing.web.phone",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "minqing.web.shared.middleware.Headers",
    "minqing.web.shared.middleware.Language",
    "minqing.web.shared.middleware.Readable",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "minqing.web.portal.middleware.EnterResident",
    "minqing.web.shared.middleware.EnterScope",
]
ROOT_URLCONF = "minqing.urls"
WSGI_APPLICATION = "minqing.wsgi.application"
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "DIRS": [],
    "OPTIONS": {
        "loaders": [("django.template.loaders.cached.Loader", [
            "minqing.web.shared.templating.Loader",
            "django.template.loaders.app_directories.Loader",
        ])],
        "builtins": ["django_cotton.templatetags.cotton", "django.templatetags.i18n", "django.templatetags.static"],
        "context_processors": [
            "django.template.context_processors.request",
            "django.contrib.messages.context_processors.messages",
            "minqing.web.shared.preferences.display",
            "minqing.web.shared.context.shell",
            "minqing.web.portal.context.portal",
        ],
    },
}]
STATIC_URL = "/static/"
STATIC_ROOT = Path(env("MINQING_STATIC", "", "静态文件目录；默认 MINQING_HOME/static") or HOME / "static")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "minqing.web.shared.files.Served"},
}
WHITENOISE_MANIFEST_STRICT = True
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
FILE_UPLOAD_MAX_MEMORY_SIZE = 0  # uploads go to files in a 0700 folder, never linger in memory
FILE_UPLOAD_TEMP_DIR = str(HOME / "uploads") if (HOME / "uploads").exists() else None
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 1000  # a county's delivery is one file a village; more than these would be refused without a sentence
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
WORK_HOURS = env("MINQING_WORK_HOURS", "08:30-11:30,14:00-17:30", "工作时间，上午、下午各一段：办事期限按它计算；哪天休、哪天班在“工作日历”里设")
WORK_LATEST = env("MINQING_WORK_LATEST", "17:00", "此后提出的事从下一个工作日起算")

# --- what people are told -------------------------------------------------------------------------------------------

SMS = env("MINQING_SMS", "file", "短信怎么发：file = 写进数据目录 outbox/sms.jsonl（演示；处理真实数据时等于 off），http = 发给短信网关，off = 不发短信，改为打电话和上门")
if REAL and SMS == "file":
    SMS = "off"
SMS_URL = env("MINQING_SMS_URL", "", "短信网关接收 JSON 的地址（https://…）；请求带 HMAC 签名和幂等键")
SMS_SECRET = secret_from("sms.secret", "MINQING_SMS_SECRET", "与短信网关约定的签名密钥；默认取 MINQING_HOME/keys/sms.secret；回执用同一把")
SMS_SIGN = env("MINQING_SMS_SIGN", "连心民情", "短信开头方括号里的签名")
SMS_TIMEOUT = float(env("MINQING_SMS_TIMEOUT", "10", "等短信网关和对接系统回答最多几秒"))
QUIET = env("MINQING_QUIET", "21:00-08:00,12:00-14:00", "工作日的安静时段，期间不发短信（急事除外），多段用逗号隔开")
QUIET_DAYS_OFF = env("MINQING_QUIET_DAYS_OFF", "20:30-09:00,12:00-14:30", "休息日和节假日的安静时段")
CTI_SECRET = secret_from("cti.secret", "MINQING_CTI_SECRET", "与话机系统约定的签名密钥，设了就要求每个事件带签名；默认取 MINQING_HOME/keys/cti.secret，没有就只认令牌")
WEBHOOK_URL = env("MINQING_WEBHOOK_URL", "", "事情状态变了就通知哪个系统（https://…）；空 = 不通知")
WEBHOOK_SECRET = secret_from("webhook.secret", "MINQING_WEBHOOK_SECRET", "与对接系统约定的签名密钥；默认取 MINQING_HOME/keys/webhook.secret")

# --- residents --------------------------------------------------------------------------------------------------------

RESIDENT_COOKIE = "minqing_resident"
COUNTY = env("MINQING_COUNTY", "330881", "居民门户属于哪个县（6 位代码）：投诉建议由它答复，未登录的首页显示它")
HOTLINE = env("MINQING_HOTLINE", "0570-4888365", "居民门户“打热线”拨哪个号码")
PUBLIC_HOURS = env("MINQING_PUBLIC_HOURS", "1-5 8:30-11:30 14:00-17:30; +", "公开页上写的办公时间：星期几（1-5、6）空一格几点到几点，不同的用分号隔开，最后一个 + 表示其余时间有人值班；公开页按看的人的语言写出来。也可以照写一句话，英文页上就照原样")
VOICE_URL = env("MINQING_VOICE_URL", "", "语音网关接收 JSON 的地址（https://…），用来念登录验证码；空 = 没有“打电话告诉我”")
VOICE_SECRET = secret_from("voice.secret", "MINQING_VOICE_SECRET", "与语音网关约定的签名密钥；默认取 MINQING_HOME/keys/voice.secret")
SSO_ISSUER = env("MINQING_SSO_ISSUER", "", "统一身份认证（OIDC）的 issuer 地址（https://…）；空 = 不用（演示里用假的）")
SSO_CLIENT = env("MINQING_SSO_CLIENT", "", "在统一身份认证登记的 client_id")
SSO_SECRET = secret_from("sso.secret", "MINQING_SSO_SECRET", "在统一身份认证登记的 client_secret；默认取 MINQING_HOME/keys/sso.secret")
SSO_NAME = env("MINQING_SSO_NAME", "浙里办", "登录按钮上统一身份认证的名称")

EXCHANGE = {
    system: (env(f"MINQING_EXCHANGE_{name}_URL", "", f"{label}的接口地址；缺省只用文件收发"), env(f"MINQING_EXCHANGE_{name}_SECRET", "", f"与{label}约定的签名密钥"))
    for system, name, label in (("12345", "12345", "12345 热线平台"), ("platform", "PLATFORM", "基层治理四平台"))
}

EXCHANGE_FOLDERS = {
    system: env(f"MINQING_EXCHANGE_{name}_FOLDER", "", f"{label}的工单文件放在哪个目录：后台自动收，收过的移到其中的“已收”；空 = 不收")
    for system, name, label in (("12345", "12345", "12345 热线平台"), ("platform", "PLATFORM", "基层治理四平台"))
}
EXCHANGE_EVERY = int(env("MINQING_EXCHANGE_EVERY", "5", "后台每隔几分钟自动收发一次：设了接口地址或目录的系统、有接口地址的对方县；0 = 只由人按按钮"))

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
RETENTION = env("MINQING_RETENTION", "", "各类内容的保存天数，如 notice=180,recording=60；不写的用默认；法定范围见 docs/reference/retention.md")
NIGHTLY_BACKUP = env("MINQING_NIGHTLY_BACKUP", "1", "1 = 每晚 02:30 自动备份") == "1"
