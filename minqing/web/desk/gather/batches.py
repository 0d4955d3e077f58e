"""归集文件: the list of batches, the upload, one batch with its progress, report, resume and undo.

Invariant: nothing is read while somebody waits for a page: a page stores files and asks the worker; what is going on is
asked again every two seconds, or by reloading.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from minqing.access.rules.roles import Right
from minqing.access.scope import NotAllowed
from minqing.gather import queries
from minqing.gather.actions import batches, report, undo
from minqing.gather.models import Batch, Question
from minqing.web.desk.archives.answering import offer_undo
from minqing.web.desk.gather.forms import ACCEPTED, UploadForm
from minqing.web.shared.middleware import StaffRequest

#: Without a step after this long, nobody seems to be working: say so.
PATIENCE = timedelta(minutes=2)
#: Label of a step → until which percentage it lasts (load.run counts so).
STEPS = (("读文件", 12), ("清洗核对", 36), ("比对", 48), ("定值", 55), ("写进档案", 98), ("完成", 100))
TONES = {"waiting": "och", "running": "brand", "done": "bam", "failed": "cin", "undoing": "och", "undone": ""}
FILE_TONES = {"waiting": "", "imported": "bam", "duplicate": "", "older_period": "och", "refused": "cin"}
#: Texts, slides and pictures: what a department sends where a table was asked for.
NO_TABLES = frozenset([".doc", ".docx", ".wps", ".pdf", ".ofd", ".ppt", ".pptx", ".jpg", ".jpeg", ".png", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".heic"])
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def batch_list(request: StaffRequest) -> HttpResponse:
    """Newest first."""
    _may_gather(request)
    page = queries.batch_list(after=request.GET.get("after", ""))
    rows = [{"line": line, "state": state_words(line.batch), "tone": TONES.get(line.batch.state, ""), "rows": f"{line.batch.counts['rows']:,}" if "rows" in line.batch.counts else "—"} for line in page.rows]
    later = reverse("gather-list") + "?after=" + quote(page.next) if page.next else ""
    return render(request, "desk/gather/list.html", {"rows": rows, "next": later, "start": reverse("gather-list") if request.GET.get("after") else ""})


def _may_gather(request: StaffRequest) -> None:
    if not request.me.holds(Right.GATHER):
        raise NotAllowed(_("您的任职不含归集文件。请由县数据管理员，或本村书记、文书办理。"))


def state_words(batch: Batch) -> str:
    """The state as a person says it."""
    if batch.state == "running":
        return _("归集中 %d%%") % batch.progress
    return _(batch.get_state_display())


def upload(request: StaffRequest) -> HttpResponse:
    """Choose files; what was typed stays when something is wrong."""
    _may_gather(request)
    form = UploadForm(request.POST or None, me=request.me)
    error = ""
    if request.method == "POST":
        files = request.FILES.getlist("files")
        error = why_not(files)
        if form.is_valid() and not error:
            label = form.cleaned_data["label"].strip() or names_of(files)
            try:
                batch = batches.receive(sources=named(files), area=form.cleaned_data["area"], label=label, by=request.me, at=request.now)
                batches.enqueue(batch)
            except batches.Refused as refusal:
                error = str(refusal)
            else:
                messages.success(request, _("已收到 %d 个文件，正在归集。可以离开这一页，归集会自己做完。") % len(files))
                return HttpResponseRedirect(reverse("gather-batch", kwargs={"batch": batch.pk}))
    context = {"form": form, "error": error, "accept": ",".join(ACCEPTED), "limit": settings.UPLOAD_MB, "crumbs": [(_("归集文件"), reverse("gather-list")), (_("上传文件"), "")]}
    return render(request, "desk/gather/upload.html", context, status=422 if error or form.errors else 200)


def why_not(files: Sequence[Any]) -> str:
    """'' or the sentence that says which file is wrong and what to do."""
    if not files:
        return _("还没有选文件。请选 Excel（xls、xlsx、ods）或 CSV 文件。")
    for file in files:
        ending = Path(file.name).suffix.lower()
        if ending in (".zip", ".rar", ".7z"):
            return _("“%s”是压缩包。请先解压，再把里面的表格一起选上。") % file.name
        if ending in NO_TABLES:
            return _("“%s”不是表格，读不出行和列。请向来源部门要 Excel 或 CSV 文件。") % file.name
        if ending not in ACCEPTED:
            return _("“%(name)s”不是能归集的文件。可以用：%(kinds)s。") % {"name": file.name, "kinds": "、".join(a[1:] for a in ACCEPTED)}
        if not file.size:
            return _("“%s”是空文件，请重新导出。") % file.name
    total = sum(f.size for f in files) / 1024 / 1024
    if total > settings.UPLOAD_MB:
        return _("一共 %(total).0f MB，超过一次 %(limit)d MB。请分几次上传，或请管理员在服务器上用 minqing gather load 归集。") % {"total": total, "limit": settings.UPLOAD_MB}
    return ""


def named(files: Sequence[Any]) -> list[tuple[str, Path]]:
    """(name, where it lies); two files of one name stay two."""
    taken: set[str] = set()
    found = []
    for file in files:
        plain = Path(str(file.name).replace("\\", "/")).name
        name, n = plain, 1
        while name in taken:
            n += 1
            name = f"{Path(plain).stem} ({n}){Path(plain).suffix}"
        taken.add(name)
        found.append((name, Path(file.temporary_file_path())))
    return found


def names_of(files: Sequence[Any]) -> str:
    first = "、".join(Path(f.name).stem for f in files[:2])
    return first if len(files) < 3 else _("%(first)s等 %(n)d 个文件") % {"first": first, "n": len(files)}


def batch_or_404(number: uuid.UUID) -> Batch:
    found = Batch.objects.filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def one(request: StaffRequest, batch: uuid.UUID) -> HttpResponse:
    """A batch: how it stands, what came of it, its files, what can be done."""
    row = batch_or_404(batch)
    offer_undo(request)
    detail = queries.batch_detail(row)
    context = {
        "detail": detail, "batch": row, "crumbs": [(_("归集文件"), reverse("gather-list")), (row.label, "")], "figures": figures(detail) if row.state in ("done", "undoing", "undone") else [],
        "files": [{"line": f, "tone": FILE_TONES.get(f.file.state, ""), "size": size_words(f.file.bytes), "rows": f"{f.file.rows:,}"} for f in detail.files], "has_report": report.path_of(row.pk).exists(),
        "dropped": dropped(detail), "mine": row.by == request.me.id,
        "may_undo": row.state in ("done", "failed"), "asked_url": reverse("question-list") + f"?batch={row.pk}", "undone": row.counts.get("undone") or {},
    } | living(request, row)
    return render(request, "desk/gather/batch.html", context)


def living(request: StaffRequest, row: Batch) -> dict[str, Any]:
    """What changes while a batch runs: for the page and for its fragment."""
    since = max(row.made_at, row.started_at or row.made_at)
    return {
        "live": row.state in queries.LIVE, "state": state_words(row), "tone": TONES.get(row.state, ""), "steps": steps(row),
        "stuck": row.state == "waiting" and request.now - since > PATIENCE, "minutes": int((request.now - since).total_seconds() // 60),
    }


def steps(row: Batch) -> list[dict[str, str]]:
    """The stations of a batch with their state."""
    found, before = [], 0
    for name, until in STEPS:
        if row.state == "done" or row.progress >= until:
            state = "done"
        else:
            state = "now" if row.state == "running" and before <= row.progress < until else ""
        found.append({"label": _(name), "state": state})
        before = until
    return found


def figures(detail: queries.BatchDetail) -> list[dict[str, Any]]:
    """Counts with their base, in the words of the field."""
    counts = detail.batch.counts
    people = sum(counts.get(f"persons_{k}", 0) for k in ("new", "changed", "same"))
    rows = [
        (_("数据行"), "rows", "", _("行"), _("略过 %d 行（合计、空行、示例）") % counts.get("skipped", 0)),
        (_("与以前相同的行"), "same_rows", counts.get("rows", 0), _("行"), _("没有重复入库")),
        (_("新登记的人"), "persons_new", people, _("人"), ""),
        (_("有更新的人"), "persons_changed", people, _("人"), ""),
        (_("没有变化的人"), "persons_same", people, _("人"), ""),
        (_("新建的户"), "households_new", "", _("户"), _("有更新 %d 户") % counts.get("households_changed", 0)),
        (_("两边说法不同"), "conflicts", "", _("处"), _("都留着，各注来源")),
        (_("本期未出现"), "missing", "", _("人"), _("上期有、这期没有；不会删除")),
    ]
    return [{"label": label, "value": f"{counts.get(key, 0):,}", "base": f"{base:,}" if base else "", "unit": unit, "note": note} for label, key, base, unit, note in rows if key in counts]


def dropped(detail: queries.BatchDetail) -> list[dict[str, str]]:
    """Columns not taken, each heading and reason once, with its files."""
    found: dict[tuple[str, str], list[str]] = {}
    for f in detail.files:
        for name, sentence in f.dropped:
            found.setdefault((name, sentence), []).append(Path(f.file.path).name)
    return [{"name": name, "sentence": sentence, "paths": "、".join(paths[:3]) + (_(" 等 %d 个文件") % len(paths) if len(paths) > 3 else "")} for (name, sentence), paths in found.items()]


def size_words(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB" if size >= 1024 * 1024 else f"{max(1, round(size / 1024))} KB"


def progress(request: StaffRequest, batch: uuid.UUID) -> HttpResponse:
    """The living part alone; when the batch rests, the whole page comes anew."""
    row = batch_or_404(batch)
    if row.state not in queries.LIVE:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return render(request, "desk/gather/progress.html", {"batch": row} | living(request, row))


@require_POST
def resume(request: StaffRequest, batch: uuid.UUID) -> HttpResponse:
    """Go on where it was interrupted; only its own officer, whose rights it runs with."""
    row = batch_or_404(batch)
    try:
        batches.resume(batch=row.pk, by=request.me)
    except batches.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("已接着归集，从中断的地方继续。"))
    return HttpResponseRedirect(reverse("gather-batch", kwargs={"batch": row.pk}))


def undo_batch(request: StaffRequest, batch: uuid.UUID) -> HttpResponse:
    """Say what would happen; then ask the worker to do it."""
    row = batch_or_404(batch)
    back = reverse("gather-batch", kwargs={"batch": row.pk})
    error = ""
    if request.method == "POST":
        try:
            undo.check(row.pk, by=request.me)
            batches.enqueue(row, "gather.undo")
        except undo.Refused as refusal:
            error = str(refusal)
        else:
            messages.success(request, _("正在撤销这个批次。"))
            return HttpResponseRedirect(back)
    counts = row.counts
    answered = Question.objects.filter(batch_id=row.pk, state="answered").count()
    says = [
        _("这批新登记的 %(persons)s 人、%(households)s 户作废，在名单和查找里不再出现。") % {"persons": counts.get("persons_new", 0), "households": counts.get("households_new", 0)},
        _("这批更新过的 %s 人恢复到归集之前的值。") % counts.get("persons_changed", 0),
        _("之后又有人改过的，保持现在的样子，不撤；撤完会告诉您有多少处。"),
        _("还没答的核对问题关掉；已经答过的 %d 个留着。") % answered,
        _("文件的陈述留作历史，不再起作用；同样的文件以后可以再归集。"),
    ]
    context = {"batch": row, "says": says, "error": error, "back": back, "crumbs": [(_("归集文件"), reverse("gather-list")), (row.label, back), (_("撤销"), "")]}
    return render(request, "desk/gather/undo.html", context, status=422 if error else 200)


def download(request: StaffRequest, batch: uuid.UUID) -> HttpResponse:
    """The row-level report as an Excel file; audited."""
    row = batch_or_404(batch)
    try:
        content = report.read(row.pk, by=request.me)
    except report.Absent as absent:
        messages.error(request, str(absent))
        return HttpResponseRedirect(reverse("gather-batch", kwargs={"batch": row.pk}))
    name = _("归集报告") + f"-{row.label}-{timezone.localtime(row.made_at):%Y%m%d}.xlsx".replace("/", "、")
    return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"})
