"""带教和培训: what is coming, pairs that ask for a yes, courses with material, one session with its list.

Invariants: the list of who came is on the page of who organised it; everybody else sees his own line; no numbers of anybody.
"""

from __future__ import annotations

import base64
import uuid
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from minqing.access.actions import audit
from minqing.access.scope import Me, NotAllowed
from minqing.contact.actions import training as acts
from minqing.contact.models import Course, CourseSession
from minqing.contact.queries import training as queries
from minqing.contact.rules import training as rules
from minqing.web.desk.archives.answering import Ask
from minqing.web.desk.things.asking import answer, at_once, text_field, words_field
from minqing.web.desk.things.work import Waiting
from minqing.web.desk.volunteers.parts import checks_field, choice_field, date_field, sure, time_field
from minqing.web.shared.middleware import StaffRequest


def waiting(me: Me, on: date) -> list[Waiting]:
    """For the work desk: a pair that waits for his own yes; courses to which he is invited."""
    if not me.posts:
        return []
    return [
        Waiting(queries.waiting(me), _now("%s 对师徒等您答应"), _now("带教"), "och", reverse("training"), _now("去看")),
        Waiting(queries.invitations(me, on), _now("请您参加 %s 次培训"), _now("培训"), "ind", reverse("training"), _now("去看"), _now("来不了请和安排的人说一声")),
    ]


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_now("带教和培训"), reverse("training")), *more]


def areas_of(me: Me) -> list[tuple[str, str]]:
    codes = queries.organises(me)
    names = queries.place_names(set(codes))
    return [(c, names.get(c, c)) for c in codes]


def page(request: StaffRequest) -> HttpResponse:
    """What is coming and what stands."""
    me = request.me
    if not me.posts:
        raise NotAllowed(_now("您现在没有任职。"))
    lines = queries.sittings(me, at=request.now)
    courses, places = queries.courses(me)
    context = {
        "pairs": queries.pairs(me, timezone.localdate(request.now)), "coming": [x for x in lines if not x.over and not x.s.cancelled_at], "mine": [x for x in lines if x.over and x.seat and x.seat.came],
        "courses": [{"c": c, "subject": _now(rules.SUBJECTS.get(c.subject, c.subject)), "place": places.get(c.area_code, "")} for c in courses], "organises": bool(queries.organises(me)),
    }
    return render(request, "desk/contact/training.html", context)


# --- pairs ------------------------------------------------------------------------------------------------------------------------


class PairForm(forms.Form):
    mentor = choice_field(_("师傅"), [])
    newcomer = choice_field(_("新人"), [])
    starts_on = date_field(_("从"))
    ends_on = date_field(_("到"))


def place_asked(request: StaffRequest) -> tuple[str, list[tuple[str, str]]]:
    """(chosen area, all he may choose)."""
    areas = areas_of(request.me)
    if not areas:
        raise NotAllowed(_now("带教和培训由安排沟通工作的人安排，您的任职不含此项。"))
    asked = request.GET.get("area", "")
    return asked if asked in dict(areas) else areas[0][0], areas


def pair(request: StaffRequest) -> HttpResponse:
    area, _areas = place_asked(request)
    people = queries.colleagues(area, at=request.now)
    form = PairForm(request.POST or None, initial={"starts_on": timezone.localdate(request.now)})
    for name in ("mentor", "newcomer"):
        form.fields[name].choices = [("", _now("请选择")), *people]  # type: ignore[attr-defined]

    def do(d: dict[str, Any]) -> str:
        acts.pair(area=area, mentor=uuid.UUID(d["mentor"]), newcomer=uuid.UUID(d["newcomer"]), starts_on=d["starts_on"], ends_on=d["ends_on"], by=request.me, at=request.now)
        messages.success(request, _now("已经问两位，都答应了就算结对。"))
        return reverse("training")

    return answer(request, Ask(title=_now("结一对师徒"), ok=_now("问两位"), back=reverse("training"), says=[_now("两位各自在自己的工作台上答应；谁都可以不答应，也可以随时结束。"), _now("不打分、不考核。")], crumbs=crumbs((_now("结师徒"), ""))), form, do)


@require_POST
def pair_answer(request: StaffRequest, mentoring: uuid.UUID) -> HttpResponse:
    yes = request.POST.get("yes") == "1"

    def do() -> str:
        acts.answer(mentoring=mentoring, yes=yes, by=request.me)
        return _now("答应了。") if yes else _now("这一对结束了。")

    return at_once(request, do, reverse("training"))


# --- courses ----------------------------------------------------------------------------------------------------------------------


class CourseForm(forms.Form):
    area = choice_field(_("给哪里的人"), [])
    subject = choice_field(_("科目"), [(k, _(v)) for k, v in rules.SUBJECT_CHOICES])
    title = text_field(_("课名"), most=rules.MOST_TITLE)
    material = words_field(_("教材"), rows=10, most=rules.MOST_MATERIAL, required=False, help_text=_("要点写在这里，手机上也好看。不写真人真事。"))
    file = forms.FileField(label=_("附件"), required=False, help_text=_("pdf、docx、pptx、jpg、png，最大 3 MB。"))


def course_form(request: StaffRequest, standing: Course | None) -> HttpResponse:
    area, areas = place_asked(request)
    initial = {"area": standing.area_code, "subject": standing.subject, "title": standing.title, "material": standing.material} if standing else {"area": area}
    form = CourseForm(request.POST or None, request.FILES or None, initial=initial)
    form.fields["area"].choices = areas  # type: ignore[attr-defined]
    if standing is not None:
        del form.fields["area"]
    back = reverse("course", args=[standing.pk]) if standing else reverse("training")

    def do(d: dict[str, Any]) -> str:
        given = d.get("file")
        row = acts.save_course(area=standing.area_code if standing else d["area"], subject=d["subject"], title=d["title"], material=d["material"], course=standing.pk if standing else None,
                               file=(given.name, given.read(rules.MOST_FILE + 1)) if given else None, by=request.me, at=request.now)
        messages.success(request, _now("存好了。"))
        return reverse("course", args=[row.pk])

    ask = Ask(title=_now("改一门课") if standing else _now("建一门课"), ok=_now("存好"), back=back, says=[_now("在这里工作的人都看得到教材。"), _now("建好以后再安排哪天上、请谁来。")], crumbs=crumbs((_now("课程"), "")), more={"upload": True})
    return answer(request, ask, form, do)


def course_new(request: StaffRequest) -> HttpResponse:
    return course_form(request, None)


def course_or_404(pk: uuid.UUID, *, file: bool = False) -> Course:
    row = (Course.objects if file else Course.objects.defer("file_cipher")).filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def course_edit(request: StaffRequest, course: uuid.UUID) -> HttpResponse:
    row = course_or_404(course)
    if row.made_by != request.me.id:
        raise Http404
    return course_form(request, row)


def course(request: StaffRequest, course: uuid.UUID) -> HttpResponse:
    """Material and sessions of one course."""
    row = course_or_404(course)
    lines = queries.sittings(request.me, at=request.now, course=row.pk)
    context = {"c": row, "subject": _now(rules.SUBJECTS.get(row.subject, row.subject)), "coming": [x for x in lines if not x.over], "past": [x for x in lines if x.over], "mine": row.made_by == request.me.id,
               "may_hold": row.ended_at is None and any(row.area_code.startswith(c) for c in request.me.with_former(queries.organises(request.me))), "crumbs": crumbs((row.title, ""))}
    return render(request, "desk/contact/course.html", context)


def course_file(request: StaffRequest, course: uuid.UUID) -> HttpResponse:
    """The attached file, as a download whatever it is."""
    row = course_or_404(course, file=True)
    if not row.file_cipher:
        raise Http404
    name, content = queries.file_of(row)
    audit.record("course.file", detail={"course": str(row.pk)})
    return HttpResponse(base64.b64decode(content), content_type="application/octet-stream", headers={"Content-Disposition": content_disposition_header(True, name) or "attachment", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})


def course_end(request: StaffRequest, course: uuid.UUID) -> HttpResponse:
    row = course_or_404(course)
    if row.made_by != request.me.id or row.ended_at:
        raise Http404
    back = reverse("course", args=[course])

    def do(_d: dict[str, Any]) -> str:
        acts.end_course(course=course, by=request.me, at=request.now)
        messages.success(request, _now("这门课停用了，以前的记录还在。"))
        return reverse("training")

    return answer(request, Ask(title=_now("停用这门课"), ok=_now("停用"), back=back, says=[_now("不再列出，也不能再安排。")], crumbs=crumbs((row.title, back), (_now("停用"), ""))), sure(request), do)


# --- sessions ---------------------------------------------------------------------------------------------------------------------


class SessionForm(forms.Form):
    on = date_field(_("哪一天"))
    since = time_field(_("几点开始"))
    until = time_field(_("几点结束"))
    place = text_field(_("地点"), most=rules.MOST_PLACE)
    teacher = text_field(_("谁讲"), most=rules.MOST_TEACHER, help_text=_("写老师的姓名或单位。"))


def session_new(request: StaffRequest, course: uuid.UUID) -> HttpResponse:
    row = course_or_404(course)
    if row.ended_at or not any(row.area_code.startswith(c) for c in request.me.with_former(queries.organises(request.me))):
        raise Http404
    back = reverse("course", args=[course])

    def do(d: dict[str, Any]) -> str:
        since, until = (timezone.make_aware(datetime.combine(d["on"], d[k])) for k in ("since", "until"))
        made = acts.hold(course=course, starts_at=since, ends_at=until, place=d["place"], teacher=d["teacher"], by=request.me, at=request.now)
        messages.success(request, _now("安排好了，请选请谁来。"))
        return reverse("course-session", args=[made.pk])

    return answer(request, Ask(title=_now("安排一次课"), ok=_now("安排"), back=back, says=[_now("会进同事的沟通日历。"), _now("接着选请谁来。")], crumbs=crumbs((row.title, back), (_now("安排"), ""))), SessionForm(request.POST or None), do)


def session_or_404(pk: uuid.UUID) -> CourseSession:
    row = CourseSession.objects.select_related("course").defer("course__file_cipher").filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def session(request: StaffRequest, coursesession: uuid.UUID) -> HttpResponse:
    """One session: for the organiser with the list, for everybody else with his own line."""
    row, me = session_or_404(coursesession), request.me
    mine = row.made_by == me.id
    seats = queries.seats(row)
    context = {"s": row, "mine": mine, "seats": seats if mine else [], "own": next((x for x, _n in seats if x.staff == me.id), None), "begun": row.starts_at <= request.now, "subject": _now(rules.SUBJECTS.get(row.course.subject, "")),
               "crumbs": crumbs((row.course.title, reverse("course", args=[row.course_id])), (f"{timezone.localtime(row.starts_at):%m-%d}", ""))}
    return render(request, "desk/contact/course_session.html", context)


class InviteForm(forms.Form):
    staff = checks_field(_("请谁来"), [])


def own_session(request: StaffRequest, pk: uuid.UUID) -> CourseSession:
    row = session_or_404(pk)
    if row.made_by != request.me.id:
        raise Http404
    return row


def invite(request: StaffRequest, coursesession: uuid.UUID) -> HttpResponse:
    row = own_session(request, coursesession)
    there = {str(x.staff) for x, _n in queries.seats(row)}
    form = InviteForm(request.POST or None)
    form.fields["staff"].choices = [(pk, name) for pk, name in queries.colleagues(row.area_code, at=request.now) if pk not in there]  # type: ignore[attr-defined]
    back = reverse("course-session", args=[coursesession])

    def do(d: dict[str, Any]) -> str:
        n = acts.invite(session=coursesession, staff=[uuid.UUID(x) for x in d["staff"]], by=request.me, at=request.now)
        messages.success(request, _now("请了 %d 位，课进了他们的日历。") % n)
        return back

    return answer(request, Ask(title=_now("请谁来"), ok=_now("请他们"), back=back, crumbs=crumbs((row.course.title, back), (_now("请谁来"), ""))), form, do)


@require_POST
def attend(request: StaffRequest, coursesession: uuid.UUID) -> HttpResponse:
    """Who came, as ticked on the page."""
    own_session(request, coursesession)

    def do() -> str:
        known = {str(x.staff) for x, _n in queries.seats(session_or_404(coursesession))}
        acts.attend(session=coursesession, came=[uuid.UUID(x) for x in request.POST.getlist("came") if x in known], by=request.me, at=request.now)
        return _now("记下了谁来。")

    return at_once(request, do, reverse("course-session", args=[coursesession]))


def cancel(request: StaffRequest, coursesession: uuid.UUID) -> HttpResponse:
    row = own_session(request, coursesession)
    back = reverse("course-session", args=[coursesession])

    def do(_d: dict[str, Any]) -> str:
        acts.cancel(session=coursesession, by=request.me, at=request.now)
        messages.success(request, _now("取消了，日历里会标出来。"))
        return back

    return answer(request, Ask(title=_now("取消这次课"), ok=_now("取消这次课"), back=back, tone="danger", says=[_now("日历里标成取消；请自己告诉请过的人。")], crumbs=crumbs((row.course.title, back), (_now("取消"), ""))), sure(request), do)
