"""Answering: every answer kept as it is given, a page kept at Next, a form completed exactly once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from clinic.core.days import instant_text
from clinic.core.json import Json, canonical
from clinic.db.sql import upsert
from clinic.fhir.store import Store
from clinic.intake import mapping as m
from clinic.intake import tables as t
from clinic.intake.questionnaire import (
    Answers,
    Fault,
    Form,
    Settled,
    Signature,
    begin,
    from_response,
    settle,
    text_hash,
    to_response,
    validate_all,
)
from clinic.intake.questionnaire.validate import signature_names, signed_text
from clinic.intake.record import field_of, known_values, prefilled
from clinic.intake.service.confirming import confirm_same
from clinic.intake.service.forms import form_at
from clinic.intake.service.packets import Packet, PacketForm, change, finish, keep_alive
from clinic.regions import region_of
from clinic.registration.mapping import consents, details_of
from clinic.registration.rules.consents import ConsentText
from clinic.registration.service.consents import sign_form


@dataclass(frozen=True)
class Sitting:
    """One form of a packet as it is answered now."""

    packet: Packet
    position: int
    questionnaire: Json
    form: Form
    settled: Settled
    response: Json | None

    @property
    def answers(self) -> Answers:
        """What was answered so far, with everything calculated."""
        return self.settled.answers


def sit_down(store: Store, packet: Packet, position: int) -> Sitting:
    """Open a form of a packet with the answers given so far: a draft, a kept page, or a fresh start."""
    chosen = packet.forms[position]
    questionnaire, form = form_at(store, chosen.questionnaire, chosen.version)
    response = store.find("QuestionnaireResponse", chosen.response) if chosen.response else None
    d = t.draft.c
    wanted = sa.select(d.body).where(d.packet_id == packet.id, d.position == position)
    draft = store.conn.execute(wanted).scalar_one_or_none()
    kept = draft or response
    answers = from_response(form, kept) if kept else _fresh(store, packet, form)
    settled = settle(form, answers, _given(store, packet) if form.computes else None)
    return Sitting(packet, position, questionnaire, form, settled, response)


def _fresh(store: Store, packet: Packet, form: Form) -> Answers:
    """A form not begun yet: its initial values, and what the record knows when the desk allowed it."""
    answers = begin(form, _given(store, packet))
    if packet.prefill and any(field_of(item) for item in form.every):
        answers = prefilled(form, answers, record_of(store, packet.patient_id))
    return answers


def record_of(store: Store, patient_id: str) -> dict[str, str]:
    """What the record says of a patient, by field, as people write it."""
    region = region_of(store.practice.region)
    return known_values(details_of(store.read("Patient", patient_id), region), region)


def _given(store: Store, packet: Packet) -> dict[str, Any]:
    """What expressions of a form may know: the record, only when the desk ticked that it may be shown."""
    return {"patient": store.read("Patient", packet.patient_id)} if packet.prefill else {}


def with_answers(sitting: Sitting, answers: Answers) -> Sitting:
    """The same sitting with other answers."""
    return replace(sitting, settled=settle(sitting.form, answers))


def keep_draft(store: Store, sitting: Sitting) -> None:
    """Keep answers as they are given; no new version of the record until the page is done."""
    row = {
        "packet_id": sitting.packet.id,
        "position": sitting.position,
        "body": _response(store, sitting, "in-progress"),
        "updated": store.now,
    }
    upsert(store.conn, t.draft, [row], ["packet_id", "position"])
    keep_alive(store, sitting.packet)


def keep_page(store: Store, sitting: Sitting) -> Sitting:
    """Keep the answers as a version of the record; a form already completed is left as it is."""
    if sitting.packet.forms[sitting.position].done:
        return sitting
    kept = _write(store, sitting, "in-progress")
    packet = _put(store, sitting, replace(sitting.packet.forms[sitting.position], response=kept["id"]))
    keep_alive(store, packet)
    return replace(sitting, packet=packet, response=kept)


def sign(sitting: Sitting, name: str, *, svg: str, signer: str, when: str) -> Sitting:
    """Put a signature under the text as it stands, in the language it was read in."""
    language = sitting.packet.language or sitting.form.language
    signature = Signature(
        text_hash=text_hash(sitting.settled, name, language),
        when=when,
        language=language,
        signer=" ".join(signer.split())[:120],
        svg=svg,
        who=sitting.packet.filler,
    )
    return with_answers(sitting, sitting.answers.with_signature(name, signature if svg or signer.strip() else None))


def complete(store: Store, sitting: Sitting) -> tuple[Sitting, tuple[Fault, ...]]:
    """Complete a form: refused with every fault, or kept with signatures and consent, exactly once."""
    if sitting.packet.forms[sitting.position].done:
        return sitting, ()
    faults = validate_all(sitting.settled)
    if faults:
        return sitting, faults
    kept = _write(store, sitting, "completed")
    _seal(store, sitting, kept)
    asked = sitting.settled.names
    confirm_same(store, sitting.packet, sitting.form, given=sitting.answers, asked=asked, kept=kept)
    done = replace(sitting.packet.forms[sitting.position], response=kept["id"], done=True)
    packet = _put(store, sitting, done)
    store.fire("answers_submitted", kept)
    if packet.left:
        keep_alive(store, packet)
    else:
        finish(store, packet)
    return replace(sitting, packet=packet, response=kept), ()


def _seal(store: Store, sitting: Sitting, response: Json) -> None:
    names = signature_names(sitting.settled)
    signatures = [m.signature_of(sitting.answers.signatures[name], sitting.packet.patient_id) for name in names]
    if not signatures:
        return
    digest = hashlib.sha256(canonical(response).encode()).hexdigest()
    device = store.actor.name or store.actor.id
    store.create(m.provenance(response, signatures, hash_of_answers=digest, device=device, now=store.now))
    if sitting.form.consent:
        sign_form(store, response["subject"], _consent(store, sitting, names[0], response))


def _consent(store: Store, sitting: Sitting, name: str, response: Json) -> consents.Signature:
    """What was agreed to: the exact text above the signature, in the language it was read in."""
    signature, form = sitting.answers.signatures[name], sitting.form
    version, title = form.version, form.title.say(signature.language)
    text = ConsentText(title, signed_text(sitting.settled, name, signature.language))
    helped = signature.who != "self"
    return consents.Signature(
        kind=form.consent,
        number=int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0,
        language=signature.language,
        text=text,
        sha256=text.sha256,
        signed=store.now,
        ends="",
        how="tablet",
        signer="proxy" if helped else "self",
        signer_name=signature.signer or ("?" if helped else ""),
        device=store.actor.name or store.actor.id,
        source=f"QuestionnaireResponse/{response['id']}/_history/{response['meta']['versionId']}",
    )


def _response(store: Store, sitting: Sitting, status: str) -> Json:
    packet, form = sitting.packet, sitting.form
    extensions: list[Json] = [
        {"url": m.TITLE, "valueString": form.title.default or "Form"},
        {"url": m.LANGUAGE, "valueCode": packet.language or form.language},
        {"url": m.FILLER, "valueCode": packet.filler},
    ]
    if packet.appointment_id:
        reference = {"reference": f"Appointment/{packet.appointment_id}"}
        extensions.append({"url": m.APPOINTMENT, "valueReference": reference})
    if packet.device_id == packet.id:
        extensions.append({"url": m.THROUGH, "valueCode": "link"})
    person = m.subject(packet.patient_id, packet.patient_name)
    about: Json = {
        "extension": extensions,
        "questionnaire": m.canonical_of(sitting.questionnaire),
        "status": status,
        "subject": person,
        "authored": instant_text(store.now),
        "source": person,
    }
    if sitting.response:
        about["id"] = sitting.response["id"]
    return to_response(form, sitting.answers, sitting.settled.names, about)


def _write(store: Store, sitting: Sitting, status: str) -> Json:
    body = _response(store, sitting, status)
    d = t.draft.c
    store.conn.execute(sa.delete(t.draft).where(d.packet_id == sitting.packet.id, d.position == sitting.position))
    return store.update(body) if sitting.response else store.create(body)


def _put(store: Store, sitting: Sitting, form: PacketForm) -> Packet:
    forms = list(sitting.packet.forms)
    forms[sitting.position] = form
    if tuple(forms) == sitting.packet.forms:
        return sitting.packet
    change(store, sitting.packet.id, forms=[one.json for one in forms])
    return replace(sitting.packet, forms=tuple(forms))
