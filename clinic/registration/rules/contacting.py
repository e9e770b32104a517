"""Whether somebody may be reached by a channel at a time: what the patient said, and the practice's quiet hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from clinic.registration.rules.details import PatientDetails
from clinic.registration.rules.hours import within

QUIET = "08:00-21:00"
"""The hours at which a practice calls and texts when it chose none; mail and letters wait for no hour."""

DECEASED, NEVER, NO_WAY, NO_TEXTS, HOURS, NO_CONSENT = (
    "deceased", "never by this channel", "nothing to reach them by", "takes no texts", "not at this hour", "no consent"
)  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """Whether one may, by which number or address, and if not why."""

    allowed: bool
    to: str = ""
    why: str = ""

    def __bool__(self) -> bool:
        return self.allowed


def may_contact(
    details: PatientDetails, channel: str, at: time, *, consented: bool = True, open_hours: str = QUIET
) -> Verdict:
    """Whether a message may go by "phone", "sms", "email" or "letter" at this local time.

    `consented` is what the consents on file say of the channel. What would be refused only for the hour says
    `why` = HOURS, so that a reminder waits instead of giving up.
    """
    if details.deceased:
        return Verdict(False, why=DECEASED)
    if channel in details.never_by:
        return Verdict(False, why=NEVER)
    if not consented:
        return Verdict(False, why=NO_CONSENT)
    if channel in ("phone", "sms"):
        return _by_phone(details, channel, at, open_hours)
    to = details.email if channel == "email" else (details.mailing or details.address).line
    return Verdict(True, to) if to else Verdict(False, why=NO_WAY)


def _by_phone(details: PatientDetails, channel: str, at: time, open_hours: str) -> Verdict:
    ways = [
        (details.mobile, details.texts, details.mobile_hours),
        (details.home_phone, details.home_texts, details.home_hours),
        (details.work_phone, details.work_texts, details.work_hours),
    ]
    known = [way for way in ways if way[0]]
    if not known:
        return Verdict(False, why=NO_WAY)
    usable = [way for way in known if way[1] or channel == "phone"]
    if not usable:
        return Verdict(False, why=NO_TEXTS)
    fit = [number for number, _, hours in usable if within(hours, at)] if within(open_hours, at) else []
    return Verdict(True, fit[0]) if fit else Verdict(False, why=HOURS)
