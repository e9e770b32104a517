"""What stands behind each value of a record, for the small panel beside the value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.core.source import IN_PERSON, PHONE, Source
from clinic.fhir.store import Store
from clinic.regions import Region, region_of
from clinic.registration.mapping.evidence import values_of
from clinic.registration.queries.before import values_before
from clinic.registration.queries.evidence import acts_on, evidence_of_record
from clinic.registration.routes import blueprint
from clinic.registration.routes.words import open_url
from clinic.registration.rules.evidence import Evidence, Told, ages_of
from clinic.registration.sources import field_label, input_names, source_text, value_words
from clinic.web.respond import page
from clinic.web.transaction import look


@dataclass(frozen=True)
class Behind:
    """The paper or record behind a value: where it opens, in words, and its picture when it has one."""

    url: str
    text: str
    picture: str = ""


@dataclass(frozen=True)
class Story:
    """Everything there is to say about one value."""

    field: str
    inputs: str
    """The names of its inputs on the form."""
    label: str
    source: str
    told: Told
    verified: Told | None
    verified_how: str
    before: str
    behind: Behind | None
    stale: bool


@blueprint.get("/<patient_id>/evidence")
@requires("patients.read")
def evidence(patient_id: str) -> Response:
    """Where every value of the record comes from; fetched once for a page, when somebody first asks."""
    stories = look(lambda store: _stories(store, patient_id))
    return page("registration/_evidence.html", stories=stories, patient_id=patient_id)


def _stories(store: Store, patient_id: str) -> list[Story]:
    record = store.read("Patient", patient_id)
    store.saw(patient_id, "evidence")
    region = region_of(store.practice.region)
    values = values_of(record, region)
    known = evidence_of_record(record, acts_on(store, [patient_id]), region, values)
    before = values_before(store, patient_id, known)
    ages = ages_of(store.practice.ages)
    return [
        _story(one, values[name], before.get(name), region, stale=one.stale(ages.get(name, 0), store.now))
        for name, one in known.items()
    ]


def _story(one: Evidence, value: Any, before: Any, region: Region, *, stale: bool) -> Story:
    return Story(
        field=one.field,
        inputs=" ".join(input_names(one.field, value)),
        label=field_label(one.field, region),
        source=source_text(one.told),
        told=one.told,
        verified=one.verified,
        verified_how=source_text(one.verified) if one.verified else "",
        before=value_words(one.field, before, region) if before is not None else "",
        behind=behind(one.told),
        stale=stale,
    )


def behind(told: Told) -> Behind | None:
    """Where the paper, the answers or the record behind a value opens; nothing for those who may not see it."""
    reference = told.document.partition("/_history/")[0]
    type_, slash, id_ = reference.partition("/")
    if not slash or "/" in id_:
        return None
    if type_ == "DocumentReference":
        url = open_url("registration.document", patient_id=told.patient_id, document_id=id_)
        picture = open_url(
            "registration.document_page", patient_id=told.patient_id, document_id=id_, number="1", size="small"
        )
        return Behind(url, str(_("See the document")), picture) if url else None
    if type_ == "QuestionnaireResponse":
        url = open_url("intake.review", response_id=id_)
        return Behind(url, str(_("See the answers"))) if url else None
    if type_ == "Patient" and id_ != told.patient_id:
        return Behind(open_url("registration.patient", patient_id=id_), str(_("See the other record")))
    return None


def told_here() -> tuple[Source, ...]:
    """How the values of the form that was sent were told, when that was said."""
    told = request.form.get("told", "")
    return (Source(told),) if told in (IN_PERSON, PHONE) else ()
