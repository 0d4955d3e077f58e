"""The menu: one table. An item shows when the person holds one of its rights somewhere; the page itself asks again."""

from __future__ import annotations

from dataclasses import dataclass

from minqing.access.rules.roles import Right


@dataclass(frozen=True)
class Item:
    label: str
    icon: str
    route: str
    rights: tuple[Right, ...] = ()
    also: tuple[str, ...] = ()
    bar: bool = False


NAV: tuple[tuple[str, tuple[Item, ...]], ...] = (
    ("", (Item("工作台", "layout-dashboard", "home", bar=True),)),
    (
        "民情档案",
        (
            Item("户情单", "home", "household-list", (Right.PEOPLE,), ("household-file", "household-panel"), bar=True),
            Item("查找", "search", "search", (Right.PEOPLE,), ("resident-file",), bar=True),
            Item("空白表与录入", "printer", "paper", (Right.WRITE,)),
            Item("居民账号", "id", "subject-look", (Right.IDENTIFY,)),
        ),
    ),
    (
        "告知",
        (
            Item("通知", "bell", "notice-list", (Right.PEOPLE, Right.MATTERS, Right.INTAKE), ("notice", "notice-calls", "notice-letters", "notice-errands", "notice-templates", "notice-announce", "notice-person")),
        ),
    ),
    (
        "归集",
        (
            Item("归集文件", "upload", "gather-list", (Right.GATHER,), ("gather-batch", "gather-upload")),
            Item("核对问题", "list-check", "question-list", (Right.WRITE, Right.GATHER), ("question",), bar=True),
            Item("列名对照", "table", "gather-columns", (Right.GATHER,)),
        ),
    ),
    (
        "治理",
        (
            Item("区域与网格", "map-2", "area-list", (), ("area",)),
            Item("人员与岗位", "users", "staff-list", (), ("staff",)),
            Item("角色与权限", "shield-check", "roles"),
            Item("工作日历", "calendar", "calendar", (), ("calendar-year", "calendar-day", "calendar-import")),
            Item("审计日志", "eye", "audit-list", (Right.AUDIT,), ("audit-entry",)),
            Item("投诉建议", "message-circle", "feedback-list", (Right.AUDIT,), ("feedback",)),
            Item("今天我做了什么", "history", "today"),
        ),
    ),
)
