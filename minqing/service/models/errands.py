"""An errand (帮办代办): who runs it, which papers changed hands, which money, how far it is.

Invariants: an errand is a matter of kind `errand` and is seen from the matter's seats alone; its person and item never change
(access.start_errand); money is never edited: two people sign each line, a wrong line is reversed by a line of its own; a paper has
a numbered receipt and comes back or is accounted for.
"""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from minqing.access.models.fields import CodeField
from minqing.service.models.catalogue import CatalogueItem
from minqing.service.models.matters import Attachment, Matter


class Errand(models.Model):
    AGENT_STATES = [("none", "还没有代办员"), ("asked", "等代办员答应"), ("accepted", "代办员在办")]
    TAKERS = [("self", "本人"), ("family", "家人"), ("other", "委托的人")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    matter_id: uuid.UUID
    matter = models.OneToOneField(Matter, models.CASCADE, related_name="errand", verbose_name="哪件事")
    item = models.ForeignKey(CatalogueItem, models.PROTECT, related_name="+", verbose_name="事项")
    person_id = models.UUIDField("给谁办", null=True)
    offer_id = models.UUIDField("由哪条政策找到", null=True)
    agent = models.UUIDField("代办员", null=True)
    agent_state = models.CharField("代办员答应了没有", max_length=8, choices=AGENT_STATES, default="none")
    answers_cipher = models.BinaryField("问本人的内容(密文)", null=True)
    confirmed_at = models.DateTimeField("表格何时确认", null=True)
    confirmed_by = models.UUIDField("谁念给本人听", null=True)
    collected_at = models.DateTimeField("材料收齐", null=True)
    submitted_at = models.DateTimeField("交到窗口", null=True)
    submitted_to = models.CharField("交到哪里", max_length=60, blank=True)
    department_number = models.CharField("部门受理编号", max_length=40, blank=True)
    department_due_at = models.DateTimeField("部门承诺时间", null=True)
    fetched_at = models.DateTimeField("取回", null=True)
    delivered_at = models.DateTimeField("送到", null=True)
    delivered_to = models.CharField("谁签收", max_length=8, choices=TAKERS, blank=True)
    signed_cipher = models.BinaryField("签收人姓名(密文)", null=True)
    made_by = models.UUIDField("谁登记", null=True)  # null: it came from another county, by itself
    made_at = models.DateTimeField("登记时间")
    version = models.PositiveIntegerField("版次", default=1)

    class Meta:
        verbose_name = "代办"
        indexes = [models.Index(fields=["person_id", "item"], name="errand_person", condition=models.Q(person_id__isnull=False)), models.Index(fields=["agent"], name="errand_agent", condition=models.Q(agent__isnull=False))]
        constraints = [
            models.CheckConstraint(condition=models.Q(agent__isnull=True, agent_state="none") | models.Q(agent__isnull=False, agent_state__in=["asked", "accepted"]), name="errand_agent_state"),
            models.CheckConstraint(condition=models.Q(delivered_at__isnull=True) | ~models.Q(delivered_to=""), name="errand_delivered_to", violation_error_message="送到了要写明谁签收。"),
        ]


class Assignment(models.Model):
    """Somebody was asked to run it: taken, refused with a reason, or taken back."""

    ANSWERS = [("", "等答复"), ("accepted", "答应了"), ("refused", "办不了"), ("recalled", "收回了")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    matter_id: uuid.UUID
    matter = models.ForeignKey(Matter, models.CASCADE, related_name="assignments", verbose_name="哪件事")
    staff = models.UUIDField("代办员")
    asked_by = models.UUIDField("谁交办")
    asked_at = models.DateTimeField("何时交办")
    answer = models.CharField("答复", max_length=8, choices=ANSWERS, blank=True)
    answered_at = models.DateTimeField("何时答复", null=True)
    reason_cipher = models.BinaryField("为什么(密文)", null=True)

    class Meta:
        verbose_name = "交办"
        indexes = [models.Index(fields=["matter", "asked_at"], name="assignment_matter")]
        constraints = [models.UniqueConstraint(fields=["matter"], name="assignment_open_once", condition=models.Q(answer__in=["", "accepted"]))]


class Paper(models.Model):
    """A paper handed over, against a numbered receipt."""

    FORMS = [("original", "原件"), ("copy", "复印件")]
    BACK = [("self", "退给本人"), ("family", "退给家人"), ("department", "部门收存")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    matter_id: uuid.UUID
    attachment_id: uuid.UUID | None
    matter = models.ForeignKey(Matter, models.CASCADE, related_name="papers", verbose_name="哪件事")
    number = models.PositiveSmallIntegerField("收据号")
    what = models.CharField("什么材料", max_length=60)
    form = models.CharField("原件或复印件", max_length=8, choices=FORMS)
    pages = models.PositiveSmallIntegerField("份数", default=1)
    from_cipher = models.BinaryField("谁交来的(密文)", null=True)
    received_at = models.DateTimeField("何时收到")
    received_by = models.UUIDField("谁收的", null=True)
    attachment = models.ForeignKey(Attachment, models.SET_NULL, null=True, related_name="+", verbose_name="扫描件")
    returned_at = models.DateTimeField("何时退还", null=True)
    returned_to = models.CharField("退给谁", max_length=12, choices=BACK, blank=True)
    returned_by = models.UUIDField("谁退的", null=True)

    class Meta:
        verbose_name = "代办材料"
        constraints = [
            models.UniqueConstraint(fields=["matter", "number"], name="paper_number_once"),
            models.CheckConstraint(condition=models.Q(returned_at__isnull=True, returned_to="") | (models.Q(returned_at__isnull=False) & ~models.Q(returned_to="")), name="paper_returned_to"),
        ]


class MoneyLine(models.Model):
    """One amount between the agent and the person. A reversal names the line it takes back and has its kind and amount."""

    KINDS = [("paid", "代付"), ("taken", "收本人的钱"), ("given", "退给本人")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    matter_id: uuid.UUID
    reverses_id: uuid.UUID | None
    matter = models.ForeignKey(Matter, models.CASCADE, related_name="money", verbose_name="哪件事")
    number = models.PositiveSmallIntegerField("第几笔")
    kind = models.CharField("种类", max_length=8, choices=KINDS)
    amount = models.DecimalField("金额(元)", max_digits=10, decimal_places=2)
    what = models.CharField("什么钱", max_length=60)
    at = models.DateTimeField("何时")
    made_by = models.UUIDField("经手人")
    second = models.UUIDField("第二人", null=True)
    second_at = models.DateTimeField("第二人何时签", null=True)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by", verbose_name="冲销哪一笔")

    class Meta:
        verbose_name = "代办收付"
        constraints = [
            models.UniqueConstraint(fields=["matter", "number"], name="money_number_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="money_positive", violation_error_message="金额要大于零。"),
            models.CheckConstraint(condition=models.Q(second__isnull=True, second_at__isnull=True) | models.Q(second__isnull=False, second_at__isnull=False), name="money_second_whole"),
            models.CheckConstraint(condition=models.Q(second__isnull=True) | ~models.Q(second=models.F("made_by")), name="money_two_people", violation_error_message="经手人不能自己做第二人签字。"),
        ]


class AgentCard(models.Model):
    """What somebody who runs errands is good at, and when he goes to town."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    staff = models.UUIDField("谁", unique=True)
    area_code = CodeField("哪个村")
    topics = ArrayField(models.CharField(max_length=12), default=list, verbose_name="擅长办什么")
    note = models.CharField("说明", max_length=120, blank=True)
    made_by = models.UUIDField("谁设的", null=True)
    made_at = models.DateTimeField("何时设的")

    class Meta:
        verbose_name = "代办员"
        indexes = [models.Index(fields=["area_code"], name="agent_card_area")]
