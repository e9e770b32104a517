"""Orders and recalls: write one down, try to reach the patient, close it, and let it follow its visit.

Check-out and others call `add`; a booking names what it carries out by `Booking.orders`.
"""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from clinic.appointments.errors import (
    DECEASED,
    NO_PATIENT,
    NO_PROVIDER,
    NO_TYPE,
    TOO_LATE_TO_UNDO,
    UNDO_OVERTAKEN,
)
from clinic.appointments.mapping.attempt import mistaken, new_attempt
from clinic.appointments.mapping.patient import shown_name
from clinic.appointments.mapping.recall import based_on, recall_of, recall_resource
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.queries.recalls import policy, today_of
from clinic.appointments.recall_tables import recall_attempt
from clinic.appointments.rules.booking import UNDO_FOR
from clinic.appointments.rules.recalls import (
    ACTIVE,
    COMPLETED,
    DECLINED,
    GONE_BY,
    KINDS,
    LONGEST_NOTE,
    MESSAGE,
    MISTAKE,
    MOST_DAYS,
    OUTCOMES,
    PRIORITIES,
    REVOKED,
    TASK,
    Recall,
    Tried,
)
from clinic.appointments.rules.setup import Setup
from clinic.appointments.rules.status import holds_time
from clinic.core.errors import N_, Conflict, Invalid, Missing
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.subject import patient_of
from clinic.registration.mapping.birth import deceased_of
from clinic.registration.queries.merges import require_in_use

NO_WHAT = N_("Say what is to be booked: a visit type, or words of your own.")
NO_OUTCOME = N_("Choose what came of it.")
NOT_OPEN = N_("This is no longer open: it was booked or closed meanwhile.")
TOLERANCE = N_("Between 0 and 366 days earlier or later.")
_CLAIM = "recall"
_GRACE = 15
_GONE = ("cancelled", "noshow", MISTAKE)
BOOKED, AGAIN = "Booked", "The visit does not take place"
SAID_NO = "The patient said no"


def add(store: Store, recall: Recall) -> Json:
    """Write an order or a recall down; gives the ServiceRequest.

    `recall` says for whom, what (a visit type's id or words), when, with whom and who asked for it; names are filled
    in here. Raises Invalid tied to the field, Moved for a merged record, Taken when a rule made it already.
    """
    whole = named(store, calendar_setup(store), replace(recall, status=ACTIVE, booked="", closed=""))
    if whole.due < today_of(store):
        raise Invalid(GONE_BY, field="due")
    return keep(store, whole)


def keep(store: Store, whole: Recall) -> Json:
    """Keep a checked order or recall, the only one for its reason. Raises Taken."""
    made = store.create(recall_resource(whole, store.now))
    if whole.rule:
        store.claim(_CLAIM, f"{whole.rule}:{whole.patient_id}:{whole.follows}", str(made["id"]))
    return made


def change(store: Store, recall_id: str, recall: Recall, *, version: int | None = None) -> Json:
    """Change what, when, with whom, how urgent and the note of an open one. Raises Conflict, Stale, Invalid."""
    before, present = _open(store, recall_id)
    names = ("due", "type_id", "what", "days", "priority", "provider_id", "note", "kind")
    asked = replace(present, **{name: getattr(recall, name) for name in names})
    if (recall.requester_id, recall.requester_name) != ("", ""):
        asked = replace(asked, requester_id=recall.requester_id, requester_name=recall.requester_name)
    whole = named(store, calendar_setup(store), asked)
    return store.update(recall_resource(whole, store.now, before=before), version=version)


def log_attempt(store: Store, recall_id: str, tried: Tried, *, version: int | None = None) -> Json:
    """Note a call to the patient and what came of it; gives the ServiceRequest.

    Too many in vain make it a task for a person, or propose a letter, as the manager chose; a no closes it. Raises
    Conflict once it was booked or closed, Invalid, Stale.
    """
    if tried.outcome not in OUTCOMES:
        raise Invalid(NO_OUTCOME, field="outcome")
    if tried.again is not None and tried.again <= today_of(store):
        raise Invalid(GONE_BY, field="again")
    before, present = _open(store, recall_id)
    by: Json = {"display": store.actor.name or "Clinic"}
    by |= {"reference": store.actor.reference} if store.actor.reference else {}
    kept = replace(tried, note=" ".join(tried.note.split())[:LONGEST_NOTE], number=tried.number.strip()[:40])
    saved = _counted(store, (before, present), kept, version=version)
    store.create(new_attempt(present, kept, store.now, by=by))
    if kept.outcome == DECLINED:
        forget_work(store, recall_id, SAID_NO)
    return saved


def send_message(store: Store, recall_id: str, *, version: int | None = None) -> Json:
    """Let the patient be told that it is time for a visit, after the undo minute; it counts as an attempt.

    Who sends it asks for consent, the way they prefer, quiet hours and their language; what cannot reach them becomes
    a task of the desk. Raises Conflict, Stale.
    """
    before, present = _open(store, recall_id)
    again = present.tally.again if present.tally.again and present.tally.again > today_of(store) else None
    saved = _counted(store, (before, present), Tried(MESSAGE, again=again), version=version)
    key = f"{_key(recall_id)}{present.tally.attempts + 1}:{saved['meta']['versionId']}"
    news = {"patient": present.patient_id, "purpose": "recall", "key": key, "ref": f"ServiceRequest/{recall_id}"}
    store.fire("message_wanted", news | {"links": {"link": ""}, "values": {"type": present.what}})
    return saved


def _counted(store: Store, opened: tuple[Json, Recall], tried: Tried, *, version: int | None) -> Json:
    before, present = opened
    tally = present.tally.after(tried, store.now, policy(store))
    counted = replace(present, tally=tally)
    if tried.outcome == DECLINED:
        counted = replace(counted, status=REVOKED, closed=SAID_NO)
    saved = store.update(recall_resource(counted, store.now, before=before), version=version)
    if tally.handed == TASK and present.tally.handed != TASK:
        _hand_on(store, present)
    return saved


def _hand_on(store: Store, recall: Recall) -> None:
    words = f"{recall.what}: tried several times in vain. Find another way to reach the patient."
    patient = {"reference": f"Patient/{recall.patient_id}", "display": recall.patient_name}
    news: Json = {"kind": "recall", "words": words, "patient": patient, "focus": f"ServiceRequest/{recall.id}"}
    store.fire("task_wanted", news)


def close(store: Store, recall_id: str, *, reason: str, version: int | None = None) -> Json:
    """Give it up, with the reason: the patient declined, it was done elsewhere. Raises Conflict, Invalid, Stale."""
    words = needs_words(reason)
    before, present = _open(store, recall_id)
    closed = replace(present, status=REVOKED, closed=words)
    saved = store.update(recall_resource(closed, store.now, before=before), version=version, reason=words)
    forget_work(store, recall_id, words)
    return saved


def reopen(store: Store, recall_id: str, *, version: int | None = None) -> Json:
    """Put what was closed back onto the call list. Raises Conflict when it is open, or its visit still stands."""
    before, present = _locked(store, recall_id)
    if present.status not in (REVOKED, "on-hold", "draft"):
        raise Conflict(NOT_OPEN)
    again = replace(present, status=ACTIVE, closed="")
    return store.update(recall_resource(again, store.now, before=before), version=version, reason="reopened")


def undo(store: Store, recall_id: str, *, version: int) -> Json:
    """Take the last change back within a minute of it: an attempt, a message, a change, a closing.

    One that was just written down is marked as a mistake. Raises Conflict when the minute is over, or when somebody
    changed it since.
    """
    now_, present = _locked(store, recall_id)
    if int(now_["meta"]["versionId"]) != version or present.status in (COMPLETED, MISTAKE):
        raise Conflict(UNDO_OVERTAKEN)
    if (store.now - store.vread("ServiceRequest", recall_id, version).at).total_seconds() > _undo_seconds():
        raise Conflict(TOO_LATE_TO_UNDO)
    back = now_ | {"status": MISTAKE}
    if version > 1:
        back = store.vread("ServiceRequest", recall_id, version - 1).json
    if patient_of(back) != patient_of(now_):
        raise Conflict(UNDO_OVERTAKEN)
    saved = store.update(back, version=version, reason="undo")
    earlier = recall_of(back)
    if earlier is None or earlier.tally.attempts < present.tally.attempts or version == 1:
        _take_attempt_back(store, present)
    return saved


def _undo_seconds() -> float:
    return UNDO_FOR.total_seconds() + _GRACE


def _take_attempt_back(store: Store, recall: Recall) -> None:
    c = recall_attempt.c
    wanted = sa.select(c.id).where(c.recall == recall.id, c.at == recall.tally.at, c.way == "phone")
    for id_ in store.conn.execute(wanted).scalars().all():
        store.update(mistaken(store.read("Communication", id_)), reason="undo")
    forget_work(store, recall.id, "undo", attempt=recall.tally.attempts)


def _key(recall_id: str) -> str:
    return f"recall:{recall_id}:"


def forget_work(store: Store, recall_id: str, why: str, *, attempt: int = 0) -> None:
    """Nobody need be told or find a way any more."""
    key = _key(recall_id) + (f"{attempt}:" if attempt else "")
    store.fire("message_unwanted", {"key": key, "why": why})
    store.fire("task_unwanted", {"kind": "recall", "focus": f"ServiceRequest/{recall_id}", "why": why})


# -- the visit that carries it out


def follow_visit(store: Store, appointment: Json) -> None:
    """Complete what a booked visit carries out; open it again when the visit is cancelled, missed or a mistake."""
    for id_ in based_on(appointment):
        resource = store.find("ServiceRequest", id_)
        recall = recall_of(resource) if resource else None
        if resource is not None and recall is not None and recall.patient_id == patient_of(appointment):
            _follow(store, resource, recall, appointment)


def _follow(store: Store, resource: Json, recall: Recall, appointment: Json) -> None:
    status, visit = str(appointment.get("status")), str(appointment["id"])
    if holds_time(status) and recall.open:
        done = replace(recall, status=COMPLETED, booked=visit)
        store.update(recall_resource(done, store.now, before=resource), reason=BOOKED)
        forget_work(store, recall.id, BOOKED)
    elif status in _GONE and recall.status == COMPLETED and recall.booked == visit:
        again = replace(recall, status=ACTIVE, booked="")
        store.update(recall_resource(again, store.now, before=resource), reason=AGAIN)


# -- within


def needs_words(reason: str) -> str:
    """A reason that somebody gave. Raises Invalid for none."""
    words = " ".join(reason.split())[:200]
    if not words:
        raise Invalid(N_("Give a reason."), field="reason")
    return words


def _locked(store: Store, recall_id: str) -> tuple[Json, Recall]:
    store.lock("ServiceRequest", recall_id)
    resource = store.read("ServiceRequest", recall_id)
    found = recall_of(resource)
    if found is None:
        raise Missing("There is no such page or record.")
    return resource, found


def _open(store: Store, recall_id: str) -> tuple[Json, Recall]:
    resource, found = _locked(store, recall_id)
    if not found.open:
        raise Conflict(NOT_OPEN)
    return resource, found


def named(store: Store, setup: Setup, recall: Recall) -> Recall:
    """The order or recall with the names it copies, after it was checked."""
    patient = store.find("Patient", recall.patient_id) if recall.patient_id else None
    if patient is None:
        raise Invalid(NO_PATIENT, field="patient")
    require_in_use(store, recall.patient_id)
    if deceased_of(patient):
        raise Invalid(DECEASED, field="patient")
    _check(recall)
    name, birth_date = shown_name(patient)
    what, provider = _what(setup, recall), _provider(setup, recall.provider_id)
    requester = setup.provider(recall.requester_id)
    return replace(
        recall, patient_name=name, birth_date=birth_date, what=what, provider_name=provider,
        requester_name=requester.name if requester else recall.requester_name[:200],
    )  # fmt: skip


def _check(recall: Recall) -> None:
    if not 0 <= recall.days <= MOST_DAYS:
        raise Invalid(TOLERANCE, field="days")
    if recall.priority not in PRIORITIES or recall.kind not in KINDS:
        raise Invalid(N_("Choose how urgent it is."), field="priority")
    if len(recall.note) > LONGEST_NOTE:
        raise Invalid(N_("This is too long."), field="note")


def _what(setup: Setup, recall: Recall) -> str:
    kind = setup.visit_type(recall.type_id) if recall.type_id else None
    if recall.type_id and kind is None:
        raise Invalid(NO_TYPE, field="visit_type")
    what = " ".join(recall.what.split())[:200]
    if kind is None and not what:
        raise Invalid(NO_WHAT, field="what")
    return kind.name if kind else what


def _provider(setup: Setup, id_: str) -> str:
    provider = setup.provider(id_) if id_ else None
    if id_ and provider is None:
        raise Invalid(NO_PROVIDER, field="provider")
    return provider.name if provider else ""
