"""Analysis and training of the demonstration: what people asked last month and were told, a draft that waits with a sentence of 香's own and a decision; a course that comes next week, a pair that was asked.

Invariant: made through the actions that people use, by those who may; once, however often the demonstration is built.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from minqing.commands.acting import acting_as
from minqing.contact.actions import analysis, training
from minqing.contact.models import Analysis
from minqing.contact.queries import analysis as queries
from minqing.demo.cast import PENGLI
from minqing.demo.days import staff
from minqing.service.actions import matters
from minqing.service.actions.matters import Said, Who

#: (what was asked, what was answered), of last month.
ASKED = (
    ("请问医保今年怎么交，交到哪里", "在浙里办上交，也可以把钱带到村里代交"), ("医保缴费到哪天为止", "到十二月底，晚了要等三个月"), ("请问孙子的医保和谁一起交", "和户口本上的家长一起交"), ("医保在外地能不能报销", "先备案，村里可以帮着备"),
    ("请问医保卡丢了怎么补", "带身份证到街道窗口，当天补好"), ("想问老年证六十岁生日前能不能先办", "生日那个月就能办，村里上门拍照"), ("请问高龄津贴哪天到账", "每月十号前到，没有到就告诉村里"),
    ("请问水费能不能在手机上交", "可以，已经教他在手机上交了一次"), ("路灯几点亮能不能早一点", "天黑得早，已改成五点半亮"), ("请问垃圾车早上几点来", "六点半和下午四点各一趟"), ("水库放水到什么时候", "放到月底，已贴在公告栏"), ("请问补种的树苗到哪里领", "星期二到村委会领，带身份证"),
)


def prepare(at: datetime) -> None:
    """Nothing where an analysis stands already."""
    month = queries.month_after(timezone.localdate(at).replace(day=1), -1)
    with acting_as("xiang", purpose="demo") as xiang:
        if Analysis.objects.filter(area_code=PENGLI).exists():
            return
        for n, (words, told) in enumerate(ASKED):
            when = datetime(month.year, month.month, 3 + 2 * n, 9, 10, tzinfo=timezone.get_default_timezone())
            made = matters.open_matter(Said(words=words, kind="question", channel="duty" if n % 3 else "door", place=PENGLI + f"00{1 + n % 3}", requester=Who(name=""), anonymous=True), by=xiang, at=when).matter
            matters.answer(matter=made, words=told, outcome="explained", by=xiang, at=when)
        row = analysis.draft(area=PENGLI, month=month, by=xiang, at=at)
        analysis.add(analysis=row.pk, words="问医保的多，年底前在每个自然村摆一次桌子，带着手机教。", section="say", by=xiang, at=at)
        analysis.decide(analysis=row.pk, what="三个自然村各摆一次桌子，教手机交医保", who="村文书和三位网格员", due_on=timezone.localdate(at) + timedelta(days=20), by=xiang, at=at)
        course = training.save_course(area=PENGLI, subject="manners", title="进门三句话", material="先说我是谁、从哪里来。\n\n再问方便不方便；不方便，就约个时间。\n\n走的时候留一句：有事打村里电话。", by=xiang, at=at)
        start = timezone.localtime(at).replace(hour=14, minute=30, second=0, microsecond=0) + timedelta(days=6)
        session = training.hold(course=course.pk, starts_at=start, ends_at=start + timedelta(hours=1), place="村委会议室", teacher="退休教师徐老师", by=xiang, at=at)
        training.invite(session=session.pk, staff=[staff(n) for n in ("兰", "强", "梅")], by=xiang, at=at)
        training.pair(area=PENGLI, mentor=staff("兰"), newcomer=staff("强"), starts_on=timezone.localdate(at), ends_on=timezone.localdate(at) + timedelta(days=60), by=xiang, at=at)
