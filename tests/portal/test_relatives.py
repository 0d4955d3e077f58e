"""Who lets a relative act hears what was done: once for each kind of act and day, never by the relative's own telephone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connections, transaction

from minqing.access import scope
from minqing.lib.worktime import ZONE
from minqing.notify.rules import templates
from minqing.service.actions import relatives
from minqing.service.rules import telling
from tests.contracts.foreign import superuser
from tests.portal.conftest import WEI_PHONE, XIU_PHONE
from tests.portal.test_file import accept, let, wei, xiu  # noqa: F401 - fixtures
from tests.portal.test_matters import say

NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def outbox(clean):
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        for table in ("notify_step", "notify_message"):
            root.execute(f"delete from {table}")  # noqa: S608 - two names
        root.execute("delete from access_auditentry where session in (select id from access_session where resident_account is not null)")
        yield root
        for table in ("notify_step", "notify_message"):
            root.execute(f"delete from {table}")  # noqa: S608 - two names


def sent(root, columns="event, recipient, channel, phone_tail, state"):
    return root.execute(f"select {columns} from notify_message where event like 'relative:%%' order by event").fetchall()


def acts(wei, village, words="我妈屋后的水沟堵了"):  # noqa: F811
    return say(wei, for_person=str(village["姜水仙"]), words=words, name="周志伟", phone=WEI_PHONE)


def test_she_hears_once_a_day_what_her_son_did(xiu, wei, village, outbox):  # noqa: F811
    let(xiu)
    accept(wei)
    say(xiu)
    assert relatives.run(now=lambda: NOW) == 0, "what she does herself is no news to her"
    acts(wei, village)
    acts(wei, village, "屋后的树压到电线了")
    assert relatives.run(now=lambda: NOW) == 1
    day = NOW.astimezone(ZONE).date()
    assert sent(outbox) == [(f"relative:matter.submit:{day}", f"person:{village['姜水仙']}", "sms", XIU_PHONE[-4:], "waiting")]
    assert relatives.run(now=lambda: NOW + timedelta(hours=1)) == 0
    outbox.execute("update access_auditentry set what = 'file.propose' where what = 'matter.submit' and session in (select id from access_session where resident_account is not null)")
    assert relatives.run(now=lambda: NOW) == 1, "another kind of act is another message"


def test_a_telephone_that_is_his_too_is_not_hers(xiu, wei, village, outbox):  # noqa: F811
    let(xiu)
    accept(wei)
    acts(wei, village)
    outbox.execute("update access_consent set phone_tail = %s where kind = 'relative'", [XIU_PHONE[-4:]])
    assert relatives.run(now=lambda: NOW) == 1
    ((channel, tail),) = sent(outbox, "channel, phone_tail")
    assert channel in ("letter", "person") and tail == ""


def test_what_has_been_taken_back_and_what_is_old_tells_nothing_new(xiu, wei, village, outbox):  # noqa: F811
    let(xiu)
    accept(wei)
    acts(wei, village)
    outbox.execute("set session_replication_role = replica")
    outbox.execute("update access_auditentry set at = at - interval '3 days' where session in (select id from access_session where resident_account is not null)")
    assert relatives.run(now=lambda: NOW) == 0


def test_every_act_has_its_words_and_only_the_job_asks(clean):
    assert all(words for words in telling.BY_RELATIVE.values())
    text = templates.TEMPLATES["relative.acted"]
    for what in telling.BY_RELATIVE.values():
        templates.check(text, {**text.samples, "what": what})
    for enter in (lambda: scope.enter_keeper(), lambda: None):
        with pytest.raises(DatabaseError), transaction.atomic(using="jobs"), connections["jobs"].cursor() as cursor:
            enter()
            cursor.execute("select * from access.relative_acts(now() - interval '1 day', 5)")
