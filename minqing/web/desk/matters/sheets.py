"""事情单: one matter on one page, on one sheet of paper; its parties revealed with a reason; its photos and papers.

Invariant: a full name or number is shown only in the answer to a post; a file is sent only after its opening is written down.
"""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from minqing.access.actions import audit
from minqing.service.actions import attachments, errands, moving
from minqing.service.queries import files
from minqing.service.refusals import NeedsReason, NotHere, Refused
from minqing.web.desk.archives.printouts import as_pdf
from minqing.web.desk.matters import presenting
from minqing.web.desk.volunteers import helping
from minqing.web.shared import printing
from minqing.web.shared.middleware import StaffRequest


def file_or_404(request: StaffRequest, matter: uuid.UUID) -> files.File:
    try:
        return files.open_file(request.me, matter, at=request.now)
    except NotHere as error:
        raise Http404 from error


def matter_file(request: StaffRequest, matter: uuid.UUID) -> HttpResponse:
    """The page of a matter."""
    file = file_or_404(request, matter)
    crumbs = [(_("事情"), reverse("matter-list")), (file.matter.title, "")]
    photos = [{"id": a.pk, "photo": a.media == "image/jpeg", "label": _(dict(a.KINDS)[a.kind]), "name": attachments.name_of(a, file.matter.restricted), "when": presenting.when(a.made_at)} for a in file.attachments]
    return render(request, "desk/matters/file.html", {"file": file, "m": file.matter, "crumbs": crumbs, "photos": photos, "helps": helping.of_matter(file.matter, request.me), "may_arrange": errands.may_arrange(file.matter, request.me), "may_plot": "plot" in file.also, "may_mediate": "mediate" in file.also and not any(x[3] for x in file.mediations), **presenting.file_context(file, request.me)})


def sheet_print(request: StaffRequest, matter: uuid.UUID) -> HttpResponse:
    """一事一表: one A4 sheet, names and numbers masked, audited."""
    with audit.together():
        file = file_or_404(request, matter)
        audit.record("matter.print", persons=[p.person for p in file.people if p.person], detail={"matter": str(matter)})
    context = {"file": file, "m": file.matter, **printing.frame(request.me, request.now), **presenting.file_context(file, request.me)}
    return as_pdf(printing.pdf("desk/matters/sheet.html", context), f"matter-{file.matter.number}")


@require_POST
def reveal(request: StaffRequest, matter: uuid.UUID) -> HttpResponse:
    """Name, telephone, address of one party, once; a fragment for htmx, a plain page otherwise."""
    context: dict[str, Any] = {"matter": matter}
    try:
        row = moving.get(matter, request.me)
        party = uuid.UUID(request.POST.get("party", ""))
        context |= {"party": party, "shown": files.reveal(request.me, row, party, reason=request.POST.get("reason", ""))}
        status = 200
    except NeedsReason as refusal:
        context, status = context | {"party": request.POST.get("party", ""), "refused": str(refusal)}, 422
    except (NotHere, ValueError) as error:
        raise Http404 from error
    return render(request, "desk/matters/revealed_part.html" if request.htmx else "desk/matters/revealed.html", context, status=status)  # type: ignore[attr-defined]


def attachment(request: StaffRequest, attachment: uuid.UUID) -> HttpResponse:
    """A photo with who looks at it written across; a paper to download."""
    try:
        found = attachments.show(attachment=attachment, by=request.me, at=request.now)
    except NotHere as error:
        raise Http404 from error
    except Refused as refusal:
        return render(request, "desk/refused.html", {"sentence": str(refusal)}, status=409)
    kind = "inline" if found.media.startswith(("image/", "audio/")) else "attachment"
    name = f"photo-{str(attachment)[:8]}.jpg" if found.media == "image/jpeg" else found.name
    return HttpResponse(found.content, content_type=found.media, headers={"Content-Disposition": f"{kind}; filename*=UTF-8''{quote(name)}", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"})
