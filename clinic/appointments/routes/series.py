"""Series: entered with every date seen before it is booked; and the list of them."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import ngettext
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.appointments.errors import DateTaken
from clinic.appointments.forms import SeriesForm, local_parts, read_slot
from clinic.appointments.mapping.bonds import SERIES, tie_of
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.queries.series import PAGE, Asked, Frame, Looked, list_series, look_ahead
from clinic.appointments.routes import blueprint
from clinic.appointments.routes.entering import practice, start_of
from clinic.appointments.routes.listing import page_number
from clinic.appointments.routes.repeating import decisions, named_values, pattern_choices, pattern_of, pattern_words
from clinic.appointments.routes.shown import choices, tools
from clinic.appointments.rules.booking import Booking
from clinic.appointments.rules.series import occurrences
from clinic.appointments.rules.setup import STANDARD_MINUTES, Setup
from clinic.appointments.service.many import stamp_of
from clinic.appointments.service.series import book_series
from clinic.core.days import local
from clinic.core.errors import ClinicError, Invalid
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.registration.queries.finder import find_patients
from clinic.registration.queries.merges import person_in_use
from clinic.registration.rules.query import read_query
from clinic.registration.rules.ranking import Hit
from clinic.web.errors import status_of
from clinic.web.filters import today
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, once, transact

_HITS = 6
_STATES = ("coming", "extend", "all")


@blueprint.get("/series")
@requires("appointments.read")
def series_list() -> Response:
    """The series there are; those without an end that run out come first."""
    args = request.args
    state = args.get("state", "") if args.get("state", "") in _STATES else "coming"
    words, number = args.get("q", "")[:80].strip(), page_number()

    def read(store: Store) -> Any:
        store.did("search", "series of appointments")
        return list_series(store, words, state=state, page=number)

    rows, total = look(read)
    values: dict[str, Any] = {
        "state": state,
        "words": words,
        "number": number,
        "first": (number - 1) * PAGE + 1,
        "size": PAGE,
    }
    return page("appointments/series_list.html", rows=rows, total=total, said=pattern_words, **values, **tools())


@blueprint.get("/series/new")
@requires("appointments.write")
def new_series() -> Response:
    """The form of a series, with what each of its dates would meet."""
    return _form_page(_asked_form())


@blueprint.get("/series/dates")
@requires("appointments.write")
def series_dates() -> Response:
    """Only the dates, for what is entered now."""
    form = _asked_form()
    values = look(lambda store: _values(store, form))
    return page("appointments/_series_dates.html", form=form, **values, **tools())


@blueprint.post("/series/new")
@requires("appointments.write")
def book_series_now() -> Response:
    """Book every date as it was decided, or none."""
    form = SeriesForm(request.form)
    try:
        plans = decisions(request.form, reason=str(form.overbook_reason.data or ""))
        booking, pattern = _booking(form), pattern_of(form)
        key = str(form.once.data or "")[:80]
        made = transact(lambda store: once(store, key, lambda: book_series(store, booking, pattern, plans)[0]))
    except ClinicError as error:
        form.show(error)
        return _form_page(form, failed=error.number if isinstance(error, DateTaken) else 0, status=status_of(error))
    return _booked(made, len(plans))


def _booked(made: Json, count: int) -> Response:
    series_id = tie_of(made, SERIES)
    undo = url_for("appointments.undo_series", series_id=series_id, stamp=stamp_of(made))
    name = made["participant"][0]["actor"]["display"]
    toast(ngettext("Booked: %(name)s, %(num)s visit.", "Booked: %(name)s, %(num)s visits.", count, name=name), undo)
    return go(url_for("appointments.series", series_id=series_id))


def _asked_form() -> SeriesForm:
    return SeriesForm.of_request(**(named_values(request.args, SeriesForm) | _named_time()))


def _named_time() -> dict[str, str]:
    """Day, time and provider of the address; a chosen slot stands for all three."""
    args = request.args
    found = {name: args[name] for name in ("day", "time", "minutes", "provider") if name in args}
    slot = read_slot(args.get("slot", ""))
    if slot and not args.get("time"):
        found["day"], found["time"] = local_parts(slot[0], practice().zone)
        found["provider"] = slot[1]
    return found


def _booking(form: SeriesForm) -> Booking:
    return Booking(
        patient_id=str(form.patient.data or ""),
        provider_id=str(form.provider.data or ""),
        visit_type=str(form.visit_type.data or ""),
        start=start_of(form),
        minutes=form.read_minutes(),
        room_id=str(form.room.data or ""),
        note=str(form.note.data or ""),
        anyway=bool(form.anyway.data),
    )


def _form_page(form: SeriesForm, *, failed: int = 0, status: int = 200) -> Response:
    values = look(lambda store: _values(store, form))
    return page("appointments/series_new.html", status=status, form=form, failed=failed, **values, **tools())


def _values(store: Store, form: SeriesForm) -> dict[str, Any]:
    setup = calendar_setup(store)
    _fill(form, setup)
    person = person_in_use(store, str(form.patient.data or "")[:64])
    if person:
        store.saw(person.id, "booking")
    dates, fault = _dates(store, setup, form, person.id if person else "")
    return {
        "advice": {"patient": person}, "entered": {"twice": any(one.state == "twice" for one in dates)},
        "hits": _hits(store, form) if person is None else [], "q": "" if person else str(form.q.data or ""),
        "dates": dates, "fault": fault, "setup": setup, "minutes": int(form.minutes.data or STANDARD_MINUTES),
    }  # fmt: skip


def _dates(store: Store, setup: Setup, form: SeriesForm, patient: str) -> tuple[tuple[Looked, ...], ClinicError | None]:
    try:
        pattern, start = pattern_of(form), start_of(form)
        wall = local(start, store.practice.zone)
        found = occurrences(pattern, wall.date(), wall.time().replace(tzinfo=None), store.practice.zone)
        minutes = form.read_minutes() or STANDARD_MINUTES
    except Invalid as error:
        return (), error
    asked = [Asked(one.number, one.start, str(form.provider.data or "")) for one in found]
    frame = Frame(minutes, str(form.visit_type.data or ""), patient)
    return look_ahead(store, setup, asked, frame), None


def _hits(store: Store, form: SeriesForm) -> list[Hit]:
    text = str(form.q.data or "")[:120]
    query = read_query(text, today=today(), order=practice().date_order)
    return [hit for hit in find_patients(store, query, limit=_HITS) if not hit.person.deceased] if text else []


def _fill(form: SeriesForm, setup: Setup) -> None:
    kinds = [kind for kind in setup.types if kind.active]
    if not form.visit_type.data and kinds:
        form.visit_type.data = kinds[0].id
    kind = setup.visit_type(str(form.visit_type.data or ""))
    minutes = str(form.minutes.data or "")
    if not (minutes.isascii() and minutes.isdigit()):
        form.minutes.data = str(kind.minutes if kind else STANDARD_MINUTES)
    known = choices(setup)
    if not form.provider.data and known["provider"]:
        form.provider.data = known["provider"][0][0]
    for name, usual in (("every", "week"), ("interval", "1"), ("ends", "count"), ("count", "10")):
        form[name].data = form[name].data or usual
    form.place(**known, **pattern_choices())
