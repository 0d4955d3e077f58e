"""What the database itself says of tables, policies, roles, functions and rights (DESIGN §4; scope.md §1–2).

Invariant: asked of pg_class, pg_policies, pg_roles and pg_proc, never of the SQL files; a new table, policy or function
that nobody listed here fails, so that somebody has to say what it is and who may run it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from minqing.access.rules.roles import ROLES
from minqing.gather.engine import fields, templates
from tests.contracts.foreign import superuser

pytestmark = pytest.mark.usefixtures("django_db_setup")
SQL_FOLDERS = {app: settings.ROOT / "minqing" / app / "sql" for app in ("access", "notify", "archives", "service", "contact", "gather", "sync")}
ROLE_NAMES = ("app", "login", "gather", "jobs", "seal", "resident", "owner", "guard")

#: Every model, and why its rows are or are not personal. Personal = row security, enabled and forced.
PERSONAL: dict[str, str] = {
    "access.Account": "log-in names and password digests of colleagues", "access.SecondFactor": "second factors of colleagues", "access.Session": "who is logged in, from where",
    "access.Subject": "which person belongs to a resident's account", "access.Staff": "names and office phones of colleagues", "access.Appointment": "who holds which role where", "access.StaffPerson": "which file is a colleague's own",
    "access.Organisation": "kept beside the staff; changed only by who appoints", "access.AuditEntry": "who opened whose file and why",
    "access.Area": "public, but changed only by who divides areas", "access.AreaAlias": "public, but changed only by who divides areas", "access.AreaSuccession": "public, but changed only by who divides areas",
}
PERSONAL |= {
    "access.ResidentAccount": "phones of residents' accounts", "access.LoginCode": "who asked for a code, from where", "access.Consent": "who lets whom act for him",
    "access.Feedback": "complaints, and how to reach who complained",
}
PERSONAL |= {f"archives.{m}": "a household's file" for m in (
    "Act", "Change", "Disability", "Dwelling", "Health", "Household", "Identity", "Kinship", "Membership", "Occupancy", "Placement", "Plot", "Proposal", "Relief", "Resident", "SamePerson", "SearchKey")}
PERSONAL |= {f"gather.{m}": "rows, files and judgements of gathering" for m in ("Batch", "BatchFile", "ColumnAlias", "Judgement", "Question", "Statement")}
PERSONAL |= {"notify.Message": "who is told what, by which telephone", "notify.Step": "when and how somebody was told", "notify.Mark": "what somebody wants about being told"}
PERSONAL |= {f"service.{m}": "what somebody asked, and how it was answered" for m in ("Attachment", "CallBack", "Contact", "ForeignOrder", "Matter", "MatterPlot", "Mediation", "MediationConsent", "MediationPromise", "MediationSession", "Move", "Party", "Seat")}
PERSONAL |= {f"service.{m}": "public within the service, changed only by who keeps the catalogue there" for m in ("DispatchRule", "Limit")}
PERSONAL |= {f"service.{m}": "who called whom, when, about what" for m in ("Call", "CallEvent", "DutyShift", "Extension")}
PERSONAL |= {"service.PhoneLine": "tokens of telephone systems; changed only by who keeps the catalogue", "service.Knowledge": "public within the service, changed only by who answers there"}
PERSONAL |= {f"service.{m}": "who runs an errand, whom a policy found, what came of it" for m in ("Assignment", "Benefit", "Errand", "MoneyLine", "Offer", "OfferReason", "Paper")}
PERSONAL |= {f"service.{m}": "public, but changed only by who keeps the catalogue there" for m in ("CatalogueItem", "PolicyRule")} | {"service.AgentCard": "what colleagues are good at, read by colleagues"}
PERSONAL |= {f"service.{m}": "who came to the window, what for, by which number" for m in ("CounterSitting", "HandedChange", "Pad", "PadSlip", "Ticket", "TicketMatter", "WindowDay")}
PERSONAL |= {"service.Certificate": "who got which certificate, for what", "service.CertificateItem": "public within the service, changed only by who keeps the catalogue there", "service.CertificateCount": "last number of a village and year, the guard's alone"}
PERSONAL |= {f"service.{m}": "who helps whom as a volunteer, on which day, and what both agreed to" for m in ("Activity", "ActivityPart", "Care", "HelpRequest", "HelpStep", "HourLine", "Introduction", "MedicineCheck", "Pairing", "ShiftSwap", "TeamMember", "TeamShift", "Volunteer")}
PERSONAL["service.Team"] = "read by who takes down what is asked in the village, changed by its secretary"
PERSONAL["service.ExchangeLink"] = "how each way to another system is doing, read by the reception"
PERSONAL |= {f"service.{m}": "what other systems asked, and rows of theirs that could not be read" for m in ("OrderFile", "OrderRow")}
PERSONAL |= {f"service.{m}": "whose errand is at which other county, and what was handed over" for m in ("Parcel", "ParcelRefusal", "ParcelStep")}
PERSONAL |= {f"service.{m}": "public within the service, changed only by who keeps the county's catalogue" for m in ("Partner", "PartnerItem")}
PERSONAL |= {f"contact.{m}": "who was visited, what he said, how he is; which doors a helper has" for m in ("Checkup", "Door", "DoorCheck", "Visit", "VisitMatter", "VisitNote")}
PERSONAL |= {f"contact.{m}": "who is to be saved from where, by whom, what became of him; whose door waits for what" for m in ("DangerZone", "DoorAsk", "GraveNews", "Shelter", "TransferEvent", "TransferLine", "TransferMark", "TransferNeed", "TransferPlan")}
PERSONAL |= {f"contact.{m}": "who of the colleagues is on duty, away or asked to swap; who has a calendar's address" for m in ("DutyAbsence", "DutyDay", "DutyRota", "DutySwap", "Feed")}
PERSONAL |= {f"contact.{m}": "who came on a day of duty, about what" for m in ("DutyMatter", "DutyVisitor")} | {f"contact.{m}": "public, but changed only by who arranges contact there" for m in ("Market", "Rhythm")}
PERSONAL["contact.CountyInterval"] = "public within the service, changed only by who keeps the county's catalogue"
PERSONAL |= {"contact.Booking": "who comes to speak on which day, about what, and what he was told", "contact.DayMatter": "which matter was taken down at a stall"}
PERSONAL |= {"contact.ContactDay": "public once announced, planned and changed only by who arranges days there", "contact.DaySeat": "which offices and colleagues come, read by colleagues"}
PERSONAL |= {f"contact.{m}": "what a village says of its month and decides, who hands a grid to whom, who learns what" for m in ("Analysis", "Course", "CourseSeat", "CourseSession", "Decision", "DecisionWord", "Finding", "Handover", "HandoverItem", "Mentoring")}
PERSONAL |= {f"contact.{m}": "meetings: who came, what was said, counted, decided; the wall shows a text without names" for m in ("AgendaItem", "Attendance", "Meeting", "MeetingPaper", "MeetingStep", "Objection", "Opinion", "Publication", "Representative", "Resolution", "ResolutionNote", "VoteCount")}
PERSONAL |= {f"sync.{m}": "what a colleague's phone sent, seen by nobody else" for m in ("Blob", "Box", "Device", "Operation", "Part", "SealedFile", "SealedPart")}
PERSONAL["service.PlaceCard"] = "which door or place a card hangs at, read by who writes the files there"
PERSONAL["service.Counter"] = "public within the service, changed only by who keeps the catalogue there"
PERSONAL["service.Learnt"] = "weights of common pairs of characters and counts: public within the service, written by the nightly keeper"
PERSONAL["service.WorkCalendarDay"] = "public, but changed only by who keeps the catalogue there"
PUBLIC: dict[str, str] = {
    "access.Role": "a copy of rules/roles.py, the same for everybody", "access.RoleRight": "a copy of rules/roles.py", "access.AuditSeal": "digests and counts of the audit, no entry",
}
OWN_TABLES = {"access.scope_key": "guard", "access.job_request": "guard"}
#: Areas are public knowledge (their names stand on every signpost); everything else asks the scope.
OPEN_TO_READ = {"access_area", "access_areaalias", "access_areasuccession", "service_workcalendarday", "service_catalogueitem", "service_policyrule", "contact_market", "contact_rhythm"}
#: The log-in role's own tables, and the sealer's reading of the entries it seals.
TRUE_ALLOWED = {("minqing_login", "access_account"), ("minqing_login", "access_session"), ("minqing_login", "access_secondfactor"), ("minqing_login", "access_area"), ("minqing_login", "access_residentaccount"), ("minqing_login", "access_logincode"), ("minqing_seal", "access_auditentry")}
TRUE_FOR_OWNER = {"access_area", "access_areaalias", "access_areasuccession", "access_organisation", "access_staff", "access_appointment", "access_account", "service_dispatchrule", "service_limit", "service_workcalendarday", "service_catalogueitem", "service_policyrule"}

HINT = "((grid_code >= ((current_setting('minqing.lo'::text))::access.bound)::text) AND (grid_code < ((current_setting('minqing.hi'::text))::access.bound)::text)"

#: Who may run what. Functions that are not here are run by other functions of the guard, or as triggers, alone.
ALL_SCOPED = {"app", "gather", "jobs", "resident"}
EXECUTE: dict[str, set[str]] = {
    "scope(text)": ALL_SCOPED, "proven(text)": ALL_SCOPED, "claim(text)": ALL_SCOPED, "claimed_appointments()": ALL_SCOPED,
    "may(text,text)": {"app", "gather", "jobs"}, "appointing_rank(text)": {"app", "gather", "jobs"},
    "enter(text,text,text)": {"app"}, "my_sessions()": {"app"}, "end_my_session(uuid)": {"app"}, "end_sessions_of(uuid)": {"app"},
    "enter_resident(text,text,text)": {"resident"}, "own_persons()": {"resident"}, "own_households()": {"resident"}, "who_opened(uuid)": {"resident"},
    "office_holders(text)": {"resident"}, "say_matter(jsonb,bytea,bytea,bytea,bytea,bytea)": {"resident"}, "enclose(uuid,uuid,text,bytea,text,integer,bytea)": {"resident"}, "follow_matter(text,bytea[])": {"resident"},
    "follow_moves(uuid,text,bytea[])": {"resident"}, "requester_move(uuid,bytea[],text,bytea,text,jsonb,jsonb)": {"resident"},
    "enter_public(text,text)": {"resident"}, "own_self()": {"resident"}, "shared_persons()": {"resident"}, "sensitive_persons()": {"resident"}, "done_for_me()": {"resident"}, "my_officers()": {"resident"},
    "public_officers(text)": {"resident"}, "leave_feedback(uuid,text,bytea,text,text,bytea,bytea,date)": {"resident"}, "feedback_answer(text,bytea)": {"resident"},
    "find_self(text)": {"resident"}, "link_self(text,text)": {"resident"}, "refresh_own()": {"resident"}, "waiting_consents()": {"resident"}, "accept_consent(uuid,text)": {"resident"},
    "propose_correction(uuid,uuid,text,text,bytea,text,date)": {"resident"}, "give_consent(text,uuid,bytea,text,text,text,boolean,integer,text,text)": {"resident", "app"}, "withdraw_consent(uuid)": {"resident", "app"},
    "confirm_person(bytea[],smallint[])": {"app"}, "open_account(uuid,uuid,bytea,smallint,bytea,text)": {"app"}, "write_letter(uuid,uuid,bytea,integer)": {"app"}, "consents_of(uuid)": {"app"},
    "open_resident_session(uuid,bytea,integer,integer,text,text)": {"login"}, "audit_resident(uuid,text,uuid,text,jsonb)": {"login"},
    "open_session(uuid,bytea,integer,integer,text,text,boolean)": {"login"}, "audit_login(uuid,text,uuid,text,jsonb)": {"login"},
    "create_person(text,text,date,text,text,date)": {"app"}, "find_or_refer(bytea,smallint)": {"app"}, "register_identity(uuid,bytea,smallint)": {"app"},
    "place(uuid,text,text,date)": {"app"}, "unplace(uuid,text,text,date)": {"app"}, "move_household(uuid,text,date)": {"app"}, "far_kin(uuid)": {"app"},
    "move_area(text,text,date)": {"app"}, "households_in(text)": {"app"}, "rekey_person(uuid,text[],text[],text)": {"app"}, "join_persons(uuid,uuid,uuid,text,text,bytea,uuid,date)": {"app"}, "part_persons(uuid,text,date)": {"app"}, "forget_person(uuid)": {"app"}, "release_dead(uuid,date)": {"app"},
    "households_by_child(text,integer)": {"app"}, "waiting_at(text)": {"app"}, "open_batches_of(uuid,text)": {"app"}, "entries_about(uuid,timestamp with time zone,timestamp with time zone)": {"app"}, "batches_resting_on(uuid)": {"app", "gather"}, "measure(text)": {"gather"}, "enqueue(text,jsonb)": {"app"}, "enter_job(bigint,text)": {"jobs"}, "enter_batch(uuid,text,text)": {"gather"},
    "seats_of(uuid)": {"app"}, "matter_figures(text,timestamp with time zone,timestamp with time zone)": {"app", "jobs"}, "open_figures(text)": {"app", "jobs"}, "day_board(text,timestamp with time zone,timestamp with time zone,timestamp with time zone)": {"app"},
    "sits(uuid,text[],text)": {"app", "jobs"}, "take_matter(uuid)": {"app", "jobs"}, "settle_matter(uuid,text,boolean,text[])": {"app", "jobs"}, "give_seat(uuid,text,text,uuid)": {"app", "jobs"},
    "leave_seat(uuid,text,text,uuid)": {"app", "jobs"}, "restrict_matter(uuid,text,text[],uuid[])": {"app"}, "similar_matters(text,timestamp with time zone)": {"app"},
    "start_errand(uuid,uuid,uuid,uuid)": {"app", "jobs"}, "fields_for_errand(uuid,text[])": {"app"}, "offer_figures(text)": {"app"}, "evening_villages()": {"jobs"}, "enter_evening(text)": {"jobs"},
    "find_offers(text,date)": {"jobs"}, "sensitive_cases(text,date)": {"jobs"}, "add_sensitive_offers(text,date,jsonb)": {"jobs"},
    "matters_by_phone(bytea)": {"app"}, "link_staff(uuid,bytea,smallint)": {"app"}, "is_desk(text)": {"app", "jobs", "resident"}, "clock_due(integer)": {"jobs"}, "staff_at_desk(text)": {"jobs"}, "recompute_due(text,date)": {"app"}, "press_matter(uuid,bytea,text)": {"app", "jobs"}, "foreign_results(text)": {"app", "jobs"}, "order_words(uuid)": {"app", "jobs"}, "follow_deadline(uuid,timestamp with time zone,timestamp with time zone)": {"app", "jobs"},
    "remember_order(uuid,text,text,text,timestamp with time zone,timestamp with time zone)": {"app"}, "merged_into(uuid)": {"jobs"}, "enter_matter(uuid)": {"jobs"},
    "enter_sender()": {"jobs"}, "claim_due(timestamp with time zone,integer,boolean)": {"jobs"}, "claim_unconfirmed(timestamp with time zone)": {"jobs"},
    "settle_message(uuid,timestamp with time zone,text,text,text,text,timestamp with time zone,timestamp with time zone)": {"jobs"}, "honour_marks(uuid)": {"app", "jobs"},
}
EXECUTE |= {
    "open_line(uuid,text,text,text,bytea,text)": {"app"}, "enter_cti(text,text)": {"app"}, "call_event(uuid,text,text,jsonb,bytea,bytea,smallint,bytea)": {"app"}, "duty_now(uuid)": {"app"}, "seated_now(uuid)": {"app"}, "ring()": {"app"}, "callers(uuid)": {"app"},
    "take_call(uuid)": {"app"}, "check_caller(uuid,uuid,text,integer)": {"app"}, "caller_file(uuid)": {"app"}, "caller_matters(uuid)": {"app"}, "call_progress(uuid,text,bytea[])": {"app"}, "urge_matter(uuid,uuid,bytea[],bytea,text)": {"app"},
    "follow_similar(uuid,uuid)": {"app"}, "ask_swap(uuid,uuid)": {"app"}, "accept_swap(uuid,uuid,bytea,text)": {"app"}, "calls_due(integer)": {"jobs"}, "enter_line(uuid)": {"jobs"}, "place_of_call(uuid)": {"app", "jobs"},
    "file_voicemail(uuid,jsonb,bytea,bytea,bytea)": {"app", "jobs"}, "attach_recording(uuid,uuid,bytea,text,integer,bytea)": {"app", "jobs"}, "scored(uuid)": {"jobs"},
}


EXECUTE |= {"cards_of_old_grids()": {"app"}, "fields_shown_for_errand(uuid,text[])": {"app"}}
EXECUTE |= {"window_display(text)": {"app", "resident"}, "card_place(text)": {"resident"}}
EXECUTE |= {name: {"app"} for name in (
    "sit_at(uuid)", "draw_ticket(uuid,boolean)", "call_next()", "ticket_step(uuid,text,text,text)", "window_person(uuid,bytea[],smallint[],text,integer)",
    "window_change(uuid,uuid,text,text,text,bytea,text,date,text,text)", "handed_changes(text,date)", "use_slip(uuid,uuid)")}

EXECUTE |= {name: {"jobs"} for name in ("said_of_sorts(text,text,integer,integer)", "keep_learnt(text,integer,integer,integer,integer,boolean,jsonb)", "words_of_sorts(text)", "learning_counties()")}
EXECUTE |= {"helps_at()": {"app"}, "my_doors()": {"app"}, "look_in(uuid,uuid,text,text,timestamp with time zone,bytea,uuid,bytea)": {"app"}, "looked_after(text)": {"app"}, "move_contact_visit_met(uuid,boolean)": {"app"}, "move_contact_checkup_person_id(uuid,boolean)": {"app"}}
EXECUTE |= {"former(text[])": {"app", "resident", "jobs"}, "today(text)": {"app", "resident", "jobs"}, "carry_contact(text,text)": {"app"}, "transfer_plans(text[])": {"app"}}
EXECUTE |= {"my_areas()": {"app"}, "hand_over(uuid,uuid,text,boolean,bytea)": {"app"}, "drop_handover(uuid)": {"app"}, "agree_mentoring(uuid,text)": {"app"}, "enter_analysis(text)": {"jobs"}, "expire_office(text,timestamp with time zone,integer,boolean)": {"jobs"}, "analysis_villages(date)": {"jobs"}, "draft_analysis(date,jsonb,jsonb)": {"jobs"}}
EXECUTE |= {"transfer_mark(uuid,uuid,text,timestamp with time zone,uuid,bytea,boolean,bytea[])": {"app"}, "transfers()": {"app"}, "transfer_counts(uuid[])": {"app"}, "public_shelters(text)": {"resident"}, "halls()": {"app"}, "place_people(uuid[])": {"app"}, "take_place(uuid,text)": {"app"}, "expire_transfers(text,timestamp with time zone,integer,boolean)": {"jobs"}, "move_contact_transferplan_person_id(uuid,boolean)": {"app"}}
EXECUTE |= {name: {"app"} for name in ("posts_with(text)", "my_office()", "days_asked()", "evenings_mine()", "days_led()", "book(uuid,uuid,timestamp with time zone,text,text,uuid,uuid,bytea,bytea,boolean,boolean)", "came(uuid)", "move_contact_booking_person_id(uuid,boolean)")}
EXECUTE |= {"unbook(uuid)": {"app", "resident"}, "slots_taken(uuid)": {"app", "resident"}, "book_own(uuid,uuid,timestamp with time zone,uuid,bytea,bytea,boolean)": {"resident"},
            "enter_days(text)": {"jobs"}, "days_laid()": {"jobs"}, "expire_bookings(text,timestamp with time zone,integer,boolean)": {"jobs"}, "expire_duty(text,timestamp with time zone,integer,boolean)": {"jobs"}, "days_news(integer)": {"jobs"}, "take_news(uuid)": {"jobs"}}
EXECUTE |= {name: {"app"} for name in ("near()", "duty_away(text,date,date)", "cover_absence(uuid,jsonb)", "ask_duty_swap(uuid,uuid,uuid,uuid)", "answer_duty_swap(uuid,text)", "duty_of_post(uuid)", "pass_duty(uuid,text,uuid,text)", "enter_feed(text,text)", "feed_events(date,date)")}
EXECUTE["public_duty(text,date,date)"] = {"resident", "app"}
EXECUTE |= {"expire_meetings(text,timestamp with time zone,integer,boolean)": {"jobs"}, "meets_at()": {"app"}, "counted_twice(uuid,smallint)": {"app"}, "counted(uuid)": {"app"}, "public_meetings(text)": {"resident"}, "public_minutes(text)": {"resident"}, "object_to(uuid,uuid,bytea)": {"resident"}}
EXECUTE |= {f"move_contact_{t}_person_id(uuid,boolean)": {"app"} for t in ("attendance", "opinion", "representative")}
EXECUTE["being_taken(uuid)"] = {"app"}
EXECUTE |= {"leave_box(uuid,uuid,bytea)": {"resident"}, "leave_file(uuid,uuid,bytea,integer,bytea)": {"resident"}, "leave_file_part(uuid,uuid,integer,bytea)": {"resident"}, "word_for_phone(uuid)": {"resident"}, "phones_of(uuid)": {"app"}, "stop_phone(uuid,text)": {"app"}}
EXECUTE |= {"parcel_news(uuid,text,uuid,text,bytea,text,text)": {"app", "jobs"}, "partner_card(text,text)": {"resident"}}
EXECUTE |= {"enter_exchange(text,uuid)": {"jobs"}, "words_to_hand(text)": {"jobs"}, "pressed_words(uuid)": {"app", "jobs"}}
EXECUTE |= {"draft_certificate(uuid,uuid,text,text,text,bytea,bytea)": {"app"}, "decide_certificate(uuid,boolean,bytea)": {"app"}, "revoke_certificate(uuid,bytea)": {"app"}, "check_certificate(bytea)": {"resident"}}

EXECUTE |= {"move_help(uuid,text,uuid,uuid,jsonb,bytea,uuid)": {"app"}, "help_of_matter(uuid)": {"app"}, "swap_shift(uuid)": {"app"}, "withdraw_introduction(uuid)": {"app"}, "ask_help(uuid,uuid,text,bytea,bytea,date,date)": {"resident"},
            "enter_volunteers()": {"jobs"}, "medicine_tasks(date)": {"jobs"}, "erase_introductions(date)": {"jobs"}}
EXECUTE |= {f"move_service_{t}_person_id(uuid,boolean)": {"app"} for t in ("volunteer", "helprequest", "pairing", "activitypart")}

#: Whose rows follow when two files are one person (access.moves_with_person); MOVES of each area's resident.py names them too.
EXECUTE |= {f"move_{column}(uuid,boolean)": {"app"} for column in (
    "archives_membership_person_id", "archives_occupancy_person_id", "archives_kinship_person_id", "archives_kinship_relative_id", "archives_health_person_id", "archives_disability_person_id",
    "archives_relief_person_id", "archives_proposal_person_id", "archives_household_head_id", "archives_dwelling_owner_id", "gather_statement_person_id", "gather_question_persons", "gather_judgement_right_person", "access_subject_person_id", "access_consent_person_id", "notify_mark_person",
    "access_staffperson_person_id", *(f"service_{t}_person_id" for t in ("party", "errand", "offer", "offerreason", "benefit", "call", "ticket", "handedchange", "certificate")))}
EXECUTE["bar_again(uuid)"] = {"app"}
EXECUTE |= {"open_work_of(uuid)": {"app"}, "pass_work(uuid,text,text,uuid,text,jsonb)": {"app"}, "shifts_to_pass(uuid,text)": {"app"}, "teams_led(uuid)": {"app"}, "pass_team(uuid,uuid,uuid,text)": {"app"}}
EXECUTE |= {"receipt_facts(uuid,bytea[])": {"resident"}, "start_own_errand(uuid,uuid,text)": {"resident"}, "enter_relatives(text)": {"jobs"}, "relative_acts(timestamp with time zone,integer)": {"jobs"}}
EXECUTE |= {"enter_keeper()": {"jobs"}, "expire(text,timestamp with time zone,integer,boolean)": {"jobs"}, "expire_rows(text,timestamp with time zone,integer,boolean)": {"jobs"}}


def ask(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with superuser() as root:
        return root.execute(statement, parameters or None).fetchall()


def every_model() -> dict[str, type[models.Model]]:
    return {f"{m._meta.app_label}.{m.__name__}": m for app in ("access", "notify", "archives", "service", "contact", "gather", "sync") for m in apps.get_app_config(app).get_models()}


def personal_tables() -> set[str]:
    """Tables of personal models, and their partitions."""
    tables = {every_model()[name]._meta.db_table for name in PERSONAL if name in every_model()}
    return tables | {name for (name,) in ask("select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid and c.relkind in ('r', 'p') join pg_class p on p.oid = i.inhparent where p.relname = any(%s)", list(tables))}


def test_every_model_is_listed_as_personal_or_public():
    assert set(every_model()) == set(PERSONAL) | set(PUBLIC)
    assert not set(PERSONAL) & set(PUBLIC)


def test_models_and_migrations_agree():
    """What a model says and no migration does would be missing in every county that is installed already."""
    written = MigrationLoader(None)
    there = MigrationAutodetector(written.project_state(), ProjectState.from_apps(apps)).changes(graph=written.graph)
    assert {app: [str(m.operations) for m in found] for app, found in there.items()} == {}


def test_no_table_is_unknown():
    known = {m._meta.db_table for m in every_model().values()} | personal_tables() | {"django_migrations"}
    found = {name for (name,) in ask("select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f') and relname not like 'procrastinate\\_%%'")}
    assert found <= known, found - known
    assert {f"access.{name}" for (name,) in ask("select relname from pg_class where relnamespace = 'access'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')")} == set(OWN_TABLES)


def test_every_personal_table_has_row_security_enabled_and_forced():
    rows = ask("select relname, relrowsecurity, relforcerowsecurity from pg_class where relname = any(%s) and relnamespace = 'public'::regnamespace", list(personal_tables()))
    assert {name for name, *_ in rows} == personal_tables()
    assert [name for name, enabled, forced in rows if not (enabled and forced)] == []


def test_partitions_answer_nobody_directly():
    rows = ask("""select c.relname, r.rolname from pg_inherits i join pg_class c on c.oid = i.inhrelid and c.relkind = 'r' cross join pg_roles r
                   where r.rolname like 'minqing\\_%%' and r.rolname not in ('minqing_owner', 'minqing_root') and has_any_column_privilege(r.oid, c.oid, 'select, insert, update, references')""")
    assert rows == []


def test_tables_without_row_security_are_read_only_and_listed():
    """The queue's own tables are the worker's; the copies of the roles are everybody's to read and nobody's to write."""
    rows = ask("""select c.relname, r.rolname, p.privilege from pg_class c cross join pg_roles r cross join unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) p(privilege)
                   where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relrowsecurity and r.rolname like 'minqing\\_%%'
                     and r.rolname not in ('minqing_owner', 'minqing_root') and has_table_privilege(r.oid, c.oid, p.privilege)""")
    for table, role, privilege in rows:
        if table.startswith("procrastinate_"):
            assert role == "minqing_jobs" or (role == "minqing_guard" and privilege in ("select", "insert")), (table, role, privilege)
        elif table == "access_auditseal":
            assert privilege == "select" or (role, privilege) == ("minqing_seal", "insert"), (table, role, privilege)
        else:
            assert table in ("access_role", "access_roleright") and privilege == "select", (table, role, privilege)


# --- policies ----------------------------------------------------------------------------------------------------------

def policies() -> list[dict[str, Any]]:
    names = ("table", "name", "permissive", "roles", "command", "using", "check")
    found = ask("select tablename, policyname, permissive, roles::text[], cmd, coalesce(qual, ''), coalesce(with_check, '') from pg_policies where schemaname = 'public'")
    return [dict(zip(names, [re.sub(r"\s+", " ", v) if isinstance(v, str) else v for v in row], strict=True)) for row in found]


def test_no_policy_says_true_except_where_that_is_meant():
    for p in policies():
        for role in p["roles"]:
            if "true" not in (p["using"], p["check"]) or role == "minqing_guard":
                continue
            allowed = (role, p["table"]) in TRUE_ALLOWED or (role == "minqing_owner" and p["table"] in TRUE_FOR_OWNER) or (p["table"] in OPEN_TO_READ and p["command"] == "SELECT")
            assert allowed, p


def test_no_policy_is_for_everybody():
    assert [p for p in policies() if "public" in p["roles"]] == []


def test_a_setting_is_a_hint_and_never_the_law():
    """Where a policy reads a setting, it reads only lo and hi, and the law stands beside it in the same conjunction."""
    for p in policies():
        for text in (p["using"], p["check"]):
            read = set(re.findall(r"current_setting\('([^']*)'", text))
            assert read <= {"minqing.lo", "minqing.hi"}, p
            if read:
                assert text.count("current_setting(") == 2 and "scope( " not in text, p
                # hint AND hint AND law, flat: no `or` that would let the hint stand alone
                conjunction = re.search(r"\(grid_code >= [^|]*?minqing\.lo.*?\) AND \(grid_code < .*?minqing\.hi.*?::text\) AND multirange_contains_elem\(\( SELECT access\.scope\('\w+'::text\) AS scope\), grid_code\)", text)
                assert conjunction, p


def test_every_policy_for_the_programs_roles_contains_a_law():
    law = re.compile(r"access\.(scope|proven|near|own_persons|own_self|shared_persons|sensitive_persons|own_households)\(|FROM (public\.)?archives_placement|FROM (public\.)?archives_household|FROM (public\.)?sync_blob|FROM (public\.)?notify_message|FROM (public\.)?service_(seat|party|matter|helprequest)")
    for p in policies():
        if set(p["roles"]) & {"minqing_app", "minqing_jobs", "minqing_gather", "minqing_resident"}:
            for text in filter(None, (p["using"], p["check"])):
                if not (p["table"] in OPEN_TO_READ and p["command"] == "SELECT"):
                    assert law.search(text), p


def test_a_law_is_asked_once_a_statement_and_never_raises():
    """(select access.scope(…)), not access.scope(…) for each row; and not access.claim(…), whose error would answer a guess."""
    for p in policies():
        for text in (p["using"], p["check"]):
            assert not re.search(r"access\.(claim|claims|may)\(", text), p
            for call in re.finditer(r"(SELECT (?:\()?)?access\.(?:scope|proven|near|own_persons|own_self|shared_persons|sensitive_persons|own_households)\(", text):
                assert call.group(1), p


def test_a_law_is_a_call_not_an_operator():
    """Of the operator the planner believes that one row in two hundred passes (docs/adr/0014)."""
    for p in policies():
        for text in (p["using"], p["check"]):
            assert not re.search(r"access\.scope\([^)]*\)( AS scope)?\) @>", text), p
    [(source,)] = ask("select prosrc from pg_proc where oid = 'access.protect_area_table'::regproc")
    assert "multirange_contains_elem(" in source and "@>" not in source


def test_what_laws_and_every_request_call_keeps_its_plans():
    """A function in language SQL that is not inlined is planned anew at each call (docs/adr/0014)."""
    planned_anew = ask("""
        select distinct p.oid::regprocedure::text from pg_proc p join pg_language l on l.oid = p.prolang
         where l.lanname = 'sql' and p.pronamespace = 'access'::regnamespace
           and (p.oid in (select refobjid from pg_depend where classid = 'pg_policy'::regclass and refclassid = 'pg_proc'::regclass)
                or p.proname in ('enter', 'staff_claim', 'rights_of', 'appointments_of', 'claim_until', 'before', 'install', 'seal', 'proven', 'scope', 'claim', 'may', 'note'))""")
    assert planned_anew == []


#: Read by another column with an index of its own: the desk where the matter lies, whom somebody asked to go there, whose door it is.
UNHINTED = {("notify_message", "desk_read"), ("notify_message", "errand_read"), ("contact_door", "helper_read"), ("contact_doorcheck", "helper_read"), ("contact_doorask", "asked_read")}


def test_tables_by_area_are_read_through_hint_and_law():
    grid = {m._meta.db_table for n, m in every_model().items() if n in PERSONAL and any(f.column == "grid_code" for f in m._meta.local_concrete_fields)}
    special = {"archives_act", "archives_change", "contact_checkup", "contact_transferneed"}  # acts carry '' where they name nobody; changes of a person carry no grid; checkups are read by their visit, needs by their plan
    for table in grid - special:
        reads = [p for p in policies() if p["table"] == table and p["command"] == "SELECT" and (table, p["name"]) not in UNHINTED and set(p["roles"]) & {"minqing_app", "minqing_jobs", "minqing_gather"}]
        assert reads, table
        assert all(HINT in p["using"] for p in reads), table


def test_kinds_that_carry_sensitive_fields_are_those_of_the_policy():
    wanted = {key for key, t in ((t.key, t) for t in _templates()) if any(fields.FIELDS[c].level == 4 for c in t.columns if c in fields.FIELDS)}
    text = next(p["using"] for p in policies() if p["table"] == "gather_statement" and p["name"] == "scope_read")
    listed = set(re.findall(r"'(\w+)'::character varying|'(\w+)'::text", text.split("<> ALL")[1].split("]")[0]))
    assert {a or b for a, b in listed} == wanted


def _templates() -> list[templates.Template]:
    loaded = templates.load()
    return list(loaded.values()) if isinstance(loaded, dict) else list(loaded)


# --- roles -------------------------------------------------------------------------------------------------------------

def test_no_role_has_more_than_it_needs():
    rows = ask("select rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication, rolcanlogin, rolinherit from pg_roles where rolname like 'minqing\\_%%' and rolname <> 'minqing_root'")
    assert {r[0] for r in rows} == {f"minqing_{r}" for r in ROLE_NAMES}
    for name, *powers, login, inherit in rows:
        assert powers == [False] * 5, name
        assert login == (name != "minqing_guard")
        assert inherit == (name == "minqing_owner"), name


def test_nobody_is_a_member_of_anybody_except_the_owner_of_the_guard():
    rows = ask("select g.rolname, m.rolname from pg_auth_members a join pg_roles g on g.oid = a.roleid join pg_roles m on m.oid = a.member where m.rolname like 'minqing\\_%%' and not m.rolsuper")
    assert rows == [("minqing_guard", "minqing_owner")]


@pytest.mark.parametrize("role", [r for r in ROLE_NAMES if r not in ("owner", "guard")])
def test_roles_that_serve_own_nothing(role):
    assert ask("select count(*) from pg_shdepend where refobjid = %s::regrole and deptype = 'o'", f"minqing_{role}") == [(0,)]


def test_the_guard_owns_definer_functions_and_the_key_and_nothing_else():
    rows = ask("""select coalesce(c.relname, p.proname), p.prosecdef from pg_shdepend d left join pg_class c on c.oid = d.objid and d.classid = 'pg_class'::regclass
                   left join pg_proc p on p.oid = d.objid and d.classid = 'pg_proc'::regclass where d.refobjid = 'minqing_guard'::regrole and d.deptype = 'o' and d.dbid = (select oid from pg_database where datname = current_database())""")
    assert {name for name, definer in rows if definer is None} == {"scope_key"}
    assert all(definer for _, definer in rows if definer is not None)


def test_no_role_creates_anything_at_run_time():
    for role in ROLE_NAMES:
        if role != "owner":
            assert ask("select bool_or(has_schema_privilege(%s, n.oid, 'create')) from pg_namespace n where nspname !~ '^pg_(temp|toast)'", f"minqing_{role}") == [(False,)], role
            # gathering stages its rows in temporary tables (ADR 5)
            assert ask("select has_database_privilege(%s, current_database(), 'temp'), has_database_privilege(%s, current_database(), 'create')", f"minqing_{role}", f"minqing_{role}") == [(role == "gather", False)], role


@pytest.mark.parametrize("role", [r for r in ROLE_NAMES if r != "guard"])
def test_statements_of_a_role_are_neither_shown_nor_logged(role):
    held = dict(s.split("=", 1) for s in ask("select setconfig from pg_db_role_setting where setrole = %s::regrole and setdatabase = 0", f"minqing_{role}")[0][0])
    assert held["track_activities"] == "off"
    assert held["log_min_error_statement"] == "panic"
    assert held["log_error_verbosity"] == "terse"
    assert held["log_parameter_max_length_on_error"] == "0"


def test_functions_of_postgresql_that_go_around_the_scope_are_taken_from_everybody():
    rows = ask("""select p.proname from pg_proc p where p.pronamespace = 'pg_catalog'::regnamespace and (p.proname ~ '^lo_' or p.proname ~ '^pg_(try_)?advisory_'
                    or p.proname in ('loread', 'lowrite', 'pg_notify', 'pg_terminate_backend', 'pg_cancel_backend', 'pg_export_snapshot', 'pg_logical_emit_message')) and has_function_privilege('minqing_app', p.oid, 'execute')""")
    assert rows == []


def test_no_extension_shows_statements():
    assert {name for (name,) in ask("select extname from pg_extension")} == {"plpgsql"}


# --- functions ---------------------------------------------------------------------------------------------------------

def functions() -> list[dict[str, Any]]:
    names = ("name", "owner", "definer", "config", "source", "kind", "trigger", "language", "public")
    return [dict(zip(names, row, strict=True)) for row in ask("""
        select replace(p.oid::regprocedure::text, 'access.', ''), p.proowner::regrole::text, p.prosecdef, coalesce(p.proconfig, '{}'), p.prosrc, p.prokind, p.prorettype = 'trigger'::regtype, l.lanname,
               exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee = 0)
          from pg_proc p join pg_language l on l.oid = p.prolang where p.pronamespace = 'access'::regnamespace and l.lanname <> 'internal'""")]


def test_every_definer_function_is_the_guards_with_a_fixed_path():
    found = functions()
    assert len([f for f in found if f["definer"]]) >= 30
    for f in found:
        assert f["config"] == ["search_path=pg_catalog, pg_temp"], f["name"]
        assert not f["public"], f["name"]
        if f["definer"]:
            assert f["owner"] == "minqing_guard", f["name"]
            assert f["kind"] == "f", f["name"]
        else:
            assert f["trigger"] or f["kind"] == "p", f"{f['name']} is neither definer nor trigger nor procedure"


def test_definer_functions_build_no_sql():
    for f in functions():
        if f["definer"]:
            code = re.sub(r"--[^\n]*", "", f["source"])
            assert not re.search(r"\bexecute\b|\bformat\s*\(|query_to_xml|\bdblink", code, re.I), f["name"]


def test_names_in_definer_functions_are_qualified():
    for f in functions():
        if f["definer"]:
            code = re.sub(r"--[^\n]*|'[^']*'", "", f["source"])
            for name in re.findall(r"\b(?:from|join|update|into)\s+([a-z_][a-z_.]*)\b(?!\s*\()", code):
                if "." not in name and name not in LOCAL_NAMES:
                    pytest.fail(f"{f['name']}: {name} is not qualified")
            assert not re.search(r"\b(archives|service|gather|notify|access|procrastinate)_[a-z]+\b", re.sub(r"public\.\w+", "", code)), f["name"]


#: Variables, transition tables and things that follow `from` in other grammar.
LOCAL_NAMES = {"a", "t", "w", "came", "base", "counted", "ranked", "shown", "e", "i", "rules", "people", "spouses", "alone", "matches", "here", "home", "r", "lateral", "jsonb_to_recordset", "c", "d", "p", "line", "owners", "me", "found", "claim", "b", "h", "n", "made", "who", "asked", "found_person", "new_rows", "old_rows", "o", "v", "k", "crossing", "clock_timestamp", "unnest", "jsonb_array_elements", "the", "session", "distinct", "parsed", "within", "set", "m", "skip", "changed", "named", "own", "kin", "parents", "s", "taken", "added", "kept", "moved", "other", "ended", "matter", "person", "place", "desk", "digests", "known", "over", "near", "ids", "given", "of"} | {"said", "word", "pair", "shared", "of_matter"} | {"l", "last"} | {"stood", "account", "by", "slot", "f", "or", "was", "width", "voted"}


def test_functions_are_run_only_by_whom_they_are_for():
    rows = ask("""select replace(p.oid::regprocedure::text, 'access.', ''), r.rolname from pg_proc p cross join pg_roles r join pg_language l on true where l.oid = p.prolang and l.lanname <> 'internal'
                     and p.pronamespace = 'access'::regnamespace and r.rolname like 'minqing\\_%%' and r.rolname not in ('minqing_owner', 'minqing_guard', 'minqing_root') and has_function_privilege(r.oid, p.oid, 'execute')""")
    held: dict[str, set[str]] = {}
    for function, role in rows:
        held.setdefault(function, set()).add(role.removeprefix("minqing_"))
    assert held == EXECUTE


def test_the_queues_functions_are_the_workers_alone():
    rows = ask("""select p.proname, r.rolname from pg_proc p cross join pg_roles r where p.pronamespace = 'public'::regnamespace and r.rolname in ('minqing_app', 'minqing_login', 'minqing_gather', 'minqing_seal', 'minqing_resident') and has_function_privilege(r.oid, p.oid, 'execute')""")
    assert rows == []
    assert ask("select count(*) from pg_proc where pronamespace = 'public'::regnamespace and (prosecdef or not coalesce(proconfig, '{}') @> array['search_path=pg_catalog, public, pg_temp'])") == [(0,)]


# --- rights on columns ---------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("role", ["app", "jobs", "gather", "resident"])
def test_an_entry_of_the_audit_says_only_what_was_done(role):
    """Who, when, as what and where are the database's own columns."""
    columns = {c for (c,) in ask("select column_name from information_schema.column_privileges where table_name = 'access_auditentry' and privilege_type = 'INSERT' and grantee = %s", f"minqing_{role}")}
    assert columns == {"id", "what", "persons", "households", "purpose", "reason", "origin", "detail"}


def test_nobody_changes_or_removes_an_entry():
    rows = ask("""select r.rolname, p.privilege from pg_roles r cross join unnest(array['update', 'delete', 'truncate']) p(privilege) where r.rolname like 'minqing\\_%%' and r.rolname not in ('minqing_owner', 'minqing_root')
                     and (has_table_privilege(r.oid, 'access_auditentry', p.privilege) or has_table_privilege(r.oid, 'access_auditseal', p.privilege))""")
    assert rows == []


def test_only_these_tables_lose_rows():
    """Nothing of a file is deleted; introductions are erased after 90 days, search keys are derived, aliases are spelling, second factors are taken off, an undone batch sets its numbers free."""
    rows = ask("""select c.relname, r.rolname from pg_class c cross join pg_roles r where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname !~ '^procrastinate_' and r.rolname like 'minqing\\_%%'
                     and r.rolname not in ('minqing_owner', 'minqing_root') and has_table_privilege(r.oid, c.oid, 'delete')""")
    assert {(t, r.removeprefix("minqing_")) for t, r in rows} == {
        ("archives_searchkey", "app"), ("archives_searchkey", "gather"), ("archives_searchkey", "guard"), ("archives_identity", "guard"), ("archives_identity", "gather"),
        ("access_areaalias", "app"), ("sync_part", "app"), ("sync_sealedpart", "app"), ("sync_sealedpart", "guard"), ("service_workcalendarday", "app"), ("contact_rhythm", "app"), ("service_introduction", "guard"), ("access_secondfactor", "login"), ("gather_columnalias", "app")} | {
        # by the night's keeper alone, after their time (service/rules/retention.py)
        (t, "guard") for t in ("access_logincode", "access_session", "notify_mark", "service_handedchange", "service_attachment", "service_pairing", "service_care", "service_medicinecheck", "service_activitypart", "service_teamshift", "service_shiftswap", "contact_handover", "contact_handoveritem", "contact_mentoring", "contact_courseseat", "contact_dutyvisitor", "contact_dutymatter", "contact_dutyabsence", "contact_transferplan", "contact_transferneed", "contact_booking", "contact_daymatter", "contact_attendance", "contact_objection", "contact_meetingpaper", "contact_representative")}


@pytest.mark.parametrize(("role", "tables"), [
    ("login", {"access_residentaccount", "access_logincode", "access_account", "access_session", "access_secondfactor", "access_area", "access_areaalias", "access_areasuccession"}),
    ("seal", {"access_auditentry", "access_auditseal"}),
    ("resident", {"contact_market", "contact_rhythm", "service_workcalendarday", "service_catalogueitem", "service_policyrule", "service_limit", "access_consent", "access_feedback", "archives_placement", "archives_occupancy", "archives_dwelling", "archives_plot", "archives_kinship", "archives_proposal", "archives_resident", "archives_household", "archives_membership", "archives_health", "archives_disability", "archives_relief", "access_area", "access_areaalias", "access_areasuccession", "service_matter", "service_move", "service_party", "service_helprequest", "contact_booking", "contact_contactday"}),
])
def test_what_the_small_roles_may_read(role, tables):
    rows = ask("select c.relname from pg_class c where c.relnamespace in ('public'::regnamespace, 'access'::regnamespace) and c.relkind in ('r', 'p', 'v') and has_any_column_privilege(%s, c.oid, 'select')", f"minqing_{role}")
    assert {name for (name,) in rows} == tables


def test_credentials_and_digests_are_out_of_the_applications_reach():
    for role in ("app", "jobs", "gather", "seal", "resident"):
        for table in ("access_account", "access_session", "access_secondfactor", "access_subject"):
            assert ask("select has_any_column_privilege(%s, %s, 'select, insert, update, references')", f"minqing_{role}", f"public.{table}") == [(False,)], (role, table)
    for role in ("app", "jobs", "seal", "resident", "login"):
        assert ask("select has_any_column_privilege(%s, 'public.archives_identity', 'select, insert, update, references')", f"minqing_{role}") == [(False,)], role
    for role in ROLE_NAMES:
        if role not in ("guard", "owner"):
            for table in OWN_TABLES:
                assert ask("select has_any_column_privilege(%s, %s, 'select, insert, update, references')", f"minqing_{role}", table) == [(False,)], (role, table)


def test_the_copy_of_the_roles_equals_the_table_in_code():
    assert {(c, r, p) for c, r, p in ask("select code, rank, privileged from access_role")} >= {(r.code, r.rank, r.privileged) for r in ROLES.values()}
    assert {(role, right) for role, right in ask("select role_id, \"right\" from access_roleright")} == {(r.code, right.value) for r in ROLES.values() for right in r.rights}


# --- direction -----------------------------------------------------------------------------------------------------------

LAYERS = {"access": 0, "procrastinate": 0, "notify": 1, "archives": 2, "service": 3, "contact": 4, "gather": 4, "sync": 5}


def layer_of(table: str) -> int:
    return LAYERS[table.split("_", maxsplit=1)[0]]


def test_foreign_keys_point_down_only():
    for child, parent in ask("select c.conrelid::regclass::text, c.confrelid::regclass::text from pg_constraint c where c.contype = 'f' and c.connamespace = 'public'::regnamespace"):
        assert layer_of(child) >= layer_of(parent), (child, parent)
    for name, model in every_model().items():  # also those without a constraint in the database
        for f in model._meta.local_concrete_fields:
            if f.is_relation:
                assert LAYERS[model._meta.app_label] >= LAYERS[f.related_model._meta.app_label], (name, f.name)


@pytest.mark.parametrize("path", [p for folder in SQL_FOLDERS.values() for p in sorted(folder.glob("*.sql"))], ids=lambda p: f"{p.parent.parent.name}/{p.name}")
def test_sql_files_name_only_tables_of_their_own_or_lower_layers(path: Path):
    """Imports do not see SQL; this does (scope.md §7)."""
    app = path.parent.parent.name
    text = re.sub(r"--[^\n]*", "", path.read_text(encoding="utf-8"))
    named = set(re.findall(r"\b(access|archives|service|contact(?=_(?:visit|checkup|door))|gather|notify|sync|procrastinate)_[a-z]+", text))
    assert all(LAYERS[name] <= LAYERS[app] for name in named), named
    if app != "gather":
        assert "procrastinate_" not in text


def test_the_administrators_file_is_the_one_that_is_tested():
    assert (settings.ROOT / "deploy/postgresql/roles.sql").read_text() == (settings.ROOT / "minqing/gateways/postgres/roles.sql").read_text()
