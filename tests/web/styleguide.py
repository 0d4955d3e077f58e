"""Serve the style guide alone, without a database: `python tests/web/styleguide.py PORT`.

Used by test_design.py, and by hand to look at a component. Everything shown is invented.
Sends the same content security policy as the product, so that an inline style or script shows at once.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import include, path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def csp_middleware(get_response):
    def middleware(request):
        response = get_response(request)
        response["Content-Security-Policy"] = CSP
        return response

    return middleware


NAV = [
    {"title": "", "items": [{"label": "工作台", "icon": "layout-dashboard", "url": "/", "bar": True}]},
    {
        "title": "民情档案",
        "items": [
            {"label": "村情单", "icon": "building-cottage", "url": "/v/"},
            {"label": "户情单", "icon": "home-2", "url": "/households/", "count": 407, "current": True, "bar": True},
            {"label": "居民", "icon": "users", "url": "/people/", "bar": True},
        ],
    },
    {
        "title": "归集",
        "items": [
            {"label": "归集批次", "icon": "file-import", "url": "/gather/"},
            {"label": "等我判断", "icon": "scale", "url": "/judge/", "count": 12, "hot": True, "bar": True},
            {"label": "纸表录入", "icon": "keyboard", "url": "/paper/"},
        ],
    },
    {
        "title": "治理",
        "items": [
            {"label": "区划与网格", "icon": "map-2", "url": "/areas/"},
            {"label": "人员与岗位", "icon": "id", "url": "/staff/"},
            {"label": "查看记录", "icon": "shield-check", "url": "/audit/"},
        ],
    },
]


def shell(request):
    """What the product's own context processor gives every desk page."""
    return {
        "nav": NAV,
        "me": {"name": "姜雪香", "title": "彭里村书记", "staff_no": "3308-0421"},
        "me_links": [
            {"label": "今天我做过的", "icon": "history", "url": "/today/"},
            {"label": "我的登录", "icon": "device-laptop", "url": "/sessions/"},
        ],
        "scope_label": "湖南镇 · 彭里村",
        "scopes": [{"label": "彭里村", "url": "?s=1", "current": True}, {"label": "第一网格", "url": "?s=2"}],
        "todo_count": 7,
        "practice": "practice" in request.GET,
    }


NAMES = [
    "何爱莲",
    "毛有福",
    "黄春土",
    "姜水仙",
    "徐建国",
    "叶樟树",
    "琚赛男",
    "郑有福",
    "刘家林",
    "严根土",
    "杨学良",
    "柴丽娟",
    "郑樟树",
    "琚金水",
    "周根土",
    "吴小妹",
    "方志强",
    "余招娣",
    "程建华",
    "汪水木",
    "占海峰",
    "祝春香",
    "赖土根",
    "廖美珍",
]
STREETS = ["溪边", "岭脚", "桥头", "樟树底", "新屋"]
TAGS = [
    [],
    [{"label": "外出", "tone": ""}],
    [],
    [{"label": "独居", "tone": "ind"}, {"label": "80 岁以上", "tone": "ind"}],
    [],
    [{"label": "新迁入", "tone": "brand"}],
    [{"label": "独居", "tone": "ind"}],
]


def households(open_no: str) -> list[dict]:
    rows = []
    for i in range(50):
        days = (i * 37 + 3) % 190
        no = f"2-{26 + i:03d}"
        rows.append(
            {
                "no": no,
                "head": NAMES[i % len(NAMES)],
                "address": f"{STREETS[i % 5]} {(i * 17) % 96 + 1} 号",
                "people": i * 7 % 5 + 1,
                "home": min(i * 7 % 5 + 1, i % 3 + 1),
                "tags": TAGS[i % len(TAGS)],
                "visited": f"{days} 天前" if days < 150 else "还没有",
                "dot": "" if days < 90 else "och" if days < 150 else "none",
                "checks": (i * 5 % 7 == 3) + (i % 9 == 3),
                "open": no == open_no,
            }
        )
    return rows


def value(label, shown, source="", **more):
    return {"label": label, "value": shown, "source": source, **more}


VALUES = [
    value(
        "住房", "砖木 2 层 142", "自规不动产登记", unit="㎡", at="2026-05-12", verified_by="姜雪香", verified_at="6-05"
    ),
    value("宅基地", None, "自规不动产登记", at="2026-05-12"),
    value(
        "承包田",
        "2.84",
        "农业农村确权",
        unit="亩",
        at="2026-05-28",
        history_url="#",
        correct_url="#",
        others=[{"value": "2.60 亩", "source": "走访", "at": "2024-11"}],
    ),
    value("山林", "11.6", "农业农村确权", unit="亩", at="2026-05-28", verified_by="祝晓兰", verified_at="6-05"),
    value("自来水", "已通", "走访", at="2023-03", stale=True),
    value("通宽带", "是", "走访", at="2026-06-05", verified_by="祝晓兰", verified_at="6-05"),
]
PANEL = {
    "panel_open": True,
    "file": {"head": "姜水仙", "no": "2-029", "people": 3, "address": "彭里村溪东片 · 溪边 37 号"},
    "members": [
        {"name": "姜水仙", "role": "户主", "facts": "女 83 岁 · 在家", "phone": "154****6217"},
        {"name": "周志明", "role": "长子", "facts": "男 58 岁 · 外出 杭州 · 建筑", "phone": "164****0852"},
        {"name": "毛彩凤", "role": "长媳", "facts": "女 56 岁 · 外出 杭州 · 家政", "phone": ""},
        {"name": "周晓", "role": "孙", "facts": "2024-09 迁出 杭州", "phone": "", "gone": True},
    ],
    "values": VALUES,
}
COMPARE = [
    {"label": "姓名", "left": "琚赛男", "right": "据赛男", "verdict": "near", "reason": "形近"},
    {"label": "性别", "left": "女", "right": "女", "verdict": "same"},
    {"label": "出生日期", "left": "1951-03-07", "right": "1951-03-17", "verdict": "differs"},
    {"label": "证件号", "left": "330899********0023", "right": "", "verdict": ""},
    {"label": "住址", "left": "彭里村桥头 27 号", "right": "彭里村桥头27号", "verdict": "same"},
    {"label": "死亡日期", "left": "", "right": "2019-02-11", "verdict": "clashes", "reason": "公安在册"},
]
STAFF = [
    {"name": "祝晓兰", "title": "网格员", "area": "彭里村第一网格", "until": "2027-12-31"},
    {"name": "姜雪香", "title": "村书记", "area": "彭里村", "until": "换届止"},
    {"name": "徐敏", "title": "窗口办事员", "area": "湖南镇便民服务中心，只看经办的事", "until": "—"},
]
STEPS = [
    {"label": "上传", "state": "done"},
    {"label": "认表头", "state": "done"},
    {"label": "对人", "state": "now"},
    {"label": "判断", "state": ""},
]


class HouseForm(forms.Form):
    name = forms.CharField(label="户主姓名", help_text="按身份证上的写法，生僻字照写")
    area = forms.DecimalField(label="住房面积", required=False)
    kind = forms.ChoiceField(label="结构", choices=[("", "请选择"), ("b", "砖木"), ("c", "砖混"), ("f", "框架")])
    lives = forms.ChoiceField(
        label="现在住在这里吗", choices=[("y", "住"), ("n", "不住"), ("s", "有时住")], widget=forms.RadioSelect
    )
    note = forms.CharField(label="上门注意", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    sure = forms.BooleanField(label="已当面念给本人听过", required=False)


class LoginForm(forms.Form):
    username = forms.CharField(label="工号", widget=forms.TextInput(attrs={"autocomplete": "username"}))
    password = forms.CharField(label="密码", widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))


class CodeForm(forms.Form):
    code = forms.CharField(
        label="六位验证码",
        help_text="打开手机上的验证器，抄六位数字",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": 6}),
    )


def home(request):
    form = HouseForm({"name": "", "area": "x"}) if "bad" in request.GET else HouseForm()
    return render(
        request,
        "desk/styleguide.html",
        {
            "form": form,
            "crumbs": [("彭里村", "/"), ("样式册", "")],
            "values": VALUES,
            "compare": COMPARE,
            "steps": STEPS,
            "staff": STAFF,
        },
    )


def list_page(request):
    open_no = request.GET.get("open", "")
    context = {
        "views": [
            {"key": "all", "label": "全部", "count": 407, "current": True},
            {"key": "check", "label": "等您判断", "count": 12},
            {"key": "ask", "label": "下次问", "count": 29},
            {"key": "away", "label": "全家外出", "count": 96},
            {"key": "new", "label": "本月有变", "count": 18},
        ],
        "grids": [
            {"code": "", "label": "全部", "count": 407, "current": True},
            {"code": "001", "label": "上塘片", "count": 141},
            {"code": "002", "label": "溪东片", "count": 128},
            {"code": "003", "label": "岭脚片", "count": 138},
        ],
        "households": households(open_no),
    }
    if open_no:
        context |= PANEL
    if "evil" in request.GET:
        evil = '<b class="evil">周</b>" onclick="x'
        context |= {
            "members": [{"name": evil, "role": evil, "facts": evil, "phone": evil}],
            "values": [value(evil, evil, evil)],
        }
    return render(request, "desk/styleguide_households.html", context)


def panel(request):
    return render(request, "desk/styleguide_panel.html", PANEL)


def help_page(request):
    fragment = request.headers.get("HX-Request")
    context = {
        "help_title": "户情单怎么用",
        "help_html": "一行是一户。点一下在右边看，双击不用。",
        "back_url": "/households/",
    }
    return render(request, "desk/help_part.html" if fragment else "desk/help.html", context)


def login(request):
    form = LoginForm({}) if "bad" in request.GET else LoginForm()
    return render(request, "desk/login.html", {"form": form, "me": None})


def factor(request):
    options = json.dumps({"challenge": "AAAA", "allowCredentials": []})
    ways = [{"url": "#", "label": "用纸上的备用码"}, {"url": "#", "label": "手机不在身边，找管理员当面恢复"}]
    return render(
        request,
        "desk/second_factor.html",
        {"form": CodeForm(), "passkey_options": options, "passkey_url": "", "other_ways": ways},
    )


def posted(request):
    messages.success(request, "已保存。")
    response = HttpResponseRedirect("/")
    if request.headers.get("HX-Request"):
        response = render(request, "desk/styleguide_answer.html", {"number": "154 0000 6217"})
        response["HX-Trigger"] = json.dumps({"toast": {"text": "已记入查看记录"}})
    return response


def error_page(request, name):
    return render(request, f"{name}.html", status=200)


urlpatterns = [
    path("", home, name="home"),
    path("", include("minqing.web.shared.preferences")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("households/", list_page),
    path("panel/", panel),
    path("help/", help_page),
    path("login/", login),
    path("factor/", factor),
    path("error/<str:name>/", error_page),
    *[path(f"{name}/", posted, name=name) for name in ("form", "reveal", "undo", "upload", "end", "logout")],
]


def configure() -> None:
    settings.configure(
        DEBUG=True,
        SECRET_KEY="style guide only",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        INSTALLED_APPS=[
            "django.contrib.staticfiles",
            "django.contrib.messages",
            "django_htmx",
            "django_cotton.apps.SimpleAppConfig",
            "minqing.web.shared.apps.SharedConfig",
            "minqing.web.desk.apps.DeskConfig",
        ],
        MIDDLEWARE=[
            f"{__name__}.csp_middleware",
            "django.middleware.locale.LocaleMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        MESSAGE_STORAGE="django.contrib.messages.storage.cookie.CookieStorage",
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "loaders": [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django_cotton.cotton_loader.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                    "builtins": ["django_cotton.templatetags.cotton"],
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.messages.context_processors.messages",
                        "minqing.web.shared.preferences.display",
                        f"{__name__}.shell",
                    ],
                },
            }
        ],
        COTTON_ISOLATE_BY_DEFAULT=True,
        USE_I18N=True,
        LANGUAGE_CODE="zh-hans",
        TIME_ZONE="Asia/Shanghai",
        STATIC_URL="/static/",
    )
    django.setup()


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


def main() -> None:
    configure()
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    server = make_server("127.0.0.1", port, StaticFilesHandler(get_wsgi_application()), handler_class=Quiet)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    sys.modules["styleguide"] = sys.modules["__main__"]
    main()
