"""What has been entered into a booking form so far, and the form drawn from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import current_app, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from clinic.appointments.errors import OutsideHours, SamePatient, TimeTaken
from clinic.appointments.forms import BookForm, known_instant, local_parts, read_day, read_slot, slot_text
from clinic.appointments.queries.advice import Advice, Wanted, advice
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.routes.shown import choices, tools
from clinic.appointments.rules.booking import Booking
from clinic.appointments.rules.free import PARTS, Offer, PartOfDay
from clinic.appointments.rules.setup import STANDARD_MINUTES, Setup
from clinic.core.days import day_bounds
from clinic.core.errors import ClinicError, Invalid, Taken
from clinic.core.practice import Practice
from clinic.fhir.store import Store
from clinic.registration.queries.finder import find_patients
from clinic.registration.rules.query import read_query
from clinic.registration.rules.ranking import Hit
from clinic.web.filters import today
from clinic.web.forms import translated
from clinic.web.respond import is_fragment, page
from clinic.web.state import state_of
from clinic.web.transaction import look

IN_POPOVER, ON_PAGE = 4, 8
_HITS = 6


@dataclass(frozen=True)
class Entered:
    """The booking form as it stands, and what a refusal of it said."""

    form: BookForm
    wanted: Wanted
    limit: int = IN_POPOVER
    offers: tuple[Offer, ...] = ()
    taken: bool = False
    twice: bool = False
    orders: tuple[str, ...] = ()
    ordered_for: str = ""
    """The patient and the visit type for which the orders were last shown; empty before that."""

    @property
    def slot(self) -> str:
        """The chosen time as the value of its choice."""
        return slot_text(self.wanted.start, self.wanted.provider) if self.wanted.start else ""


def practice() -> Practice:
    """The practice's settings."""
    return state_of(current_app).practice


def entered_of(values: Mapping[str, str], form: BookForm | None = None) -> Entered:
    """What an address or a sent form says; whatever cannot be read is left out."""
    form = form or BookForm.of_request(
        **{name: values[name] for name in BookForm.__dict__ if name in values}, **_typed(values)
    )
    start, provider = _when(values)
    part: PartOfDay = next((code for code in PARTS if code == values.get("part")), "any")
    wanted = Wanted(
        minutes=_minutes(values.get("minutes", "")),
        type_id=values.get("visit_type", "")[:64],
        provider=provider,
        patient=values.get("patient", "")[:64],
        start=start,
        earliest=_earliest(values),
        part=part,
        only=values.get("only", "") == "1",
    )
    orders, ordered_for = orders_of(values)
    limit = IN_POPOVER if is_fragment() else ON_PAGE
    return Entered(form, wanted, limit=limit, orders=orders, ordered_for=ordered_for)


def orders_of(values: Mapping[str, str]) -> tuple[tuple[str, ...], str]:
    """The orders that are ticked, and for which patient and visit type they were shown."""
    ticked = values.getlist("order") if isinstance(values, MultiDict) else []
    return tuple(id_[:64] for id_ in ticked[:20] if id_), values.get("ordered_for", "")[:140]


def asked_orders(orders: tuple[str, ...], ordered_for: str) -> tuple[str, ...] | None:
    """What the booking carries out: what is ticked, or None while nobody was asked."""
    return orders if orders or ordered_for else None


def _typed(values: Mapping[str, str]) -> dict[str, str]:
    start, provider = _when(values)
    found = {name: values[name] for name in ("minutes", "day", "time") if name in values}
    if start and "day" not in found:
        found["day"], found["time"] = local_parts(start, practice().zone)
    return found | ({"provider": provider} if provider else {})


def _when(values: Mapping[str, str]) -> tuple[datetime | None, str]:
    slot = read_slot(values.get("slot", ""))
    if slot and not retyped(values):
        return slot
    provider = values.get("provider", "")[:64]
    start = known_instant(values.get("start", ""))
    if start is None and values.get("time"):
        form = BookForm(None, day=values.get("day", ""), time=values.get("time", ""))
        start = _typed_start(form)
    return start, provider


def _earliest(values: Mapping[str, str]) -> datetime | None:
    found = practice()
    try:
        day = read_day(values.get("day", "")[:40], today=today(), order=found.date_order)
    except ValueError:
        return None
    return day_bounds(day, found.zone)[0]


def retyped(values: Mapping[str, str]) -> bool:
    """Whether day, time or provider were changed by hand since the offers below them were drawn."""
    return "shown" in values and values["shown"] != typed_text(values)


def typed_text(values: Mapping[str, str]) -> str:
    """Day, time and provider as one text, to see whether they were changed."""
    return "|".join(values.get(name, "").strip() for name in ("day", "time", "provider"))


def _typed_start(form: BookForm) -> datetime | None:
    try:
        return start_of(form)
    except Invalid:
        return None


def start_of(form: Any) -> datetime:
    """The instant of the day and time fields. Raises Invalid."""
    found = practice()
    start: datetime = form.read_start(today=today(), zone=found.zone, order=found.date_order)
    return start


def _minutes(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and 5 <= int(text[:4]) <= 720 else 0


def asked_booking(form: BookForm) -> Booking:
    """The booking that a sent form asks for. Raises Invalid, tied to the field."""
    typed = retyped(request.form)
    chosen = None if typed else read_slot(str(form.slot.data or ""))
    start, provider = chosen or (start_of(form), str(form.provider.data or ""))
    return Booking(
        patient_id=str(form.patient.data or ""),
        provider_id=provider,
        visit_type=str(form.visit_type.data or ""),
        start=start,
        minutes=form.read_minutes(),
        room_id=str(form.room.data or ""),
        note=str(form.note.data or ""),
        hold=str(form.hold.data or "")[:80],
        anyway=bool(form.anyway.data),
        overbook_reason=str(form.overbook_reason.data or ""),
        orders=asked_orders(*orders_of(request.form)),
    )


def refused(entered: Entered, error: ClinicError) -> Entered:
    """The form with the refusal in it, and the nearest free times where the time was the reason."""
    if isinstance(error, Taken):
        entered.form.form_errors.append(translated(error))
    else:
        entered.form.show(error)
    offers = error.offers if isinstance(error, TimeTaken | OutsideHours) else ()
    return replace(entered, offers=offers, taken=bool(offers), twice=isinstance(error, SamePatient))


def form_page(entered: Entered, *, status: int = 200) -> Response:
    """The booking form: a fragment for the popover, else a page."""

    def read(store: Store) -> tuple[Advice, list[Hit]]:
        setup = calendar_setup(store)
        _fill(entered, setup)
        found = _advice(store, entered, setup)
        if found.patient:
            store.saw(found.patient.id, "booking")
        return found, _hits(store, entered)

    found, hits = look(read)
    return page(
        "appointments/_book_pop.html" if is_fragment() else "appointments/book.html",
        status=status,
        form=entered.form,
        entered=entered,
        advice=found,
        hits=hits,
        q="" if found.patient else str(entered.form.q.data or ""),
        shown=typed_text({name: str(entered.form[name].data or "") for name in ("day", "time", "provider")}),
        **tools(),
    )


def _advice(store: Store, entered: Entered, setup: Setup) -> Advice:
    type_id, minutes = str(entered.form.visit_type.data or ""), _minutes(str(entered.form.minutes.data or ""))
    wanted = replace(entered.wanted, type_id=type_id, minutes=minutes)
    found = advice(store, wanted, limit=entered.limit, setup=setup)
    return replace(found, offers=entered.offers) if entered.taken else found


def _hits(store: Store, entered: Entered) -> list[Hit]:
    text = str(entered.form.q.data or "")[:120]
    if entered.wanted.patient or not text:
        return []
    query = read_query(text, today=today(), order=practice().date_order)
    return [hit for hit in find_patients(store, query, limit=_HITS) if not hit.person.deceased]


def _fill(entered: Entered, setup: Setup) -> None:
    form, wanted = entered.form, entered.wanted
    kinds = [kind for kind in setup.types if kind.active]
    if not form.visit_type.data and kinds:
        form.visit_type.data = kinds[0].id
    kind = setup.visit_type(str(form.visit_type.data or ""))
    if not form.minutes.data:
        form.minutes.data = str(wanted.minutes or (kind.minutes if kind else STANDARD_MINUTES))
    known = choices(setup)
    known["provider"] = [("", str(_("Anybody"))), *known["provider"]]
    form.place(**known)
