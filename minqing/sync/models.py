"""A phone, what it sent, photos on their way, sealed boxes and sealed files.

Invariants: every row belongs to one member of staff and is seen by nobody else; an operation's id comes from the phone and is kept
for good, so that the same one twice is one; what it holds is encrypted and erased once it is applied.
"""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Device(models.Model):
    STATES = [("active", "在用"), ("revoked", "已停用"), ("lost", "已遗失")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    staff = models.UUIDField("谁的手机")
    name = models.CharField("手机名称", max_length=60)
    public_key = models.CharField("公钥", max_length=200, blank=True)
    state = models.CharField("状态", max_length=8, choices=STATES, default="active")
    registered_at = models.DateTimeField("登记时间")
    seen_at = models.DateTimeField("上次同步")
    lease_until = models.DateTimeField("档案可用到")
    codes = models.TextField("领取的范围", blank=True)  # area codes of the copy that was last logged
    closed_by = models.UUIDField("谁停用的", null=True)
    closed_at = models.DateTimeField("停用时间", null=True)

    class Meta:
        verbose_name = "手机"
        indexes = [models.Index(fields=["staff"], name="sync_device_staff")]

    def __str__(self) -> str:
        return self.name


class Operation(models.Model):
    STATES = [("applied", "已办"), ("conflict", "已收，待选"), ("waiting", "等待"), ("later", "待升级"), ("refused", "需处理"), ("discarded", "已放弃")]

    id = models.UUIDField(primary_key=True)
    staff = models.UUIDField("谁做的")
    device = models.ForeignKey(Device, models.PROTECT, related_name="operations", verbose_name="哪台手机")
    kind = models.CharField("种类", max_length=40)
    target = models.UUIDField("对谁", null=True)
    made_at = models.DateTimeField("手机上的时间")
    received_at = models.DateTimeField("收到时间")
    offset_seconds = models.IntegerField("手机时钟快几秒", default=0)
    digest = models.CharField("内容摘要", max_length=64)
    needs = ArrayField(models.UUIDField(), default=list, verbose_name="等哪些操作")
    state = models.CharField("结果", max_length=10, choices=STATES)
    content = models.BinaryField("内容(密文)", null=True)  # null: applied or discarded
    answer = models.BinaryField("答复(密文)", null=True)

    class Meta:
        verbose_name = "手机操作"
        indexes = [models.Index(fields=["staff", "received_at"], name="sync_operation_open", condition=models.Q(state__in=["waiting", "later", "refused"]))]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Blob(models.Model):
    id = models.UUIDField(primary_key=True)
    staff = models.UUIDField("谁传的")
    size = models.PositiveIntegerField("大小")
    sha256 = models.CharField("摘要", max_length=64)
    media = models.CharField("类型", max_length=40)
    made_at = models.DateTimeField("开始时间")
    used_at = models.DateTimeField("用上的时间", null=True)

    class Meta:
        verbose_name = "手机照片"
        indexes = [models.Index(fields=["staff"], name="sync_blob_staff")]


class Part(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    blob = models.ForeignKey(Blob, models.CASCADE, related_name="parts", verbose_name="哪张照片")
    no = models.PositiveSmallIntegerField("第几段")
    content = models.BinaryField("内容(密文)")

    class Meta:
        verbose_name = "照片的一段"
        constraints = [models.UniqueConstraint(fields=["blob", "no"], name="sync_part_once")]


class Box(models.Model):
    STATES = [("kept", "待确认"), ("confirmed", "已确认"), ("discarded", "已放弃")]

    id = models.UUIDField(primary_key=True)
    device = models.ForeignKey(Device, models.PROTECT, related_name="boxes", verbose_name="哪台手机")
    staff = models.UUIDField("谁的")
    received_at = models.DateTimeField("收到时间")
    content = models.BinaryField("封存的内容", null=True)
    digest = models.BinaryField("内容摘要")
    state = models.CharField("状态", max_length=10, choices=STATES, default="kept")
    done_at = models.DateTimeField("确认时间", null=True)

    class Meta:
        verbose_name = "封存的手机操作"
        indexes = [models.Index(fields=["staff"], name="sync_box_staff", condition=models.Q(state="kept"))]


class SealedFile(models.Model):
    """A photo or a recording that came without a log-in: its key sealed to the server, its bytes in parts. Its id is that of the photo."""

    STATES = [("kept", "等确认"), ("used", "已附上"), ("discarded", "已放弃")]

    device_id: uuid.UUID
    id = models.UUIDField(primary_key=True)
    device = models.ForeignKey(Device, models.PROTECT, related_name="sealed_files", verbose_name="哪台手机")
    staff = models.UUIDField("谁的")
    received_at = models.DateTimeField("开始时间")
    size = models.PositiveIntegerField("大小")
    header = models.BinaryField("封存的钥匙", null=True)
    digest = models.BinaryField("密文摘要")
    state = models.CharField("状态", max_length=10, choices=STATES, default="kept")
    done_at = models.DateTimeField("附上或放弃时间", null=True)

    class Meta:
        verbose_name = "封存的照片和录音"
        indexes = [
            models.Index(fields=["staff"], name="sync_sealedfile_staff", condition=models.Q(state="kept")), models.Index(fields=["device"], name="sync_sealedfile_device", condition=models.Q(state="kept")),
            models.Index(fields=["received_at"], name="sync_sealedfile_old", condition=models.Q(state="kept")),
        ]


class SealedPart(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    file = models.ForeignKey(SealedFile, models.CASCADE, related_name="parts", verbose_name="哪个封存的照片")
    no = models.PositiveSmallIntegerField("第几段")
    content = models.BinaryField("内容(封存)")

    class Meta:
        verbose_name = "封存照片的一段"
        constraints = [models.UniqueConstraint(fields=["file", "no"], name="sync_sealedpart_once")]
