"""跨区域通办: partner counties, what they do for people, errands handed over to them and taken over from them.

Invariants: a parcel hangs on its errand's matter and is seen from its seats alone; none goes out without the person's consent, its
way and its hour; what left stands beside it (fields, materials), which is the record of the disclosure; every word about it is a step
with the id of its letter, so that the same letter twice is one; one errand is at one other county at a time.
"""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from minqing.access.models.fields import CodeField
from minqing.service.models.fields import DeskField
from minqing.service.models.matters import Matter
from minqing.service.rules import parcels


class Partner(models.Model):
    """A county with which cards were exchanged. `columns`: what a heading of its catalogue means."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    area_code = CodeField("本县")
    code = models.CharField("对方县代码", max_length=6)
    name = models.CharField("对方县", max_length=60)
    card = models.CharField("名片", max_length=160)
    url = models.CharField("接口地址", max_length=200, blank=True)
    receipt_hours = models.PositiveSmallIntegerField("几小时没有回执算丢了", default=24)
    columns = models.JSONField("列名对照", default=dict)  # {heading as compared: key, '' = not taken}
    made_by = models.UUIDField("谁设的")
    made_at = models.DateTimeField("何时设的")
    ended_at = models.DateTimeField("停用时间", null=True)

    class Meta:
        verbose_name = "对方县"
        constraints = [
            models.UniqueConstraint(fields=["area_code", "code"], name="partner_once", condition=models.Q(ended_at__isnull=True), violation_error_message="这个县已经有了。"),
            models.CheckConstraint(condition=~models.Q(area_code=models.F("code")), name="partner_is_another", violation_error_message="不能和自己通办。"),
            models.CheckConstraint(condition=models.Q(receipt_hours__gte=1, receipt_hours__lte=240), name="partner_receipt_hours", violation_error_message="回执时限请写 1 到 240 小时。"),
        ]

    def __str__(self) -> str:
        return self.name


class PartnerItem(models.Model):
    """One thing that a partner does for people, and which of ours it is. `item` = our code, '' = not settled; `no_match` = none of ours."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    partner_id: uuid.UUID
    partner = models.ForeignKey(Partner, models.CASCADE, related_name="items", verbose_name="哪个县")
    area_code = CodeField("本县")
    key = models.CharField("认它的代码或名称", max_length=60)
    code = models.CharField("对方代码", max_length=40, blank=True)
    name = models.CharField("对方事项", max_length=60)
    fields = models.JSONField("表格内容", default=list)  # [{"label", "field"}], no field = asked from the person
    materials = ArrayField(models.CharField(max_length=60), default=list, verbose_name="材料")
    days = models.DecimalField("承诺工作日", max_digits=5, decimal_places=1, null=True)
    where = models.CharField("在哪里办", max_length=60, blank=True)
    note = models.CharField("注意", max_length=300, blank=True)
    item = models.CharField("本县事项代码", max_length=24, blank=True)
    no_match = models.BooleanField("本县没有这一项", default=False)
    missing_since = models.DateField("从哪次起目录里没有了", null=True)
    made_by = models.UUIDField("谁设的")
    made_at = models.DateTimeField("何时设的")

    class Meta:
        verbose_name = "对方县事项"
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["partner", "key"], name="partner_item_once"),
                       models.CheckConstraint(condition=~models.Q(no_match=True) | models.Q(item=""), name="partner_item_one_answer", violation_error_message="对上了就不能又说没有。")]

    def __str__(self) -> str:
        return self.name


class Parcel(models.Model):
    """An errand at another county (out), or of another county here (in). Its id is the id on the envelope."""

    DIRECTIONS = [("out", "寄出"), ("in", "收到")]
    CONSENTS = [("signed", "当面签字"), ("spoken", "电话里同意，有录音"), ("agent", "受托人当面签字，有委托书")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    matter_id: uuid.UUID
    matter = models.ForeignKey(Matter, models.CASCADE, related_name="parcels", verbose_name="哪件事")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+", verbose_name="哪个县")
    partner_code = models.CharField("对方县代码", max_length=6)
    desk_code = DeskField("本处")
    direction = models.CharField("方向", max_length=3, choices=DIRECTIONS)
    state = models.CharField("状态", max_length=8, choices=parcels.STATES)
    item_name = models.CharField("对方事项", max_length=60)
    their_number = models.CharField("对方编号", max_length=40, blank=True)
    labels = ArrayField(models.CharField(max_length=40), default=list, verbose_name="带去的内容")
    materials = ArrayField(models.CharField(max_length=60), default=list, verbose_name="带去的材料")
    content_cipher = models.BinaryField("内容(密文)", null=True)  # null: erased after its time
    digest = models.BinaryField("内容(带密钥散列)")
    size = models.PositiveIntegerField("字节")
    consent_how = models.CharField("本人怎么同意的", max_length=8, choices=CONSENTS, blank=True)
    consent_at = models.DateTimeField("何时同意", null=True)
    made_by = models.UUIDField("谁备的、谁收的", null=True)  # null: the worker took it in
    made_at = models.DateTimeField("何时")
    sent_at = models.DateTimeField("送出", null=True)
    receipt_due_at = models.DateTimeField("回执时限", null=True)
    received_at = models.DateTimeField("对方收到", null=True)
    settled_at = models.DateTimeField("有了结果", null=True)
    attempts = models.PositiveSmallIntegerField("送过几次", default=0)
    trouble = models.CharField("上次为什么没有送到", max_length=300, blank=True)
    trouble_said = models.JSONField("上次为什么没有送到(代码和内容)", default=dict)
    dropped_why = models.CharField("为什么不再等对方", max_length=120, blank=True)

    class Meta:
        verbose_name = "通办包裹"
        indexes = [models.Index(fields=["matter"], name="parcel_matter"), models.Index(fields=["desk_code", "-made_at"], name="parcel_desk"),
                   models.Index(fields=["desk_code"], name="parcel_open", condition=models.Q(state__in=["packed", "sent", "received", "accepted", "refused", "done"]))]
        constraints = [
            models.UniqueConstraint(fields=["matter"], name="parcel_open_once", condition=models.Q(direction="out", state__in=["packed", "sent", "received", "accepted"]), violation_error_message="这件代办已经有一个包裹在路上。"),
            models.CheckConstraint(condition=models.Q(direction="in") | (~models.Q(consent_how="") & models.Q(consent_at__isnull=False, consent_at__lte=models.F("made_at"))), name="parcel_consent_first", violation_error_message="没有记下本人同意，不能寄。"),
            models.CheckConstraint(condition=models.Q(direction="out") | ~models.Q(state__in=["packed", "sent", "dropped"]), name="parcel_in_state"),
            models.CheckConstraint(condition=~models.Q(state="dropped") | ~models.Q(dropped_why=""), name="parcel_dropped_why", violation_error_message="请写明为什么不再等对方。"),
        ]

    def __str__(self) -> str:
        return self.item_name


class ParcelStep(models.Model):
    """One word about a parcel: theirs to us, ours to them (with when it was handed over), or what we did."""

    DIRECTIONS = [("in", "对方说"), ("out", "告诉对方"), ("own", "本处")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    parcel_id: uuid.UUID
    parcel = models.ForeignKey(Parcel, models.CASCADE, related_name="steps", verbose_name="哪个包裹")
    matter = models.ForeignKey(Matter, models.CASCADE, related_name="+", verbose_name="哪件事")
    direction = models.CharField("谁说的", max_length=3, choices=DIRECTIONS)
    state = models.CharField("说到哪一步", max_length=8, choices=parcels.STATES)
    words_cipher = models.BinaryField("怎么说的(密文)", null=True)
    staff = models.UUIDField("经手人", null=True)
    at = models.DateTimeField("何时")
    handed_at = models.DateTimeField("何时交给对方", null=True)

    class Meta:
        verbose_name = "包裹进展"
        indexes = [models.Index(fields=["parcel", "at"], name="parcel_step"), models.Index(fields=["parcel"], name="parcel_step_waiting", condition=models.Q(direction="out", handed_at__isnull=True))]


class ParcelRefusal(models.Model):
    """A file that was not taken: who brought it, what it said it was, why not. Nothing of its inside is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    desk_code = DeskField("本处")
    at = models.DateTimeField("何时")
    by = models.UUIDField("谁收的", null=True)
    way = models.CharField("怎么来的", max_length=6, choices=[("file", "文件"), ("http", "接口")])
    code = models.CharField("原因代码", max_length=12)
    sentence = models.CharField("为什么没有收", max_length=300)
    said = models.JSONField("为什么没有收(代码和内容)", default=dict)
    claimed_from = models.CharField("自称从哪个县来", max_length=12, blank=True)
    claimed_id = models.UUIDField("自称的编号", null=True)
    genuine = models.BooleanField("签名对", default=False)
    digest = models.BinaryField("文件的散列")

    class Meta:
        verbose_name = "没有收的包裹"
        indexes = [models.Index(fields=["desk_code", "-at"], name="parcel_refusal_desk")]
