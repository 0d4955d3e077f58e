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
    #: Shown only to whoever works at such a desk of a county or town (rules/roles.DESKS).
    desk: str = ""
    #: Shown only to whoever holds this role.
    role: str = ""


NAV: tuple[tuple[str, tuple[Item, ...]], ...] = (
    ("", (Item("工作台", "layout-dashboard", "home", bar=True),)),
    (
        "民情档案",
        (
            Item("户情单", "home", "household-list", (Right.PEOPLE,), ("household-file", "household-panel"), bar=True),
            Item("田地山林", "map-pin", "plot-list", (Right.PEOPLE,), ("plot", "plot-new", "plot-change", "plot-void")),
            Item("查找", "search", "search", (Right.PEOPLE,), ("resident-file",)),
            Item("空白表与录入", "printer", "paper", (Right.WRITE,)),
            Item("居民账号", "id", "subject-look", (Right.IDENTIFY,)),
        ),
    ),
    (
        "民情沟通",
        (
            Item("沟通日历", "calendar-event", "contact-calendar", (), ("contact-month", "rhythm", "rhythm-change", "market", "market-new", "contact-addresses")),
            Item("值班", "clock", "duty-list", (), ("duty", "duty-day", "duty-rota", "duty-fill", "duty-set", "duty-away")),
            Item("集中办公和预约", "calendar-event", "day-list", (Right.CONTACT, Right.PEOPLE, Right.MATTERS, Right.DECIDE), ("day", "day-new", "day-edit", "day-book", "day-do", "day-doors", "booking", "seat-answer")),
            Item("会议和沟通日", "users", "meeting-list", (Right.CONTACT, Right.PEOPLE), ("meeting", "meeting-new", "meeting-rounds", "meeting-act", "meeting-say", "meeting-minutes", "meeting-attendance", "meeting-propose", "meeting-item", "meeting-count", "meeting-resolve", "resolution-list", "resolution-do", "representative-list", "representative-new")),
            Item("村情分析", "chart-bar", "analysis-list", (Right.CONTACT, Right.FIGURES), ("analysis", "analysis-add", "analysis-decide", "analysis-sign", "analysis-write", "analysis-rows", "decision-tell")),
            Item("该走访的户", "list-check", "visit-due", (Right.PEOPLE,), ("visit-new", "visit-amend", "visit-note", "visit-elders")),
            Item("还等着走访的户", "users", "visit-waiting", (Right.PEOPLE,), ("door-ask", "visit-news")),
            Item("走访间隔", "clock", "visit-intervals", (Right.CATALOGUE,), role="county_desk"),
            Item("我联系的户", "home", "door-list", bar=True, role="helper"),
            Item("手机走访", "walk", "phone", (Right.WRITE,)),
            Item("手机走访", "walk", "phone", role="helper"),
            Item("防汛转移", "shield-check", "flood", (Right.PEOPLE, Right.CONTACT), ("flood-household", "flood-call", "flood-line", "flood-start", "flood-shelter", "flood-shelter-new", "flood-zone", "flood-zone-new", "flood-paper", "flood-add", "flood-widen", "flood-close", "flood-assign")),
            Item("我去接的人", "walk", "flood-mine", role="helper"),
            Item("我去接的人", "walk", "flood-mine", role="agent"),
            Item("网格交接", "users", "handover-list", (Right.PEOPLE, Right.APPOINT), ("handover", "handover-grid", "handover-begin", "handover-add", "handover-sign", "handover-drop")),
            Item("带教和培训", "book", "training", (), ("pair-new", "course", "course-new", "course-edit", "course-end", "course-hold", "course-session", "course-invite", "course-cancel")),
        ),
    ),
    (
        "为民服务",
        (
            Item("登记一件事", "file-plus", "matter-new", (Right.INTAKE,), ("matter-receipt",)),
            Item("事情", "clipboard-list", "matter-list", (Right.MATTERS, Right.INTAKE, Right.DISCIPLINE), ("matter-file", "matter-act"), bar=True),
            Item("调解", "scale", "mediation-list", (Right.MATTERS,), ("mediation", "mediation-start", "mediation-other", "mediation-do", "mediation-promise")),
            Item("报复回访", "shield-check", "retaliation-list", (Right.DISCIPLINE,)),
            Item("热线", "headset", "hotline", (Right.CALLBACK,), ("hotline-call", "hotline-calls", "hotline-callbacks", "hotline-callback", "hotline-done", "hotline-simulate"), desk="RX"),
            Item("知识口径", "book", "hotline-answers", (Right.INTAKE,), ("hotline-answer", "hotline-answer-new")),
            Item("热线值班", "clock", "hotline-duty", (), ("hotline-lines",)),
            Item("窗口", "id", "window", (Right.CALLBACK,), ("window-ticket", "window-matter", "window-errand", "window-change", "window-day", "window-counters", "window-counter", "window-pads", "window-pad"), bar=True, desk="CK"),
            Item("窗口设置", "list-check", "window-counters", (Right.CATALOGUE,), ("window-counter", "window-counter-new"), desk="SL"),
            Item("12345 和四平台", "arrows-exchange", "exchange-list", (Right.DECIDE,), ("exchange-file", "exchange-rows", "exchange-row", "exchange-replies", "exchange-again", "exchange-back"), desk="SL"),
            Item("等我决定", "scale", "matter-waiting", (Right.DECIDE, Right.DISCIPLINE), bar=True),
            Item("扫码说事卡", "qrcode", "card-list", (Right.WRITE,), ("card-place",)),
            Item("日清日结", "calendar-event", "matter-board", (Right.MATTERS, Right.FIGURES)),
            Item("事情汇总数", "chart-bar", "matter-figures", (Right.FIGURES,)),
            Item("派单目录", "list-check", "dispatch-list", (Right.CATALOGUE, Right.DISPATCH, Right.DECIDE), ("dispatch-new", "dispatch-rule", "dispatch-import", "limit-list")),
        ),
    ),
    (
        "告知",
        (
            Item("通知", "bell", "notice-list", (Right.PEOPLE, Right.MATTERS, Right.INTAKE), ("notice", "notice-calls", "notice-letters", "notice-errands", "notice-templates", "notice-announce", "notice-person")),
        ),
    ),
    (
        "帮办代办",
        (
            Item("代办", "heart-handshake", "errand-list", (Right.INTAKE, Right.MATTERS), ("errand", "errand-new", "errand-form", "errand-do", "errand-agents"), bar=True),
            Item("志愿服务", "heart", "volunteers", (Right.INTAKE,), ("team", "team-new", "team-edit", "team-join", "team-plan", "volunteer", "help-new", "help-request", "help-do", "pairing", "pairing-new", "pairing-do", "pairing-medicines", "activity", "activity-new", "introduction-list", "introduction-do")),
            Item("异地通办", "arrows-exchange", "parcel-list", (Right.DISPATCH,), ("parcel", "parcel-new", "parcel-drop", "parcel-tell", "partner-list", "partner", "partner-new", "partner-edit", "partner-catalogue", "partner-item"), desk="SL"),
            Item("异地通办", "arrows-exchange", "parcel-list", (Right.DISPATCH,), ("parcel", "parcel-new", "parcel-drop", "parcel-tell"), desk="CK"),
            Item("政策找人", "bulb", "policy-list", (Right.WRITE, Right.FIGURES), ("policy-do", "policy-figures", "policy-rules", "policy-rule")),
            Item("证明", "file-text", "certificate-list", (Right.WRITE,), ("certificate", "certificate-choose", "certificate-new")),
            Item("证明事项", "list-check", "certificate-items", (Right.CATALOGUE,), ("certificate-item",)),
            Item("事项目录", "book", "catalogue", (), ("catalogue-item", "catalogue-edit", "catalogue-new", "catalogue-import")),
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
