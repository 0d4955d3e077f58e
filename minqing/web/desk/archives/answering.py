"""How every act of the archives is asked and answered: form, what will happen, one action, the undo bar.

Invariants: bad input answers 422 with the form and every word typed; a refusal is a sentence above the form, never an
error page; after success one is sent on, with the act's id in the address so that the next page offers to take it back.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from minqing.access.scope import NotAllowed
from minqing.archives import refusals
from minqing.archives.actions import acts
from minqing.archives.models import Act
from minqing.web.shared.middleware import StaffRequest


@dataclass
class Ask:
    """One act's page: `says` tells what will happen, `ok` is the verb on the button."""

    title: str
    ok: str
    back: str
    says: Sequence[str] = ()
    crumbs: Sequence[tuple[str, str]] = ()
    tone: str = ""
    about: str = ""
    more: dict[str, Any] = field(default_factory=dict)
    template: str = "desk/archives/act.html"


def answer(request: StaffRequest, page: Ask, form: forms.Form, do: Callable[[dict[str, Any]], str]) -> HttpResponse:
    """Show the form; on a valid post call `do(cleaned_data)`, which acts and returns where to go."""
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                target = do(form.cleaned_data)
        except refusals.NotHere as refusal:
            raise Http404(str(refusal)) from refusal
        except refusals.Conflict as conflict:
            return conflict_page(request, page, form, conflict)
        except refusals.NeedsHead as refusal:
            ask_for_head(form, refusal)
        except refusals.LooksAlike as refusal:
            ask_for_sure(form, refusal)
            page.more["alike"] = refusal.persons
        except refusals.AlreadyHere as refusal:
            form.add_error(None, str(refusal))
            page.more["already"] = refusal.person
        except refusals.NeedsReason as refusal:
            ask_for_reason(form, refusal)
        except (refusals.Refused, NotAllowed) as refusal:
            form.add_error(None, str(refusal))
        except IntegrityError:
            form.add_error(None, _("这样保存会与已有的记录冲突（例如此人已在另一户），请核对后再办。"))
        else:
            return done(request, target)
    context = {"page": page, "form": form, **page.more}
    return render(request, page.template, context, status=422 if form.errors else 200)


def done(request: StaffRequest, target: str) -> HttpResponse:
    """Go on to `target`; the act made in this request (its time is the request's) can be taken back there."""
    made = acts.done_by(by=request.me, since=request.now, limit=1)
    if made and made[0].undo_until:
        target += ("&" if "?" in target else "?") + f"act={made[0].pk}"
    return HttpResponseRedirect(target)


def offer_undo(request: StaffRequest) -> None:
    """Put the undo bar on the page that follows an act, while its ten minutes run."""
    try:
        number = uuid.UUID(request.GET.get("act", ""))
    except ValueError:
        return
    act = Act.objects.filter(pk=number, staff=request.me.id).first()
    if act is not None and act.undo_until and acts.may_undo(act, request.now):
        seconds = int((act.undo_until - request.now).total_seconds())
        request.undo = {"text": act.sentence, "url": "/undo/", "seconds": seconds, "token": str(act.pk)}  # type: ignore[attr-defined]


def conflict_page(request: StaffRequest, page: Ask, form: forms.Form, conflict: refusals.Conflict) -> HttpResponse:
    """Somebody changed the field meanwhile: both values, the person chooses."""
    rows = [{"label": conflict.label, "left": conflict.mine, "right": conflict.theirs, "verdict": "differs", "reason": ""}]
    hidden = {k: v for k, v in request.POST.items() if k not in ("csrfmiddlewaretoken", "seen")}
    return render(request, "desk/archives/conflict.html", {"page": page, "rows": rows, "conflict": conflict, "hidden": hidden, "seen": conflict.theirs}, status=409)


def ask_for_head(form: forms.Form, refusal: refusals.NeedsHead) -> None:
    choices = [(str(number), f"{name}（{relation}）" if relation else name) for number, name, relation in refusal.candidates]
    form.fields["new_head"] = forms.ChoiceField(label=_("下一位户主"), choices=choices, widget=forms.RadioSelect, initial=choices[0][0] if choices else None)
    form.add_error(None, str(refusal))


def ask_for_sure(form: forms.Form, refusal: refusals.LooksAlike) -> None:
    form.fields["confirmed"] = forms.BooleanField(label=_("看过了，不是同一个人，照样登记"), required=False)
    form.add_error(None, str(refusal))


def ask_for_reason(form: forms.Form, refusal: refusals.NeedsReason) -> None:
    form.fields["reason"] = forms.CharField(label=_("事由"), min_length=4, max_length=200, required=True)
    form.add_error(None, str(refusal))


def extra(request: StaffRequest, name: str) -> Any:
    """A field that was added after a refusal (next head, confirmation) as posted."""
    return request.POST.get(name) or None


def head_of(request: StaffRequest) -> uuid.UUID | None:
    """The next head chosen after `NeedsHead`."""
    try:
        return uuid.UUID(request.POST.get("new_head", ""))
    except ValueError:
        return None


def back_to(request: StaffRequest, fallback: str) -> str:
    """The page of this program one came from, without its undo offer; `fallback` otherwise."""
    came = urlsplit(request.headers.get("Referer", ""))
    if came.netloc == request.get_host() and came.path.startswith("/"):
        return came.path
    return fallback
