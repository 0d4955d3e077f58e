"""What every desk page shows around its content: who acts, menu, counts, the last act that can still be taken back."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from minqing.access.models.areas import LEVEL_BY_LENGTH
from minqing.access.rules.roles import ROLES
from minqing.web.shared.nav import NAV


@cache
def route(name: str) -> str:
    """The address of a page without parameters, '' for one that this installation does not have. Asked some hundred times a page."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor of desk/base.html; without a member of staff (log-in, errors) it adds nothing."""
    me = getattr(request, "me", None)
    if me is None or connection.needs_rollback:
        return {}
    here = request.resolver_match.view_name if request.resolver_match else ""
    groups = []
    for title, items in NAV:
        shown = [
            {
                "label": _(item.label),
                "icon": item.icon,
                "url": route(item.route),
                "current": here == item.route or here in item.also,
                "bar": item.bar,
            }
            for item in items
            if (not item.rights or any(me.holds(r) for r in item.rights)) and (not item.desk or any(ROLES[p.role].desk == item.desk for p in me.posts)) and (not item.role or any(p.role == item.role for p in me.posts)) and route(item.route)
        ]
        if shown:
            groups.append({"title": _(title) if title else "", "items": shown})
    for item in [item for group in groups for item in group["items"] if item["bar"]][4:]:
        item["bar"] = False  # a thumb finds four words and the menu; seven are too narrow to read
    widest = me.posts[0] if me.posts else None
    return {
        "nav": groups,
        "me": {
            "name": me.name,
            "title": widest.label.split(" · ")[-1] if widest else _("无有效任职"),
            "staff_no": me.number,
        },
        "me_links": [
            {"label": _(label), "icon": icon, "url": route(name)}
            for label, icon, name in (
                ("今天我做了什么", "history", "today"),
                ("我的登录与口令", "key", "my-sessions"),
                ("第二因素", "fingerprint", "my-factors"),
                ("我的职责", "shield-check", "roles"),
            )
            if route(name)
        ],
        "scope_label": "、".join(dict.fromkeys(p.area_name for p in me.posts)) or _("无有效任职"),
        "scope_level": LEVEL_BY_LENGTH.get(len(widest.area)) if widest else "",
        "todo_url": reverse("home"),
        "home_url": reverse("home"),
        "search_url": route("search"),
        "logout_url": route("logout"),
        "practice": (settings.HOME / "practice").exists(),
        "undo": getattr(request, "undo", None),
    }
