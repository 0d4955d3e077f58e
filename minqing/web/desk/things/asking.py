"""How an act on an errand or an offer is asked and answered: its own page with what will happen, one action, a sentence.

Invariants: bad input answers 422 with every word typed and the sentence beside its field; what is not the caller's to see is not
found; a page that changed meanwhile says so instead of acting on what was not seen.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from minqing.access.scope import Me, NotAllowed
from minqing.service.refusals import Missing, NeedsReason, NotHere, Refused
from minqing.web.desk.archives.answering import Ask
from minqing.web.shared.middleware import StaffRequest

Row = TypeVar("Row")
CTL = {"class": "ctl"}
TEMPLATE = "desk/things/act.html"


def answer(request: StaffRequest, page: Ask, form: forms.Form, do: Callable[[dict[str, Any]], str], *, template: str = TEMPLATE) -> HttpResponse:
    """Show the form; on a valid post call `do(cleaned_data)`, which acts and returns where to go."""
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                target = do(form.cleaned_data)
        except NotHere as refusal:
            raise Http404(str(refusal)) from refusal
        except Missing as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        except NeedsReason as refusal:
            form.add_error("reason" if "reason" in form.fields else None, str(refusal))
        except (Refused, NotAllowed) as refusal:
            form.add_error(None, str(refusal))
        else:
            return HttpResponseRedirect(target)
    return render(request, template, {"page": page, "form": form, **page.more}, status=422 if form.errors else 200)


def or_404(get: Callable[[uuid.UUID, Me], Row], pk: uuid.UUID, me: Me) -> Row:
    """The row of an address, by the action that finds it for him."""
    try:
        return get(pk, me)
    except NotHere as refusal:
        raise Http404(str(refusal)) from refusal


def at_once(request: StaffRequest, do: Callable[[], str], target: str, *, said: bool = True) -> HttpResponse:
    """An act without a question: done and said, or refused and said, on the page it came from."""
    try:
        with transaction.atomic():
            words = do()
    except NotHere as refusal:
        raise Http404(str(refusal)) from refusal
    except (Refused, NotAllowed) as refusal:
        messages.error(request, str(refusal))
    else:
        if said and words:
            messages.success(request, words)
    return HttpResponseRedirect(target)


def words_field(label: Any, *, rows: int = 3, help_text: Any = "", required: bool = True, most: int = 1000) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, required=required, help_text=help_text, widget=forms.Textarea({**CTL, "rows": rows}))


def text_field(label: Any, *, help_text: Any = "", required: bool = True, most: int = 60, **attrs: str) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, required=required, help_text=help_text, widget=forms.TextInput({**CTL, "autocomplete": "off", **attrs}))


def radio_field(label: Any, choices: list[tuple[str, Any]], *, initial: str = "", required: bool = True) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, initial=initial or (choices[0][0] if len(choices) == 1 else None), required=required, widget=forms.RadioSelect)
