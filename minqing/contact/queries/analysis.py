"""The month's analysis: what its sentences are made of, one analysis for its page, what waits.

Invariants: figures are those of service.queries.figures, counted nowhere else; texts are those of matters that the writer sees, without the ones asked to
be kept in confidence; every read stays in one area's index ranges; of names only those that must not become words are looked at, and none is kept.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connections
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.models import Area, Staff
from minqing.access.queries import former, today
from minqing.access.rules.roles import ROLES, Right
from minqing.access.scope import Me
from minqing.contact import vault
from minqing.contact.models import Analysis, Decision, DecisionWord, Finding
from minqing.contact.queries import due
from minqing.contact.rules import analysis as rules
from minqing.service import vault as matter_vault
from minqing.service.models import Matter
from minqing.service.queries import figures, limits, lists, offers

MOST_TEXTS, MOST_SHOWN, MOST_MONTHS = 600, 60, 36
VILLAGE = 12


# --- facts ----------------------------------------------------------------------------------------------------------------------


def month_after(month: date, n: int = 1) -> date:
    """The first day of the month `n` later (earlier where negative)."""
    total = month.year * 12 + month.month - 1 + n
    return date(total // 12, total % 12 + 1, 1)


def facts(me: Me, *, area: str, month: date, at: datetime, eyes: bool) -> rules.Facts:
    """`eyes`: a person asks who may read the village's files; the job of the 1st does not. Ten statements, and with eyes nine more and the audit."""
    now, before, year = (_month(me, area, m) for m in (month, month_after(month, -1), month_after(month, -12)))
    lying = figures.open_now(me, area=area)
    found = rules.Facts(area, now, before, year, rules.Lying(lying.late, lying.states.get("suspended", 0), [rules.Cell(code, lying.names.get(code, code), n) for code, n in sorted(lying.units.items())]))
    if not eyes or len(area) < VILLAGE:
        return found
    texts = texts_of(me, area, month)
    known = {k for r in limits.rules_at(area, me.using) for k in r.keywords} if len(texts) >= rules.LEAST else set()
    words = rules.frequent(texts, names_near(me, area), known) if len(texts) >= rules.LEAST else []
    return rules.Facts(found.area, now, before, year, found.lying, doors_of(me, area, timezone.localdate(at)), words, len(texts), offers.waiting([area]).count())


def _month(me: Me, area: str, month: date) -> rules.Month:
    found = figures.between(me, area=area, first=month, last=month_after(month) - timedelta(days=1))
    whole = found.whole
    return rules.Month(
        f"{month:%Y}年{month.month}月", f"{month:%Y-%m}", whole.received if whole else 0, whole.matters if whole else 0,
        {d: [rules.Cell(g.key, g.label, g.received) for g in found.by.get(d, [])] for d in ("kind", "channel", "place")},
        {key: (r.top, r.base) for key, r in (whole.rates if whole else {}).items() if not r.hidden},
    )


def texts_of(me: Me, area: str, month: date) -> list[tuple[str, str]]:
    """(id, title and words) of the month's matters that he sees in the village. One statement; audited."""
    since, until = (timezone.make_aware(datetime.combine(m, time.min)) for m in (month, month_after(month)))
    rows = Matter.objects.filter(place_code__gte=area, place_code__lt=area + ":", submitted_at__gte=since, submitted_at__lt=until, restricted=False, confidential=False).exclude(state__in=("merged", "withdrawn"))
    found = [(str(pk), f"{title}。{matter_vault.decrypt(matter_vault.WORDS, pk, words)}") for pk, title, words in rows.order_by("submitted_at").values_list("pk", "title", "words_cipher")[:MOST_TEXTS]]
    audit.record("analysis.texts", detail={"area": area, "month": f"{month:%Y-%m}", "rows": len(found)})
    return found


def residents_named(me: Me, area: str) -> set[str]:
    """Names of who lives in the village, or in what took its place: never shown, only looked for in what is written. Two statements."""
    with connections[me.using].cursor() as cursor:
        found: set[str] = set()
        for code in today(area, using=me.using) or [area]:
            cursor.execute("select distinct r.name from archives_membership m join archives_resident r on r.id = m.person_id where m.grid_code >= %s and m.grid_code < %s and m.ends_on is null and m.voided_at is null", [code, code + ":"])
            found |= {name for (name,) in cursor.fetchall()}
        return found


def names_near(me: Me, area: str) -> set[str]:
    """Names that are not words: of who lives in the village, of who works in its town. Two statements."""
    return residents_named(me, area) | set(Staff.objects.filter(appointments__area_code__gte=area[:9], appointments__area_code__lt=area[:9] + ":").values_list("name", flat=True))


def doors_of(me: Me, area: str, on: date) -> rules.Doors:
    """Doors whose day is past, of the list of due visits: nothing per colleague."""
    late = [line for line in due.of_place(me, area, on=on) if line.days < 0]
    by = Counter(line.natural_village or _("其余") for line in late)
    return rules.Doors(len(late), [rules.Cell(name, name, n) for name, n in sorted(by.items())], sum(line.evening for line in late), sum(bool(line.tried or line.missed) for line in late))


# --- who may ---------------------------------------------------------------------------------------------------------------------


def places_of(me: Me) -> list[str]:
    """Villages and towns whose analyses he keeps (the policies say the same)."""
    return sorted({p.area for p in me.posts if Right.CONTACT in ROLES[p.role].rights and (len(p.area) == 9 or (len(p.area) == VILLAGE and Right.PEOPLE in ROLES[p.role].rights))})


def keeps_of(me: Me) -> list[str]:
    """The same with those that ended in them: what stands there is carried on, and nothing begun."""
    return me.with_former(places_of(me))


def reads_of(me: Me) -> list[str]:
    """Areas whose signed analyses he reads, as prefixes."""
    return sorted({p.area for p in me.posts if Right.FIGURES in ROLES[p.role].rights})


def waiting(me: Me, on: date) -> dict[str, QuerySet[Any]]:
    """Unsigned analyses of past months, and decisions whose day is past without a last word, where he keeps them."""
    codes = keeps_of(me)
    if not codes:
        return {}
    ended = DecisionWord.objects.filter(decision=OuterRef("pk"), state__in=("done", "dropped"))
    return {
        "unsigned": Analysis.objects.filter(area_code__in=codes, signed_at=None, month__lt=on.replace(day=1)),
        "decisions": Decision.objects.filter(~Exists(ended), area_code__in=codes, due_on__lt=on, withdrawn_at=None, analysis__signed_at__isnull=False),
    }


def listed(me: Me) -> tuple[list[Analysis], dict[str, str]]:
    """(analyses he sees, newest month first, names of their places). Two statements."""
    where = Q()
    for code in {*keeps_of(me), *me.with_former(reads_of(me))}:
        where |= Q(area_code__gte=code, area_code__lt=code + ":")
    rows = list(Analysis.objects.filter(where).defer("figures").order_by("-month", "area_code")[:MOST_SHOWN]) if where else []
    names = dict(Area.objects.filter(pk__in={r.area_code for r in rows} | set(places_of(me))).values_list("pk", "short_name"))
    return rows, names


# --- one analysis ----------------------------------------------------------------------------------------------------------------


@dataclass
class Line:
    """One sentence as the page shows it. `text` is what is printed; `moved`: the figures say something else since a person wrote."""

    f: Finding
    text: str
    own: bool
    edited: bool
    moved: bool
    words: str = ""


@dataclass
class Choice:
    """One decision with its latest word."""

    d: Decision
    what: str
    who: str
    state: str
    label: str
    words: list[tuple[datetime, str, str, str]] = field(default_factory=list)
    late: bool = False
    month: date | None = None


@dataclass
class Paper:
    """An analysis whole."""

    a: Analysis
    area: Area
    sections: list[tuple[str, str, list[Line]]]
    decisions: list[Choice]
    earlier: list[Choice]
    signer: str = ""
    reader: str = ""
    mine: bool = False

    @property
    def title(self) -> str:
        return f"{self.area.short_name}{self.a.month.year}年{self.a.month.month}月村情民情分析"

    @property
    def printed(self) -> list[tuple[str, str, list[Line]]]:
        """What goes on the paper: neither struck nor without words."""
        kept = [(key, label, [x for x in lines if not x.f.struck and x.text]) for key, label, lines in self.sections]
        return [(key, label, lines) for key, label, lines in kept if lines]


def paper(me: Me, pk: uuid.UUID, *, on: date) -> Paper | None:
    """One analysis with its sentences and decisions, and those of earlier months that are not done. Six statements at most, and the audit."""
    a = Analysis.objects.filter(pk=pk).first()
    if a is None:
        return None
    mine = a.area_code in keeps_of(me)
    findings = sorted(Finding.objects.filter(analysis=a), key=lambda f: (list(rules.SECTIONS).index(f.section), not f.key, f.position))
    decisions = list(Decision.objects.filter(area_code__in=former([a.area_code]), withdrawn_at=None, analysis__month__lte=a.month).select_related("analysis").order_by("analysis__month", "due_on", "made_at")[:200])
    told: dict[uuid.UUID, list[DecisionWord]] = {}
    for w in DecisionWord.objects.filter(decision__in=[d.pk for d in decisions]).order_by("made_at") if mine and decisions else ():
        told.setdefault(w.decision_id, []).append(w)
    names = dict(Staff.objects.filter(pk__in={s for s in (a.signed_by, a.read_by, a.drafted_by, *(w.made_by for ws in told.values() for w in ws)) if s}).values_list("pk", "name"))
    area = Area.objects.get(pk=a.area_code)
    choices = [choice(d, told.get(d.pk, []), names, on) for d in decisions]
    # a decision that was done before this month began is not asked about again
    since = timezone.make_aware(datetime.combine(month_after(a.month), time.min))
    earlier = [c for c in choices if c.d.analysis_id != a.pk and (c.state not in ("done", "dropped") or c.words[-1][0] >= since)] if mine else []
    audit.record("analysis.open", detail={"area": a.area_code, "month": f"{a.month:%Y-%m}"})
    return Paper(a, area, sections(findings), [c for c in choices if c.d.analysis_id == a.pk], earlier, names.get(a.signed_by, "") if a.signed_by else "", names.get(a.read_by, "") if a.read_by else "", mine)


def choice(d: Decision, told: Sequence[DecisionWord], names: dict[uuid.UUID, str], on: date) -> Choice:
    said = vault.decrypt(vault.DECISION, d.pk, d.payload)
    labels = dict(DecisionWord.STATES)
    state = told[-1].state if told else "open"
    lines = [(w.made_at, _(labels[w.state]), str(vault.decrypt(vault.TOLD, w.pk, w.payload).get("words", "")), names.get(w.made_by, "")) for w in told]
    return Choice(d, str(said.get("what", "")), str(said.get("who", "")), state, _(labels[state]), lines, state == "open" and d.due_on < on, d.analysis.month)


def sections(findings: Iterable[Finding]) -> list[tuple[str, str, list[Line]]]:
    """(key, label, lines), in the order of the paper; sentences that nothing supports any more and nobody edited are left out."""
    by: dict[str, list[Line]] = {key: [] for key in rules.SECTIONS}
    for f in findings:
        line = line_of(f)
        if line.text or line.own or line.edited or f.struck:
            by[f.section].append(line)
    return [(key, label, by[key]) for key, label in rules.SECTIONS.items() if by[key]]


def line_of(f: Finding) -> Line:
    own = not f.key
    words = str(vault.decrypt(vault.FINDING, f.pk, f.words_cipher).get("words", ""))
    return Line(f, words or f.drafted, own, bool(words) and not own, bool(words) and not own and f.base != f.drafted, words)


def pointed(me: Me, ids: Sequence[str], *, at: datetime) -> list[lists.Line]:
    """The matters a sentence points to, of those the reader sees now. One statement."""
    wanted = [uuid.UUID(i) for i in ids][:rules.MOST_POINTERS]
    if not wanted:
        return []
    rows = Matter.objects.filter(pk__in=wanted).order_by("-submitted_at")
    places = dict(Area.objects.filter(pk__in=rows.values("place_code")).values_list("pk", "short_name"))
    return [
        lists.line_of((["home"], m.pk, m.number, m.title, m.kind, m.category, m.state, m.urgency == "urgent", m.restricted, m.place_code, places.get(m.place_code, ""), m.spot, m.channel, m.submitted_at, m.lead_desk, m.home_desk, m.version,
                       m.accept_due_at, m.sign_due_at, m.contact_due_at, m.contacted_at, m.due_at, m.callback_due_at, m.review_on), at)
        for m in rows
    ]
