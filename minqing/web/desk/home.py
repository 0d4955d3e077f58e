"""工作台: what waits for me today, my area in figures, what I can do here.

Invariants: who opens no files sees no number about families except the totals his role may have; nothing here ranks
people or villages; what the program cannot do yet for a role is said, not hinted at.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access import queries as access_queries
from minqing.access.models import Area
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.archives import queries
from minqing.archives.actions import acts
from minqing.gather.models import Question
from minqing.service.actions import retaliation
from minqing.service.queries import lists as matter_lists
from minqing.sync.actions import conflicts
from minqing.sync.models import Box
from minqing.web.desk.archives import presenting, reads, today
from minqing.web.desk.contact import analysis, day_work, duty_work, handover, meeting_work, training
from minqing.web.desk.contact import waiting as door_work
from minqing.web.desk.exchange import work as exchanging
from minqing.web.desk.things import work
from minqing.web.shared import counting
from minqing.web.shared.middleware import StaffRequest

WEEKDAYS = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")
#: For roles that open no files: what they can do here now, and what is not there yet. Role → (sentence, not yet).
ROLE_WORDS: dict[str, tuple[str, str]] = {
    "helper": ("您联系身边十几户：在“我联系的户”或手机上点平安、有事、联系不上，打电话、上门都一样。您不打开户档。", ""),
    "agent": ("您替人跑腿办事：交给您的在“代办”里，点“我来办”就开始。您不打开户档，表格里要的几项会填好。", ""),
    "window_clerk": ("叫到的号在您面前时，凭他本人的身份证看到他的情况；登记、代办、收变更，都打印回执。", ""),
    "hotline_operator": ("接听后核对来电人，再派给所在的村。", ""),
    "town_leader": ("您看到的是汇总数，没有家庭名单；一件事只在等您定时才打开。", "民情简报还没有做好，数字先看“事情汇总数”。"),
    "town_admin": ("您划分网格、安排村级人员，不看户档。", ""),
    "administrator": ("您管理区域、单位、人员和任职，不看任何人的档案。", ""),
    "auditor": ("您看谁在何时为何打开了谁的档案，不看档案内容；一天查看过多号码、深夜打开的，日志上方有数。", ""),
    "department_officer": ("您上传本部门的文件、答复核实，不看户档。", ""),
    "city_office": ("您只看汇总数。", "市级看板还没有做好。"),
}
#: First for posts that open no files: what they sit down to do.
DESK_SHORTCUTS: tuple[tuple[Right | None, str, str, str, str], ...] = (
    (None, "door-list", "我联系的户", "点平安、有事、联系不上", "home"),
    (None, "errand-list", "看代办", "交给我的、等我答应的", "heart-handshake"),
    (Right.CALLBACK, "hotline", "接听热线", "来电、核对、登记、派单", "headset"),
    (Right.DECIDE, "matter-waiting", "等我决定", "有人申请延期、挂起、解释办结", "scale"),
    (Right.MATTERS, "matter-list", "看事情", "等我办的、本处全部，按期限找", "clipboard-list"),
    (Right.FIGURES, "matter-figures", "看事情汇总数", "件数、时限、满意，没有名单", "chart-bar"),
)
#: Shortcuts: (right or None, route, label, sentence, icon), in the order of a day.
SHORTCUTS: tuple[tuple[Right | None, str, str, str, str], ...] = (
    (Right.INTAKE, "matter-new", "登记一件事", "写原话，有建议、有编号、有回执", "file-plus"),
    (Right.CALLBACK, "window", "今日窗口", "取号、叫号，看谁坐在哪个窗口", "id"),
    (Right.PEOPLE, "household-list", "看户情单", "一户一档，按网格、自然村、标签找", "home"),
    (Right.PEOPLE, "search", "找人、找户", "姓名、拼音、户号、门牌、证件号、电话", "search"),
    (Right.WRITE, "paper", "打印和录入纸表", "一户一张，收回来再比对", "printer"),
    (Right.GATHER, "gather-upload", "归集部门文件", "xls、xlsx、csv、ods 都行", "upload"),
    (Right.AREAS, "area-list", "划分网格", "新建、合并、停用网格和微网格", "map-2"),
    (Right.APPOINT, "staff-list", "安排人员", "任命、代理、离任交接", "users"),
    (Right.AUDIT, "audit-list", "看审计日志", "谁在何时为何打开了谁的档案", "eye"),
    (None, "area-list", "查区域与网格", "村、网格的名称、范围和编码", "map-2"),
    (None, "roles", "看角色与权限", "哪个岗位能做什么、看到什么", "shield-check"),
    (None, "today", "今天我做了什么", "十分钟内可以撤回", "history"),
)
#: Places where only one role sits.
SEATS = {"window": "window_clerk", "hotline": "hotline_operator", "door-list": "helper", "errand-list": "agent"}


@dataclass
class Job:
    """One line of the band "等您定"."""

    title: str
    tag: str
    tone: str
    url: str
    label: str
    note: str = ""


@dataclass
class Desk:
    """What the page shows; filled by what the person may do."""

    jobs: list[Job] = field(default_factory=list)
    proposals: list[Any] = field(default_factory=list)
    proposals_total: int = 0
    duty: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def home(request: StaffRequest) -> HttpResponse:
    """The first page after log-in, one for each kind of work."""
    me, on = request.me, timezone.localdate(request.now)
    desk = Desk()
    if me.holds(Right.PEOPLE):
        waiting_in_files(me, on, desk)
    if me.holds(Right.APPOINT):
        posts(me, request.now, desk)
    matter_work(me, request.now, desk)
    lists_that_wait(me, on, desk)
    desk.jobs += [Job(*line) for line in exchanging.waiting(me, request.now)]
    places = reads.posts_of(me) if me.holds(Right.PEOPLE) else []
    context = {
        "desk": desk, "date": _("%(m)d 月 %(d)d 日 %(w)s") % {"m": on.month, "d": on.day, "w": _(WEEKDAYS[on.weekday()])},
        "figures": figures(me, places, on),
        "shortcuts": shortcuts(me), "roles": role_words(me), "totals": totals(me) if not places else [], "wide": me.holds(Right.PEOPLE) and not places,
        "acts": done_today(request), "writes": me.holds(Right.WRITE), "duty": duty_work.of_home(me, on, desk.duty),
    }
    return render(request, "desk/home.html", context)


def matter_work(me: Me, now: datetime, desk: Desk) -> None:
    """等我办: matters by the step that waits for him, urgent and late ones said first. One statement."""
    if not any(me.holds(r) for r in (Right.MATTERS, Right.DECIDE, Right.DISCIPLINE)):
        return
    waiting = matter_lists.counts(me, at=now)
    for key, n in waiting.jobs.items():
        if n:
            job = matter_lists.JOBS[key]
            url = reverse("matter-waiting") if key == "decide" else f"{reverse('matter-list')}?job={key}"
            hot = key in ("accept", "decide", "ruling") or bool(waiting.urgent)
            desk.jobs.append(Job(_("%(n)s 件事%(what)s") % {"n": n if n <= matter_lists.MOST_COUNTED else f"{matter_lists.MOST_COUNTED}+", "what": _(job.label)}, _(job.verb), "cin" if hot else "och", url, _("去办")))
    to_ask = len(retaliation.waiting(me, at=now)) if me.holds(Right.DISCIPLINE) else 0
    if to_ask:
        desk.jobs.append(Job(_("%d 位反映人该问是否受到报复") % to_ask, _("回访"), "cin", reverse("retaliation-list"), _("去问"), _("办结 30 天和 90 天后各问一次")))
    if waiting.late:
        desk.jobs.append(Job(_("%d 件事已超时") % waiting.late, _("超时"), "cin", f"{reverse('matter-list')}?view=all&due=late", _("去看"), _("先联系本人说明，再办")))


def figures(me: Me, places: list[Area], on: date) -> list[dict[str, Any]]:
    """The villages or grids he is responsible for, each in figures, with the address of its list. One statement for all."""
    areas = {a.code: a for a in places}
    codes = [c for c in me.codes if c[:reads.VILLAGE] in areas]
    sums = reads.figures(codes, on=on)
    found = []
    for code in codes:
        village, area = areas[code[:reads.VILLAGE]], areas.get(code)
        name = village.short_name if area is None or area is village else f"{village.short_name} · {area.short_name}"
        url = reverse("household-list") + (f"?village={code}" if len(code) == reads.VILLAGE else f"?grid={code}")
        found.append({"village": village, "name": name, "sums": sums[code], "waiting": sums[code].waiting, "url": url})
    return found


def waiting_in_files(me: Me, on: date, desk: Desk) -> None:
    """Proposals that are due, households and people that wait in grid 000."""
    work = queries.work_list(me, on=on, limit=8)
    desk.proposals = [
        {"id": p.pk, "sentence": p.sentence, "due_on": p.due_on, "late": p.due_on < on,
         "url": reverse("proposal-choose", kwargs={"proposal": p.pk}) if p.kind == conflicts.KIND else reverse("household-file", kwargs={"household": p.household_id}) if p.household_id else reverse("resident-file", kwargs={"person": p.person_id}) if p.person_id else ""}
        for p in work.proposals
    ]
    desk.proposals_total = work.proposals_total
    if work.overdue:
        desk.jobs.append(Job(_("%d 件该办的事已过期限") % work.overdue, _("过期"), "cin", "#due", _("去办")))
    if work.unplaced_households:
        desk.jobs.append(Job(_("%d 户还没有落到网格") % work.unplaced_households, _("未落格"), "och", reverse("household-list") + "?tab=unplaced", _("去落格"), _("集体户、新来的户都先在这里")))
    if work.unplaced_persons:
        desk.jobs.append(Job(_("%d 人在未落格，看看各归哪一户") % work.unplaced_persons, _("未落格"), "och", reverse("people-unplaced"), _("去看"), _("有的等证件号核对后就归户，有的刚迁来")))


def lists_that_wait(me: Me, on: date, desk: Desk) -> None:
    """Questions of gathering, errands, offers: lists that only need a number, counted in one statement; above a thousand it says so."""
    lists = work.waiting(me, on) + day_work.waiting(me, on) + analysis.waiting(me, on) + handover.waiting(me) + training.waiting(me, on) + duty_work.waiting(me, on) + meeting_work.waiting(me, on) + door_work.work(me)
    if me.holds(Right.WRITE) or me.holds(Right.GATHER):
        lists.insert(0, work.Waiting(
            Question.objects.filter(state="open"), _("%s 个核对问题等您判断"), _("判断"), "cin", address("question-list"), _("去核对"), _("部门说法不同、像是同一个人、证件号有误的行；不急，不影响使用"),
        ))
    lists.append(work.Waiting(Box.objects.filter(state="kept"), _("%s 份手机封着传来的内容等您确认"), _("请确认"), "cin", reverse("my-sessions") + "#boxes", _("去看看"), _("没登录时传来的，是您填的才办；照片和录音跟着附上")))
    numbers, desk.duty = counting.with_rows({str(i): w.rows for i, w in enumerate(lists)}, duty_work.rows(me, on))
    for w, n in zip(lists, numbers.values(), strict=True):
        if n:
            desk.jobs.append(Job(w.title % (f"{n}+" if n == counting.MOST else n), w.tag, w.tone, w.url, w.label, w.note))


def posts(me: Me, now: datetime, desk: Desk) -> None:
    """Villages without a secretary, posts and stand-ins that end soon: for those who appoint."""
    empty = access_queries.vacancies(me, at=now)
    vacated = [v for v in empty if v.since]
    if vacated:
        names = "、".join(v.village for v in vacated[:3])
        desk.jobs.append(Job(_("%(n)d 个村的书记岗位空着：%(names)s") % {"n": len(vacated), "names": names}, _("空缺"), "cin", address("staff-list"), _("去任命"), _("没有书记也没有代理，档案无人负责")))
    never = len(empty) - len(vacated)
    if never:
        desk.jobs.append(Job(_("%d 个村还没有任命书记") % never, _("未任命"), "och", address("staff-list"), _("去任命"), _("任命之后，那个村才能开始用")))
    for post in access_queries.ending_soon(me, at=now)[:3]:
        title = _("%(name)s的%(role)s到 %(on)s 为止") % {"name": post.staff.name, "role": post.role_label, "on": f"{timezone.localtime(post.ends_at):%m-%d}"}
        desk.jobs.append(Job(title, _("快到期"), "och", reverse_or("staff", staff=post.staff_id), _("去看"), post.area_label))


def shortcuts(me: Me) -> list[dict[str, str]]:
    """What he can do here now, each address once."""
    found: dict[str, dict[str, str]] = {}
    for right, route, label, text, icon in (() if me.holds(Right.PEOPLE) else DESK_SHORTCUTS) + SHORTCUTS:
        url = address(route)
        if url and url not in found and (right is None or me.holds(right)) and (route not in SEATS or any(p.role == SEATS[route] for p in me.posts)):
            found[url] = {"url": url, "label": _(label), "text": _(text), "icon": icon}
    return list(found.values())


def role_words(me: Me) -> list[dict[str, str]]:
    """For posts without files: what they are for, and what is not there yet."""
    return [{"post": p.label, "now": _(ROLE_WORDS[p.role][0]), "not_yet": _(ROLE_WORDS[p.role][1]) if ROLE_WORDS[p.role][1] else ""} for p in me.posts if p.role in ROLE_WORDS]


def totals(me: Me) -> list[dict[str, Any]]:
    """Households per village of a town for whoever may have the figure: numbers from a definer function, no names, no order by size."""
    towns = [p.area for p in me.posts if len(p.area) == 9]
    if not towns or not (me.holds(Right.FIGURES) or me.holds(Right.AREAS)):
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "select a.short_name, access.households_in(a.code) from access_area a where a.level = 'village' and a.closed_on is null and left(a.code, 9) = any(%s) order by a.code", [towns],
        )
        rows = cursor.fetchall()
    return [{"name": name, "households": n} for name, n in rows if n]


def done_today(request: StaffRequest) -> list[dict[str, Any]]:
    """The last acts of today, for going on where one stopped."""
    since = timezone.make_aware(datetime.combine(timezone.localdate(request.now), time.min))
    made = acts.done_by(by=request.me, since=since, limit=5)
    urls = today.urls_of(made)
    return [{"when": presenting.when(a.at, request.now), "sentence": a.sentence, "url": urls[a.pk], "undone": bool(a.undone_at)} for a in made]


def address(route: str) -> str:
    """The address of a route, '' where this installation has not got it."""
    return reverse_or(route)


def reverse_or(route: str, **kwargs: Any) -> str:
    try:
        return reverse(route, kwargs=kwargs or None)
    except NoReverseMatch:
        return ""
