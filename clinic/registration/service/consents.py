"""Recording a consent, taking it back, asking what it allows; texts and who needs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time

import sqlalchemy as sa

from clinic.core.days import local, to_utc
from clinic.core.errors import Conflict, Invalid, Missing, Stale
from clinic.core.json import Json
from clinic.db.sql import upsert
from clinic.fhir.store import STALE, Store
from clinic.fhir.subject import reference_id
from clinic.registration.mapping.consents import Signature, consent_resource, signed_of, withdrawn_resource
from clinic.registration.queries.consents import book_of, text_of, versions_of
from clinic.registration.queries.finder import today_of
from clinic.registration.queries.flags import flags_of_many
from clinic.registration.rules.birth import birth_day
from clinic.registration.rules.consents import (
    CHANNELS,
    NEEDS,
    Answer,
    ConsentText,
    Kind,
    Signing,
    check_signing,
    check_texts,
    judge,
    last_day,
)
from clinic.registration.tables import consent_kind, consent_text

NO_TEXTS = "The patient asked for calls and no texts."
LONGEST_REASON = 400


def sign(store: Store, patient_id: str, signing: Signing) -> Json:
    """Write down a consent given on paper or by word of mouth. Raises Missing, Invalid."""
    patient = store.read("Patient", patient_id)
    book = book_of(store, [patient_id])
    kept = check_signing(signing, book.kinds, today_of(store), _born(patient))
    found = text_of(store, kept.kind, kept.language, kept.number)
    if found is None or kept.signed is None:
        raise Invalid("There is no such version of this text.", field="number")
    number, text, language = found
    if language != kept.language:
        raise Invalid("There is no text in this language; choose another, or have it written.", field="language")
    noon = to_utc(datetime.combine(kept.signed, time(12)), store.practice.zone)
    signature = Signature(
        kind=kept.kind, number=number, language=language, text=text, sha256=text.sha256, signed=min(noon, store.now),
        ends=last_day(kept.signed, book.kinds[kept.kind].months), how=kept.how, signer=kept.signer,
        signer_name=kept.signer_name, relation=kept.relation, witness=kept.witness, scope=kept.scope,
    )  # fmt: skip
    return store.create(consent_resource(signature, _to(patient), organization=_organization(store)))


def sign_form(store: Store, patient: Json, signature: Signature) -> Json:
    """Keep the consent that a signed form stands for. `patient` is a reference with its display."""
    book = book_of(store)
    kind = book.kinds.get(signature.kind, Kind(signature.kind))
    day = local(signature.signed, store.practice.zone).date()
    dated = replace(signature, ends=last_day(day, kind.months))
    return store.create(consent_resource(dated, patient, organization=_organization(store)))


def withdraw(store: Store, consent_id: str, *, on: date, reason: str, version: int | None = None) -> Json:
    """The patient takes a consent back. Raises Missing, Invalid, Conflict when it was taken back already, Stale."""
    consent = store.read("Consent", consent_id)
    said = " ".join(reason.split())
    one = signed_of(consent)
    if one.status == "inactive" or one.deny:
        raise Conflict("This consent was taken back already.")
    if not said:
        raise Invalid("Write what the patient said, or why.", field="reason")
    if on > today_of(store):
        raise Invalid("This day has not come yet.", field="on")
    if one.signed is not None and on < local(one.signed, store.practice.zone).date():
        raise Invalid("A consent cannot be taken back before it was given.", field="on")
    by = store.actor.name or "Clinic"
    changed = withdrawn_resource(consent, on=on.isoformat(), reason=said[:LONGEST_REASON], by=by)
    return store.update(changed, version=version, reason="withdrawn")


def restore(store: Store, consent_id: str, *, version: int) -> Json:
    """Undo: the consent stands again as it was before it was taken back."""
    before = store.vread("Consent", consent_id, version - 1).json
    return store.update(before, version=version, reason="undone")


def may(store: Store, patient_id: str, purpose: str) -> Answer:
    """Whether the practice may do this to a patient: `sms`, `email`, `voice`, `release`, `telehealth` and so on.

    Whoever sends, calls by machine or gives out a record asks here first. Raises Invalid for an unknown purpose.
    """
    return answers(store, patient_id, (purpose,))[purpose]


def answers(store: Store, patient_id: str, purposes: Sequence[str] = CHANNELS) -> dict[str, Answer]:
    """The same for several purposes at once; two statements."""
    book, today = book_of(store, [patient_id]), today_of(store)
    if not set(purposes) <= book.kinds.keys():
        raise Invalid("There is no consent of this kind.", field="purpose")
    found = {purpose: judge(book.state(patient_id, purpose, today)) for purpose in purposes}
    if found.get("sms", Answer(False)).allowed:
        flags = flags_of_many(store, [patient_id]).get(patient_id, ())
        if any(flag.kind == "no-texts" for flag in flags):
            found["sms"] = Answer(False, NO_TEXTS)
    return found


# -- what the manager decides


def write_text(store: Store, code: str, texts: dict[str, ConsentText], *, number: int) -> int:
    """A new version of a text; what was signed before keeps its own. Gives the version in force.

    `number` is the version that was on the screen. Raises Missing, Invalid, Stale.
    """
    kept = check_texts(texts)
    versions = versions_of(store, code)
    if not versions[0].texts and len(versions) == 1:
        raise Missing("There is no consent of this kind.")
    if versions[0].number != number:
        raise Stale(STALE, current={})
    if kept == versions[0].texts:
        return number
    rows = [
        {
            "code": code, "number": number + 1, "language": language, "title": one.title, "text": one.text,
            "sha256": one.sha256, "since": store.now, "by_name": (store.actor.name or "Clinic")[:120],
        }
        for language, one in kept.items()
    ]  # fmt: skip
    store.conn.execute(sa.insert(consent_text), rows)
    store.did("U", f"text of a consent: {code}")
    store.fire("consent_text_changed", {"kind": code})
    return number + 1


def decide(store: Store, kind: Kind, *, version: int | None = None) -> Kind:
    """Who needs a kind of consent, how long it lasts. Raises Missing, Invalid, Stale."""
    known = book_of(store).kinds.get(kind.code)
    if known is None:
        raise Missing("There is no consent of this kind.")
    if version is not None and version != known.version:
        raise Stale(STALE, current={})
    if kind.need not in NEEDS:
        raise Invalid("Choose who needs it.", field="need")
    if not 0 <= kind.months <= 600:
        raise Invalid("Write how many months it lasts, from 0 for ever to 600.", field="months")
    ages = [one for one in (kind.from_age, kind.to_age) if one is not None]
    if any(not 0 <= one <= 150 for one in ages) or (len(ages) == 2 and ages[0] > ages[1]):
        raise Invalid("Write ages from 0 to 150, the lower one first.", field="from_age")
    row = {
        "code": kind.code, "months": kind.months, "renew": kind.renew, "need": kind.need,
        "visit_types": sorted(kind.visit_types), "from_age": kind.from_age, "to_age": kind.to_age,
        "version": known.version + 1,
    }  # fmt: skip
    upsert(store.conn, consent_kind, [row], ["code"])
    store.did("U", f"who needs a consent: {kind.code}")
    store.fire("consent_text_changed", {"kind": kind.code})
    return replace(kind, version=known.version + 1)


# -- programs


def record_consent(store: Store, resource: Json) -> Json:
    """Keep a Consent that a program sends. Raises Invalid."""
    _check_sent(store, resource)
    return store.create(resource, id=resource.get("id"))


def amend_consent(store: Store, resource: Json, version: int | None) -> Json:
    """Keep a changed Consent that a program sends. Raises Invalid, Stale."""
    _check_sent(store, resource)
    return store.update(resource, version=version)


def _check_sent(store: Store, resource: Json) -> None:
    patient_id = reference_id(resource.get("patient"), "Patient")
    if patient_id and store.find("Patient", patient_id) is None:
        raise Invalid("There is no Patient with this number.", field="Consent.patient")
    one = signed_of(resource)
    if one.text and one.sha256 and ConsentText(one.title, one.text).sha256 != one.sha256 and not one.source:
        raise Invalid("The seal does not fit the text.", field="Consent.extension")
    provision = resource.get("provision")
    period = provision.get("period") if isinstance(provision, dict) else None
    start, end = (str((period or {}).get(name, ""))[:10] for name in ("start", "end"))
    if start and end and end < start[: len(end)]:
        raise Invalid("The end must not be before the start.", field="Consent.provision.period.end")


def _born(patient: Json) -> date | None:
    try:
        return birth_day(str(patient.get("birthDate", "")))
    except ValueError:
        return None


def _to(patient: Json) -> Json:
    return {"reference": f"Patient/{patient['id']}"}


def _organization(store: Store) -> str:
    wanted = store.practice.organization_id
    return wanted if wanted and store.find("Organization", wanted) else ""
