"""By which way a patient can be reached: consent, the preferred channel, numbers that take texts, quiet hours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time

from clinic.communication.queries.plans import plans_of
from clinic.communication.rules.messages import CHANNELS, Way
from clinic.communication.rules.quiet import next_moment, zones_for
from clinic.communication.rules.reminders import USUAL
from clinic.core.days import local
from clinic.core.errors import N_
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.regions import region_of
from clinic.registration.mapping.patient import details_of
from clinic.registration.rules.contacting import (
    DECEASED,
    HOURS,
    NEVER,
    NO_CONSENT,
    NO_TEXTS,
    NO_WAY,
    Verdict,
    may_contact,
)
from clinic.registration.rules.details import PatientDetails
from clinic.registration.service.consents import answers

WANTS_CALL, WANTS_LETTER = N_("The patient asked to be called."), N_("The patient asked for letters.")
OFF = N_("The practice has set up no gateway for this.")
_WORDS = {
    DECEASED: N_("The patient is recorded as deceased."),
    NEVER: N_("The patient does not want to be reached this way."),
    NO_WAY: N_("There is no number or address to reach them by."),
    NO_TEXTS: N_("None of the numbers takes texts."),
    NO_CONSENT: N_("The patient has not agreed to this, or took it back."),
    HOURS: N_("There is no hour at which they may be reached in time."),
}


def way_to(store: Store, patient: Json, channels: Sequence[str] = CHANNELS, *, until: datetime | None = None) -> Way:
    """How this patient can be reached now, or when: the first way that is allowed, the preferred one in front, and
    otherwise in the order of `channels`.

    A way that is closed only for the hour is waited for, when it opens before `until`.
    """
    details = details_of(patient, region_of(store.practice.region))
    if details.contact_by == "phone":
        return Way(why=WANTS_CALL)
    if details.contact_by == "letter":
        return Way(why=WANTS_LETTER)
    if not channels:
        return Way(why=OFF)
    agreed = answers(store, str(patient["id"]), tuple(channels))
    whys = []
    for channel in _ordered(details, channels):
        way = _by(store, details, channel, consented=agreed[channel].allowed)
        if way or (way.later is not None and (until is None or way.later < until)):
            return way
        whys.append(way.why if way.later is None else HOURS)
    return Way(why=_WORDS.get(whys[0], whys[0]))


def _ordered(details: PatientDetails, channels: Sequence[str]) -> list[str]:
    return sorted(channels, key=lambda channel: channel != details.contact_by)


def _by(store: Store, details: PatientDetails, channel: str, *, consented: bool) -> Way:
    hours = plans_of(store).get("", USUAL).hours

    def said(clock: time) -> Verdict:
        return may_contact(details, channel, clock, consented=consented, open_hours=hours)

    noon = said(time(12))
    zone = store.practice.zone
    zones = zones_for(noon.to or details.mobile, zone) if channel == "sms" else (zone,)
    moment = next_moment(store.now, zones, lambda clock: said(clock).allowed)
    if moment is None:
        return Way(channel, why=noon.why or HOURS)
    if moment > store.now:
        return Way(channel, later=moment)
    return Way(channel, to=said(local(store.now, zones[-1]).time()).to)
