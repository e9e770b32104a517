"""What can stand in the way of a booking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clinic.appointments.rules.free import Offer
from clinic.core.errors import N_, ClinicError, Conflict, Invalid, Taken

TAKEN = N_("This time has just been taken.")
NOTHING_FREE = N_("This visit also needs %(what)s, and nothing of it is free at this time.")
FALLS_OUTSIDE = N_("Booked visits that would be outside these hours: %(count)s. Nothing is saved yet.")
STILL_USED = N_("Booked visits that use it: %(count)s. Nothing is changed yet.")
PAST = N_("This time is in the past.")
OUTSIDE = N_("%(provider)s does not work at this time.")
TWICE = N_("%(patient)s already has a visit at %(time)s with %(provider)s.")
STEP = N_("An appointment that is %(before)s cannot become %(after)s.")
TOO_LATE_TO_UNDO = N_("The minute for taking this back is over.")
UNDO_OVERTAKEN = N_("This was changed again since, so it cannot be taken back.")
NO_PROVIDER = N_("Choose a provider who sees patients.")
NO_TYPE = N_("Choose a visit type.")
NO_ROOM = N_("Choose a room of this practice.")
NO_PATIENT = N_("Choose a patient.")
DECEASED = N_("This patient is recorded as deceased. If that is wrong, correct the record first.")
MERGED = N_("This record was merged into another one. Book under the other record.")
BOTH_AT_ONCE = N_("Both records have a visit at the same time: %(one)s with %(provider)s. Move or cancel one of them.")
NEEDS_REASON = N_("Give a reason.")
NOT_ALLOWED = N_("Your role does not allow overbooking.")
BEGUN = N_("The visit has begun, so its time can no longer change.")
NO_TIME = N_("This appointment has no time yet.")
NO_SITE = N_("Choose a site of this practice.")
NO_OFFER = N_("This offer does not exist.")
OFFER_GONE = N_("Somebody else was first, so this time is gone. The wish stays on the waiting list.")
OFFER_LATE = N_("The time for an answer is over. The wish stays on the waiting list.")
OFFER_OVER = N_("This offer is no longer open.")
NOT_WAITING = N_("This wish is no longer as you saw it. Open the waiting list again.")
ENDS_FIRST = N_("The last day is over, or before the first one.")
BOUNDS = N_("Choose 0 to 20 people at once, up to 1440 hours of notice, and 5 to 1440 minutes to answer.")
GIVEN_AWAY = N_("Its old time has been given to somebody else.")

TWO_SITES = N_("At some of these times they would be at another site too.")
LIST_CHANGED = N_("This list was changed meanwhile. Look at it again.")
LIST_FULL = N_("The list of this day is full.")
NO_CLOSED_TIME = N_("This time is not closed, or not any more.")
NO_GROUP = N_("This group does not take anybody any more.")
NOT_A_GROUP = N_("There is no such group.")
NO_TITLE = N_("Give the group a title.")
NO_SEATS = N_("Choose between 2 and %(most)s seats.")
FULL = N_("Every seat of this group is taken.")
OVER_SEATED = N_("%(count)s seats are taken. Free one first.")
TWICE_SEATED = N_("%(patient)s is in this group already.")
SEAT_STAYS = N_("A seat keeps the time of its group. Move the group, or cancel the seat and book anew.")

NO_SERIES = N_("This appointment is not part of a series.")
NOTHING_LEFT = N_("No date is left to book or change. Choose at least one.")
ON_A_DATE = N_("Date %(number)s: %(why)s Nothing was changed; choose another time for it or leave it out.")


class TimeTaken(Taken):
    """Somebody else was first; `offers` are the nearest free times."""

    def __init__(self, message: str = TAKEN, *, offers: tuple[Offer, ...] = (), **rest: Any) -> None:
        super().__init__(message, **rest)
        self.offers = offers


class NothingFree(TimeTaken):
    """Something that the visit needs beside its provider is not free then."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(NOTHING_FREE, **rest)


class OutsideHours(Conflict):
    """The provider does not work then, or is away."""

    def __init__(self, message: str = OUTSIDE, *, offers: tuple[Offer, ...] = (), **rest: Any) -> None:
        super().__init__(message, field="start", **rest)
        self.offers = offers


class SamePatient(Conflict):
    """The patient has another visit at the same time; it can be booked anyway."""

    def __init__(self, **params: Any) -> None:
        super().__init__(TWICE, field="patient", **params)


class FallsOutside(Conflict):
    """Booked visits would lie outside new hours; they are shown before anything is saved."""

    def __init__(self, visits: Sequence[Any]) -> None:
        super().__init__(FALLS_OUTSIDE, count=len(visits))
        self.visits = tuple(visits)


class StillUsed(Conflict):
    """Booked visits use what is to be taken out of use; they are shown before it is."""

    def __init__(self, visits: Sequence[Any]) -> None:
        super().__init__(STILL_USED, count=len(visits))
        self.visits = tuple(visits)


class InThePast(Invalid):
    """A time that has gone by cannot be booked."""

    def __init__(self) -> None:
        super().__init__(PAST, field="start")


class DateTaken(Conflict):
    """One date of several cannot be had, so none was booked or changed; `offers` are free times close to it."""

    def __init__(self, number: int, cause: ClinicError) -> None:
        super().__init__(ON_A_DATE, number=number, why=cause.message % cause.params)
        self.number = number
        self.cause = cause
        self.offers: tuple[Offer, ...] = getattr(cause, "offers", ())
