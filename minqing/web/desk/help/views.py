"""Half a page of help for each page of the desk: what it is for, what one can do, what happens next, whom to ask.

Invariant: one template per route, desk/help/<route>.html, plain sentences; a page without its help fails a test.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from minqing.web.shared.middleware import StaffRequest

TITLES = {
    "home": _("工作台"), "today": _("今天我做了什么"), "my-sessions": _("我的登录"), "my-factors": _("第二因素"), "my-password": _("改口令"), "roles": _("角色与权限"),
    "household-list": _("户情单"), "household-file": _("一户一档"), "household-panel": _("户情详情"), "household-print": _("打印户情单"), "household-new": _("新建户"),
    "resident-file": _("个人档案"), "resident-tree": _("家庭关系图"), "resident-same": _("是不是同一个人"), "search": _("查找"), "paper": _("空白表与录入"),
    "gather-list": _("归集文件"), "gather-upload": _("上传文件"), "gather-batch": _("一个批次"), "gather-columns": _("列名对照"),
    "question-list": _("核对问题"), "question": _("核对一个问题"), "area-list": _("区域与网格"), "area": _("一个区域"),
    "staff-list": _("人员与岗位"), "staff": _("一位同事"), "staff-end": _("结束任职与交接"), "calendar": _("工作日历"), "audit-list": _("审计日志"), "audit-entry": _("一条审计记录"), "notice-list": _("通知"), "notice-calls": _("打电话"), "notice-letters": _("送信与张贴"), "notice-errands": _("当面告知"), "notice-templates": _("通知用语"), "notice-announce": _("告诉大家"),
    "notice": _("一条通知"), "notice-person": _("通知方式"), "help": _("说明"),
    "matter-new": _("登记一件事"), "matter-receipt": _("回执"), "matter-list": _("事情"), "matter-file": _("事情单"), "matter-act": _("办一步"), "matter-waiting": _("等我决定"), "matter-board": _("日清日结"),
    "matter-figures": _("事情汇总数"), "dispatch-list": _("派单目录"), "limit-list": _("办理时限"),
    "errand-list": _("代办"), "errand": _("一件代办"), "errand-new": _("登记代办"), "errand-arrange": _("定代办事项"), "errand-agents": _("代办员专长"), "errand-form": _("代办的表格"), "errand-scan": _("材料扫描件"),
    "policy-list": _("政策找人"), "policy-figures": _("政策找人汇总"), "policy-rules": _("政策找人的规则"),
    "catalogue": _("事项目录"), "catalogue-item": _("一个事项"), "catalogue-edit": _("更改事项"), "catalogue-import": _("从 Excel 导入目录"),
    "hotline": _("热线"), "hotline-done": _("挂电话前"), "hotline-calls": _("通话记录"), "hotline-callbacks": _("回访"), "hotline-callback": _("回访一件"), "hotline-duty": _("热线值班"), "hotline-lines": _("热线线路"), "hotline-answers": _("知识口径"), "hotline-simulate": _("模拟来电"),
    "window": _("今日窗口"), "window-ticket": _("面前的人"), "window-day": _("日结"), "window-counters": _("窗口设置"), "window-pads": _("应急回执本"),
    "certificate-list": _("证明"), "certificate": _("一份证明"), "certificate-choose": _("出哪种证明"), "certificate-items": _("证明事项"), "card-list": _("扫码说事卡"), "certificate-new": _("起草证明"), "certificate-item": _("一种证明的样式"),
    "contact-calendar": _("沟通日历"), "duty": _("值班"), "duty-day": _("一天的值班"), "rhythm": _("集中日、沟通日和墟日"), "contact-addresses": _("订阅到手机"),
    "visit-due": _("该走访的户"), "visit-new": _("记走访"), "door-list": _("我联系的户"), "visit-waiting": _("还等着走访的户"), "door-asks": _("请您帮忙上门的户"), "visit-intervals": _("走访间隔"), "visit-elders": _("老人情况"), "phone": _("手机走访"),
    "flood": _("防汛转移"), "flood-household": _("一户的转移预案"), "flood-call": _("一次转移"), "flood-mine": _("我去接的人"),
    "day-list": _("集中办公和预约"), "day": _("一天的预约"), "day-new": _("安排一天"), "day-book": _("替人预约"), "booking": _("一个预约"), "day-doors": _("夜访去哪几户"),
    "meeting-list": _("会议和沟通日"), "meeting": _("一次会"), "meeting-say": _("记意见"), "meeting-minutes": _("纪要和公示"), "resolution-list": _("村册：决议"), "representative-list": _("村民代表"),
    "mediation-list": _("调解"), "mediation": _("一次调解"), "plot-list": _("田地山林"), "plot": _("一块地"), "retaliation-list": _("报复回访"),
    "exchange-list": _("12345 和四平台"), "exchange-rows": _("没有读懂的行"), "exchange-replies": _("给对方的答复"),
    "parcel-list": _("异地通办"), "parcel-new": _("交给外县办"), "partner-list": _("对方县"), "partner": _("一个对方县"), "partner-catalogue": _("收对方的目录"),
    "volunteers": _("志愿服务"), "team": _("一支志愿队"), "volunteer": _("一位志愿者"), "help-request": _("请志愿队帮忙的一件事"), "pairing": _("结对的一户"), "activity": _("一次志愿活动"), "introduction-list": _("介绍工作"),
    "analysis-list": _("村情民情分析"), "analysis": _("一个月的村情民情分析"), "handover-list": _("网格交接"), "handover-grid": _("交接册"), "handover": _("一张交接单"), "training": _("带教和培训"), "course": _("一门课"), "course-session": _("一次课"),
    "subject-look": _("居民账号"), "feedback-list": _("投诉建议"), "feedback": _("一条投诉建议"),
}


def page(request: StaffRequest, route: str) -> HttpResponse:
    """The fragment for "?" (htmx), or a full page of the same words."""
    title = TITLES.get(route)
    if title is None:
        raise Http404
    part = bool(request.headers.get("HX-Request"))
    context = {
        "help_title": _now("{page}：这一页怎么用").format(page=title), "back_url": back(request, route),
        "help_html": render_to_string(f"desk/help/{route}.html", {"me": request.me, "level": 3 if part else 2}),
    }
    return render(request, "desk/help_part.html" if part else "desk/help.html", context)


def back(request: StaffRequest, route: str) -> str:
    """The page one came from, if it is one of this program's own; else the page the help is about."""
    referer = urlsplit(request.headers.get("Referer", ""))
    if referer.netloc == request.get_host():
        try:
            if resolve(referer.path).view_name != "help":
                return referer.path + (f"?{referer.query}" if referer.query else "")
        except Resolver404:
            pass
    try:
        return reverse(route)
    except NoReverseMatch:
        return reverse("home")
