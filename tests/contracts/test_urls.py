"""Every address × every role × every kind of identifier from outside the scope: no page shows anything of a foreign row
(DESIGN §11.10). Whatever addresses exist when this runs are tried; a new one needs nothing written here unless its
parameter has a new name.

Invariant: requests go through the whole stack with the cookie of a real session; the foreign rows carry unmistakable
marks, so a page is searched, not understood.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import IntConverter

from minqing.access.rules import audit
from minqing.access.rules.roles import ROLES, Right
from minqing.demo.cast import CAST
from tests.contracts import foreign
from tests.contracts.foreign import DAYS, FAR, GRIDS, MARKS, NEXT, OWN, QIANG, THIRD, superuser
from tests.people import TOKENS

#: Addresses that answer without a log-in; everything else leads to it.
OPEN = {"login", "second-factor", "second-passkey", "first-password", "enrol", "enrol-totp", "enrol-codes", "logout", "preferences", "set_language", "sms-receipt", "window-display", "cti", "cti-now", "parcel-in", "phone-api-hello", "phone-api-sealed", "phone-api-sealed-file", "phone-api-sealed-part", "phone-api-word", "phone", "phone-manifest", "phone-worker", "ical"}
#: Residents' pages that need no log-in; they name nobody but office holders (tests/portal).
OPEN |= {"portal-home", "portal-login", "portal-code", "portal-letter", "portal-sso", "portal-sso-back", "portal-sso-fake", "portal-logout", "portal-settings", "portal-notice", "portal-feedback", "portal-feedback-answer",
         "portal-find", "portal-area", "portal-meeting", "portal-poster", "portal-certificate", "portal-card", "portal-say", "portal-do", "portal-item", "portal-follow", "portal-rate-receipt"}
#: One person for each role and reach: the others of the cast hold the same rights elsewhere.
WHO = ("兰", "香", "芳", "苗", "敏", "琴", "国", "数", "审", "管", "街", "梅")
#: These ask with the far identifiers as well as with the near ones; the others get the near and post the far.
THOROUGH = ("兰", "数")
ANSWERS = {200, 204, 302, 303, 400, 403, 404, 405, 409, 410, 422}


def patterns(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """(full name, pattern) of every named address."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, prefix + (f"{entry.namespace}:" if entry.namespace else ""))
        elif entry.name:
            yield prefix + entry.name, entry


ADDRESSES = dict(patterns())


def table_ids(table: str, rows: foreign.Rows, grid: str) -> str | None:
    """The id of the row of this grid in any table of the archives or of gathering."""
    if table == "service_attachment":
        return str(rows.ids[grid]["service_attachment"]) if "service_attachment" in rows.ids[grid] else None
    columns = {f.column for m in foreign.personal_models() if m._meta.db_table == table for f in m._meta.local_concrete_fields}
    code = next((c for c in ("grid_code", "place_code", "desk_code", "area_code") if c in columns), None)
    if code is None:
        return None
    with superuser() as root:
        found = root.execute(f"select id from {table} where {code} = any(%s) order by 1 limit 1", [[grid, grid[:12], foreign.far_of(grid)]]).fetchone()  # noqa: S608
    return str(found[0]) if found else None


class Outside:
    """Identifiers of one grid, by the name of the parameter that asks for them."""

    def __init__(self, rows: foreign.Rows, grid: str) -> None:
        ids = rows.ids[grid]
        with superuser() as root:
            staff = root.execute("select id, (select id from access_appointment a where a.staff_id = s.id limit 1) from access_staff s where area_code = %s limit 1", [grid[:12]]).fetchone() or (uuid.uuid4(), uuid.uuid4())
            entry = root.execute("select id from access_auditentry where persons @> array[%s]::uuid[] limit 1", [rows.person(grid)]).fetchone() or (uuid.uuid4(),)
            session = root.execute("select id from access_session where account_id = (select id from access_account where username = 'qiang') limit 1").fetchone()
            factor = root.execute("select id from access_secondfactor limit 1").fetchone() or (uuid.uuid4(),)
        self.grid = grid
        self.by_name: dict[str, Any] = {
            "household": ids["household_id"], "person": ids["person_id"], "resident": ids["person_id"], "dwelling": ids["dwelling_id"], "plot": ids["plot_id"], "mediation": ids["service_mediation"], "promise": ids["service_mediationpromise"], "batch": ids["batch_id"], "question": ids["question_id"],
            "membership": table_ids("archives_membership", rows, grid), "occupancy": table_ids("archives_occupancy", rows, grid), "proposal": table_ids("archives_proposal", rows, grid),
            "other": ids["person_id"], "judgement": table_ids("archives_sameperson", rows, grid) or str(uuid.uuid4()), "act": ids["act"], "statement": ids["statement"], "message": table_ids("notify_message", rows, grid), "file": ids["file_id"], "kinship": ids["relative_id"], "staff": staff[0], "appointment": staff[1], "entry": entry[0], "session": session[0], "factor": factor[0],
            "ticket": table_ids("service_ticket", rows, grid), "counter": uuid.uuid4(), "pad": table_ids("service_pad", rows, grid), "change": table_ids("service_handedchange", rows, grid), "town": grid[:9], "card": table_ids("service_placecard", rows, grid), "consent": uuid.uuid4(), "feedback": uuid.uuid4(),
            "team": uuid.uuid4(), **{name: table_ids(f"service_{table}", rows, grid) for name, table in (
                ("volunteer", "volunteer"), ("teamshift", "teamshift"), ("swap", "shiftswap"), ("help", "helprequest"), ("activity", "activity"), ("pairing", "pairing"), ("care", "care"), ("introduction", "introduction"))},
            "received": table_ids("service_orderfile", rows, grid), "parcel": table_ids("service_parcel", rows, grid), "step": ids.get("service_parcelstep", uuid.uuid4()), "partner": uuid.uuid4(), "item": uuid.uuid4(), "row": table_ids("service_orderrow", rows, grid), "order": table_ids("service_foreignorder", rows, grid), "certificate": table_ids("service_certificate", rows, grid), "matter": table_ids("service_matter", rows, grid), "attachment": table_ids("service_attachment", rows, grid), "rule": uuid.uuid4(), "verb": "accept", "offer": table_ids("service_offer", rows, grid), "what": "accept", "number": 1,
            "analysis": table_ids("contact_analysis", rows, grid), "finding": table_ids("contact_finding", rows, grid), "decision": table_ids("contact_decision", rows, grid), "handover": table_ids("contact_handover", rows, grid), "handoveritem": table_ids("contact_handoveritem", rows, grid),
            "mentoring": table_ids("contact_mentoring", rows, grid), "course": table_ids("contact_course", rows, grid), "coursesession": table_ids("contact_coursesession", rows, grid),
            "contactday": uuid.uuid4(), "booking": table_ids("contact_booking", rows, grid), "seat": uuid.uuid4(),
            "transfer": ids["contact_transferevent"], "transferline": ids["contact_transferline"], "doorask": ids["contact_doorask"], "shelter": ids["contact_shelter"], "zone": ids["contact_dangerzone"],
            "meeting": table_ids("contact_meeting", rows, grid), "opinion": table_ids("contact_opinion", rows, grid), "objection": table_ids("contact_objection", rows, grid), "paper": table_ids("contact_meetingpaper", rows, grid), "resolution": table_ids("contact_resolution", rows, grid), "representative": table_ids("contact_representative", rows, grid),
            "visit": table_ids("contact_visit", rows, grid), "visitor": table_ids("contact_dutyvisitor", rows, grid), "duty_day": uuid.uuid4(), "duty_swap": uuid.uuid4(), "absence": uuid.uuid4(), "market": uuid.uuid4(), "month": 11, "door": table_ids("contact_door", rows, grid), "device": uuid.uuid4(), "op": uuid.uuid4(), "blob": uuid.uuid4(), "box": uuid.uuid4(), "code": grid, "area": grid, "grid": grid, "village": grid[:12], "kind": "health", "field": "name", "route": "home", "call": ids.get("service_call", ids["person_id"]), "shift": ids.get("service_dutyshift", ids["person_id"]), "answer": ids["person_id"], "token": "x", "alias": 1, "year": 2026,
        }

    def value(self, name: str, converter: Any) -> Any:
        if name in self.by_name:
            return self.by_name[name]
        return 1 if isinstance(converter, IntConverter) else self.by_name["household"] if "uuid" in type(converter).__name__.lower() else "x"

    def address(self, name: str) -> str:
        converters = ADDRESSES[name].pattern.converters
        return reverse(name, kwargs={key: self.value(key, converter) for key, converter in converters.items()})

    def body(self) -> dict[str, Any]:
        """A form that names foreign things under every name a form may use."""
        b = self.by_name
        return {
            **{k: str(b[k]) for k in ("household", "person", "dwelling", "batch", "question", "act", "staff", "appointment", "membership")}, "into": str(b["household"]), "target": str(b["household"]), "head": str(b["person"]),
            "persons": [str(b["person"])], "households": [str(b["household"])], "members": [str(b["person"])], "spouse": str(b["person"]), "mother": str(b["person"]), "father": str(b["person"]), "to": self.grid, "grid": self.grid,
            "code": self.grid, "area": self.grid, "place": self.grid, "new": self.grid, "on": "2026-11-01", "reason": "核对", "purpose": "核对", "verdict": "same", "value": "x", "undo": str(b["act"]), "id": str(b["person"]),
        }


@pytest.fixture(scope="module")
def outside(rows: foreign.Rows) -> dict[str, Outside]:
    return {grid: Outside(rows, grid) for grid in GRIDS}


def reach(name: str) -> list[str]:
    """Grids that somebody may see: people, or (for whoever manages) areas, staff, figures of them."""
    areas = [area for role, area in CAST[name].posts if ROLES[role].rights]
    return [grid for grid in GRIDS if any(grid.startswith(a) or a.startswith(grid) for a in areas)]


def sees(name: str) -> list[str]:
    areas = [area for role, area in CAST[name].posts if Right.PEOPLE in ROLES[role].rights or Right.GATHER in ROLES[role].rights]
    return [grid for grid in GRIDS if any(grid.startswith(a) for a in areas)]


def audits(name: str, grid: str) -> bool:
    """Whether the entries of a grid are his to read: who opened what and why is what an auditor is for."""
    return any(Right.AUDIT in ROLES[role].rights and grid.startswith(area) for role, area in CAST[name].posts)


def client(token: str | None) -> Client:
    made = Client(raise_request_exception=False)
    if token:
        made.cookies[settings.SESSION_COOKIE] = token
    return made


def text_of(response: Any) -> str:
    content = b"".join(response.streaming_content) if getattr(response, "streaming", False) else response.content
    return content.decode("utf-8", "replace") + str(dict(response.headers))


def shown(text: str, said: str, rows: foreign.Rows, name: str) -> list[str]:
    """Marks, days and ids of rows outside what `name` sees, unless he said them himself."""
    hidden = [grid for grid in GRIDS if grid not in sees(name)]
    marks = [m for grid in hidden for m in (MARKS[grid], MARKS[grid].encode().hex(), str(DAYS[grid])) if m not in said]
    marks += [i for i in rows.foreign_ids(*sees(name)) if i not in said]
    return sorted({m for m in marks if m in text})


def outsides(name: str) -> list[str]:
    """A near and a far grid that he does not reach; for those who see no files also one inside their own area."""
    grids = [grid for grid in (QIANG, NEXT, FAR) if grid not in sees(name)]
    return grids[:1] + grids[-1:] if len(grids) > 1 else grids


def test_every_address_has_a_name_that_people_read():
    """A resident who asks why his file was opened, and an auditor, read the page's name and never the program's own word."""
    assert [name for name in ADDRESSES if audit.page_name(name) == name] == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_address_needs_a_log_in_unless_listed(rows, outside, address, django_db_blocker):
    """Without a cookie, and with one that opens nothing: to the log-in page, nothing else."""
    with django_db_blocker.unblock():
        for token in (None, "a-token-of-nobody"):
            for method in ("get", "post"):
                path = outside[QIANG].address(address)
                response = getattr(client(token), method)(path)
                if address in OPEN:
                    assert response.status_code in ANSWERS, response.status_code
                elif address.startswith("phone-api-"):  # a phone's program cannot use a page
                    assert (response.status_code, response.json()) == (401, {"error": "login"}), (address, method)
                elif token and method == "post" and not address.startswith("portal-"):  # what was sent comes back to whoever sent it, to be sent again after log-in
                    assert response.status_code == 401 and reverse("login") in text_of(response), (address, response.status_code)
                else:
                    assert response.status_code == 302, (address, method, response.status_code)
                    assert response.headers["Location"].startswith(reverse("portal-login" if address.startswith("portal-") else "login"))
                assert shown(text_of(response), path, rows, "梅") == []  # the log-in page keeps where one wanted to go


def test_what_is_open_is_marked_and_listed():
    marked = {name for name, pattern in ADDRESSES.items() if getattr(pattern.callback, "open_to_all", False)}
    assert marked <= OPEN, marked - OPEN


@pytest.mark.parametrize("name", WHO)
def test_no_page_shows_an_identifier_from_outside(rows, outside, name, django_db_blocker):
    """Lists, files, parts, figures, downloads and forms, with every kind of foreign identifier in the address and in the form."""
    visitor, problems = client(TOKENS[name]), []
    before = foreign.fingerprint(rows, *sees(name))
    with django_db_blocker.unblock():
        for address, pattern in ADDRESSES.items():
            if address in OPEN:
                continue
            targets = [outside[grid] for grid in outsides(name)] if pattern.pattern.converters else [outside[outsides(name)[0]]]
            for target in targets:
                path = target.address(address)
                near, far = target is targets[0], target is targets[-1]
                asked: list[tuple[str, dict[str, Any]]] = []
                if near or name in THOROUGH:
                    asked.append(("get", {"q": "邕嵓", "place": target.grid, "grid": target.grid, "household": str(target.by_name["household"]), "person": str(target.by_name["person"])}))
                if far and may_post(address, name, target):
                    asked.append(("post", target.body()))
                for method, data in asked:
                    response = getattr(visitor, method)(path, data)
                    leaks = shown(text_of(response), path + str(data), rows, name)
                    if address.startswith("audit") and audits(name, target.grid):
                        leaks = []
                    if leaks or response.status_code not in ANSWERS:
                        problems.append((method, path, response.status_code, leaks[:3]))
    assert problems == []
    assert foreign.fingerprint(rows, *sees(name)) == before


def may_post(address: str, name: str, target: Outside) -> bool:
    """Not what would end the caller's own session or factors, nor what he may rightly do to staff and areas within his reach."""
    if address.startswith(("my-", "factor", "me-", "logout")):
        return False
    return not (address.startswith(("staff", "appointment", "area")) and target.grid in reach(name))


@pytest.mark.parametrize("name", ["兰", "数", "管"])
def test_lists_and_searches_hold_only_ones_own(rows, outside, name, django_db_blocker):
    """Every page without a parameter, asked for the marks, the foreign numbers, ids and places in all the ways a query can say."""
    visitor, problems = client(TOKENS[name]), []
    queries = [{}, {"q": "邕嵓", "search": "邕嵓", "name": "邕嵓", "text": "邕嵓"}, {"q": "yongyan", "sort": "name", "order": "-id"}, {"place": FAR, "grid": FAR, "area": FAR, "village": FAR[:12]}, {"place": "33", "grid": "33", "page": "2"}]
    with django_db_blocker.unblock():
        for address, pattern in ADDRESSES.items():
            if pattern.pattern.converters or address in OPEN:
                continue
            for query in queries:
                response = visitor.get(reverse(address), query)
                leaks = [] if address.startswith("audit") and audits(name, OWN) else shown(text_of(response), str(query), rows, name)
                if leaks or response.status_code not in ANSWERS:
                    problems.append((reverse(address), query, response.status_code, leaks[:3]))
    assert problems == []


def test_an_ended_session_leads_to_the_log_in_page(rows, outside, django_db_blocker):
    token = "an-ended-session"
    with superuser() as root:
        root.execute("insert into access_session (id, token_digest, account_id, opened_at, seen_at, expires_at, idle_seconds, complete, device, origin, ended_at) select gen_random_uuid(), sha256(%s::text::bytea), id, now(), now(), now() + interval '1 hour', 3600, true, '', '', now() from access_account where username = 'xiang'", [token])
    with django_db_blocker.unblock():
        for address in ADDRESSES:
            if address not in OPEN:
                response = client(token).get(outside[OWN].address(address))
                if address.startswith("phone-api-"):
                    assert response.status_code == 401, address
                    continue
                assert (response.status_code, response.headers.get("Location", "").startswith(reverse("portal-login" if address.startswith("portal-") else "login"))) == (302, True), address


def test_parameters_of_addresses_are_known(outside):
    """A new kind of identifier has to be named in Outside, so that a foreign one is tried."""
    asked = {key for pattern in ADDRESSES.values() for key in pattern.pattern.converters}
    assert asked <= set(outside[THIRD].by_name), asked - set(outside[THIRD].by_name)


def test_no_page_of_the_portal_shows_an_identifier_of_somebody_else(rows, outside, django_db_blocker):
    """A resident of 兰's grid asks every address of the portal for the rows of other people, by address and by form."""
    visitor, problems = Client(raise_request_exception=False), []
    visitor.cookies[settings.RESIDENT_COOKIE] = f"resident-{OWN}"
    mine = {grid for grid in GRIDS if grid != OWN}
    with django_db_blocker.unblock():
        for address in ADDRESSES:
            if not address.startswith("portal-") or address in ("portal-logout", "portal-code", "portal-sso-back"):
                continue
            for target in (outside[QIANG], outside[FAR]):
                path = target.address(address)
                asked = [("get", {"q": "邕嵓", "person": str(target.by_name["person"]), "place": target.grid[:12]}),
                         ("post", {**target.body(), "person": str(target.by_name["person"]), "for_person": str(target.by_name["person"]), "kind": "json", "words": "x", "name": "邕嵓乙"})]
                for method, data in asked:
                    response = getattr(visitor, method)(path, data)
                    found = text_of(response)
                    leaks = [m for grid in mine for m in (MARKS[grid], str(DAYS[grid])) if m in found and m not in path + str(data)]
                    leaks += [i for i in rows.foreign_ids(OWN) if i in found and i not in path + str(data)]
                    if leaks or response.status_code not in ANSWERS:
                        problems.append((method, path, response.status_code, leaks[:3]))
    assert problems == []
