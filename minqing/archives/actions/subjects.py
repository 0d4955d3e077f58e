"""Who a resident's account is, and whom he lets act for him: links, letters, consents, corrections of one's own file.

Invariants: the database decides (archives/sql/own.sql); here numbers are normalised, ends of numbers compared and sentences
chosen. A refusal of a link is one sentence for every reason; a consent always ends; nothing here changes a file.
"""

from __future__ import annotations

import hmac
import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import DatabaseError, connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.actions import residents
from minqing.access.scope import Me, Visitor
from minqing.access.words import lasting
from minqing.archives import vault
from minqing.archives.actions import people
from minqing.archives.models import Resident
from minqing.archives.refusals import NotHere, Refused
from minqing.archives.rules import items
from minqing.lib import names, phones

LETTER_DAYS = 60
ANSWER_WORKDAYS = 15
#: How long a consent may run, for the choice on the page.
TERMS = {"90": "三个月", "180": "半年", "365": "一年"}
RELATIONS = ("儿子", "女儿", "配偶", "父母", "孙辈", "兄弟姐妹", "媳妇女婿", "其他亲属")

NOT_LINKED = "没能核对上。可能是姓名、证件号后四位填得不对，或者档案里登记的不是这个手机号。请带身份证到村里或窗口，当面核对一次就好。"
NOT_FOUND = "在您负责的地方没有查到这个证件号的人。请核对号码；户籍和居住都在别处的，请到当地窗口办理。"
NAME_WRONG = "姓名不对，或这份同意已经收回。请向家人问清楚再填；填错五次就要请家人重新同意。"


# --- the link ---------------------------------------------------------------------------------------------------------------


def link_self(*, visitor: Visitor, name: str, tail: str) -> uuid.UUID:
    """My phone is in my file, this is my name and the end of my number. Raises Refused, the same for every reason."""
    tidy, end = names.normalise(name), tail.strip().upper()
    found: uuid.UUID | None = None
    with connections[visitor.using].cursor() as cursor:
        cursor.execute("select person, envelope from access.find_self(%s)", [tidy])
        row = cursor.fetchone()
        number = vault.decrypt("archives_resident.id_cipher", row[0], row[1]) if row else ""
        # compared also where nobody was found, so that both take the same time
        if hmac.compare_digest(number[-4:].rjust(4).encode(), end[-4:].rjust(4).encode()) and len(end) == 4 and row:
            cursor.execute("select access.link_self(%s, %s)", [tidy, end])
            found = cursor.fetchone()[0]
    if found is None:
        raise Refused(_(NOT_LINKED))
    return found


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Whose card it is: `linked` says how he logs in already ("phone", "letter", "sso", "")."""

    person: uuid.UUID
    name: str
    adult: bool
    linked: str


def look(*, number: str, by: Me, at: datetime) -> Confirmed:
    """The person whose card lies on the table. Raises Refused; counted and audited by the database."""
    read = people.read_identity(number, "", timezone.localdate(at))
    digests = vault.identity_digests(str(read.value))
    with connections[by.using].cursor() as cursor:
        cursor.execute("select person, name, adult, linked from access.confirm_person(%s::bytea[], %s::smallint[])", [list(digests.values()), list(digests)])
        row = cursor.fetchone()
    if row is None:
        raise Refused(_(NOT_FOUND))
    return Confirmed(row[0], row[1], row[2], row[3] or "")


def confirm(*, person: uuid.UUID, phone: str, by: Me) -> uuid.UUID:
    """The card was held against the face: this phone logs in as this person from now on. Returns the account."""
    try:
        number = residents.read_mobile(phone)
    except residents.LoginRefused as refusal:
        raise Refused(str(refusal)) from refusal
    key_no, digest = residents.phone_digest(number)
    account = uuid.uuid4()
    return _open(by, person, account, digest, key_no, residents.seal_phone(account, number), None)


def _open(by: Me, person: uuid.UUID, account: uuid.UUID, digest: bytes | None, key_no: int, cipher: bytes | None, letter: str | None) -> uuid.UUID:
    try:
        with transaction.atomic(using=by.using), connections[by.using].cursor() as cursor:
            cursor.execute("select access.open_account(%s, %s, %s, %s::smallint, %s, %s)", [person, account, digest, key_no, cipher, letter])
            return uuid.UUID(str(cursor.fetchone()[0]))
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", "") == "23505":
            raise Refused(_("这个手机号已经是另一个人的登录号码。两个人合用一部手机的，请给其中一位打印登录信。")) from error
        raise NotHere(_("没有这个人的档案，或不在您的范围内。")) from error


@dataclass(frozen=True, slots=True)
class Letter:
    """What is printed once and kept nowhere in clear."""

    name: str
    number: str
    code: str
    until: date


def write_letter(*, person: uuid.UUID, name: str, by: Me, at: datetime) -> Letter:
    """A letter with a one-time code for somebody without a phone; an earlier letter no longer opens anything."""
    number, code = residents.new_letter()
    account = _open(by, person, uuid.uuid4(), None, 1, None, number)
    row = uuid.uuid4()
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.write_letter(%s, %s, %s, %s)", [account, row, residents.digest_of_code(row, code), LETTER_DAYS * 86_400])
        number = cursor.fetchone()[0]
    return Letter(name, number, code, timezone.localdate(at) + timedelta(days=LETTER_DAYS))


# --- consents ---------------------------------------------------------------------------------------------------------------


def let_act(
    *, person: uuid.UUID, name: str, phone: str, relation: str, days: str, sensitive: bool, by: Visitor | Me, how: str = "portal", witness: str = "",
) -> uuid.UUID:
    """An adult lets a relative see his file and act for him, until a day at most a year away."""
    tidy, number = names.normalise(name), phones.normalise(phone) or ""
    if len(tidy) < 2:
        raise Refused(_("请填家人的姓名。"))
    if not phones.is_mobile(number):
        raise Refused(_("请填家人的 11 位手机号，他用这个号码登录。"))
    _key_no, digest = residents.phone_digest(number)
    return _give(by, "relative", person, digest, tidy, number[-4:], relation, sensitive, days, how, witness)


def share(*, person: uuid.UUID, days: str, by: Visitor | Me, how: str = "portal", witness: str = "") -> uuid.UUID:
    """An adult lets the other adults of his household see him in the household's file."""
    return _give(by, "household", person, None, "", "", "", False, days, how, witness)


REASONS = {
    "only an adult consents": "只有年满 18 岁、健在的本人才能同意。", "a consent names somebody else": "家人的手机号不能是自己的号码。",
    "not a member of any household": "档案里没有登记在哪一户，请先到村里核对。", "an oral consent needs a second colleague": "口头同意要有第二名工作人员在场，请写他的姓名。",
}


def _give(by: Visitor | Me, kind: str, person: uuid.UUID, digest: bytes | None, name: str, tail: str, relation: str, sensitive: bool, days: str, how: str, witness: str) -> uuid.UUID:
    if days not in TERMS:
        raise Refused(_("请选择到什么时候为止，最长一年。"))
    if how == "oral" and isinstance(by, Me) and names.normalise(witness) in ("", by.name):
        raise Refused(_(REASONS["an oral consent needs a second colleague"]))
    try:
        with transaction.atomic(using=by.using), connections[by.using].cursor() as cursor:
            cursor.execute("select access.give_consent(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                           [kind, person, digest, name, tail, relation if relation in RELATIONS else "", sensitive, int(days) * 86_400, how, names.normalise(witness)])
            return uuid.UUID(str(cursor.fetchone()[0]))
    except DatabaseError as error:
        said = str(error.__cause__)
        raise Refused(_(next((sentence for words, sentence in REASONS.items() if words in said), "没有办成：只能为本人或您当面核对过的人登记。"))) from error


@dataclass(frozen=True, slots=True)
class Waiting:
    """A consent that somebody gave to this phone; whose, the relative says himself."""

    id: uuid.UUID
    relation: str
    ends_at: datetime


def waiting(visitor: Visitor) -> list[Waiting]:
    with connections[visitor.using].cursor() as cursor:
        cursor.execute("select id, relation, ends_at from access.waiting_consents()")
        return [Waiting(*row) for row in cursor.fetchall()]


def accept(*, consent: uuid.UUID, name: str, visitor: Visitor) -> None:
    """The relative names the one who trusts him; only then it opens."""
    with connections[visitor.using].cursor() as cursor:
        cursor.execute("select access.accept_consent(%s, %s)", [consent, names.normalise(name)])
        if not cursor.fetchone()[0]:
            raise Refused(_(NAME_WRONG))


def withdraw(*, consent: uuid.UUID, by: Visitor | Me) -> None:
    """Taken back (or given back): closes in the same moment."""
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.withdraw_consent(%s)", [consent])
        if not cursor.fetchone()[0]:
            raise NotHere(_("没有这份同意，或已经收回。"))


@dataclass(frozen=True, slots=True)
class Given:
    """A consent as the desk shows it after the card was held."""

    id: uuid.UUID
    kind: str
    name: str
    relation: str
    sensitive: bool
    how: str
    starts_at: datetime
    ends_at: datetime
    accepted: bool


def given_by(person: uuid.UUID, by: Me) -> list[Given]:
    with connections[by.using].cursor() as cursor:
        cursor.execute("select id, kind, name, relation, sensitive, how, starts_at, ends_at, accepted from access.consents_of(%s)", [person])
        return [Given(*row) for row in cursor.fetchall()]


def refresh_household(visitor: Visitor) -> None:
    """Who moved out or took back his word is gone; takes effect with the next entering of the scope."""
    with connections[visitor.using].cursor() as cursor:
        cursor.execute("select access.refresh_own()")


# --- corrections ------------------------------------------------------------------------------------------------------------


def workdays_later(day: date, n: int) -> date:
    """The n-th day after `day` that is no Saturday or Sunday."""
    while n:
        day += timedelta(days=1)
        n -= day.weekday() < 5
    return day


def correct(*, person: Resident, field: str, old: str, new: str, note: str, visitor: Visitor, at: datetime) -> date:
    """Ask the responsible desk to correct one item (PIPL 46); returns the day by which it answers. Changes nothing itself."""
    item = items.ITEMS.get(field)
    if item is None:
        raise Refused(_("请选择要更正哪一项。"))
    wanted = " ".join(new.split())[:200]
    if not wanted and not note.strip():
        raise Refused(_("请写正确的内容，或者说明哪里不对。"))
    if wanted == old:
        raise Refused(_("您写的和档案里的一样，没有要更正的。"))
    row, due = uuid.uuid4(), workdays_later(timezone.localdate(at), ANSWER_WORKDAYS)
    payload = vault.encrypt_json("archives_proposal.payload", row, {"from": old, "to": wanted, "note": " ".join(note.split())[:300]})
    sentence = lasting("%(name)s本人要求更正“%(label)s”，请核对并答复") % {"name": person.name, "label": lasting(item.label)}
    try:
        with transaction.atomic(using=visitor.using), connections[visitor.using].cursor() as cursor:
            cursor.execute("select access.propose_correction(%s, %s, %s, %s, %s, %s, %s)", [row, person.pk, field, sentence, payload, item.authorities[0] if item.authorities else "", due])
    except DatabaseError as error:
        raise Refused(_("没有提交：一小时内更正太多，或这份档案不是您的。请晚些再试，或打热线。")) from error
    return due
