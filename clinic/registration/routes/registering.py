"""Writing somebody new down, with a word about likely duplicates while typing."""

from __future__ import annotations

from typing import Any

from flask import request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import require_own_form, requires
from clinic.core.errors import N_, ClinicError, Invalid
from clinic.fhir.store import Store
from clinic.regions import read_phone, show_phone
from clinic.registration.banner import photo_url_of
from clinic.registration.forms import PatientForm, desk_of, patient_form
from clinic.registration.mapping import display_name, record_number
from clinic.registration.queries.duplicates import Candidate, likely_duplicates
from clinic.registration.queries.finder import today_of
from clinic.registration.routes import blueprint
from clinic.registration.routes.evidence import told_here
from clinic.registration.routes.finding import find_page
from clinic.registration.routes.pictures import picture_in
from clinic.registration.routes.words import open_url, reason_text
from clinic.registration.rules.birth import read_birth, too_old
from clinic.registration.rules.checking import PHONES, Desk, draft_of, read_details
from clinic.registration.rules.query import carried_over, read_query
from clinic.registration.service import register_patient
from clinic.registration.service.cards import keep_card, told_by
from clinic.registration.service.duplicates import say_someone_else
from clinic.registration.service.photos import put_photo
from clinic.web.filters import day
from clinic.web.forms import ScreenForm
from clinic.web.forms import said as said_of
from clinic.web.images import CleanImage
from clinic.web.respond import go, page, toast
from clinic.web.state import state_of
from clinic.web.transaction import look, once, transact

_WARNED = "_warned"
SEARCH_FIRST = N_("Search first: a name, a birth date or a telephone number")


@blueprint.get("/new")
@requires("patients.write")
def new_patient() -> Response:
    """The whole form for a new patient; without a search before it, the finder."""
    typed = request.args.get("q", "")

    def load(store: Store) -> PatientForm | None:
        query = read_query(typed, today=today_of(store), order=store.practice.date_order)
        if query.empty or query.too_short:
            return None
        next_ = request.args.get("next", "")
        entry = {**carried_over(query), "searched": typed, "texts": True, "next": next_}
        return patient_form(store.practice, entry)

    form = look(load)
    if form is None:
        return go(url_for("registration.find"))
    return page("registration/new_patient.html", form=form, candidates=[])


@blueprint.post("/new")
@requires("patients.write")
def create_patient() -> Response:
    """Register, and open the new record; faults come back beside their fields with all that was typed."""
    form = patient_form(practice())
    try:
        if not form.validate():
            return _again(form)
        if not str(form.searched.data or "").strip():
            raise Invalid(SEARCH_FIRST)
        picture = picture_in(str(form.portrait.data or ""))
        patient = transact(
            lambda store: once(store, str(form.once.data or ""), lambda: _register(store, form, picture))
        )
    except ClinicError as error:
        show_faults(form, error)
        return _again(form)
    name, number = display_name(patient), record_number(patient)
    toast(_("%(name)s is registered as %(number)s", name=name, number=number))
    return go(_onward(str(form.next.data or ""), patient["id"]))


@blueprint.post("/check")
@requires("patients.write")
def check_entry() -> Response:
    """While typing: how entries are read, what is wrong with them, and who it may be on file."""
    require_own_form()
    form = patient_form(practice())
    but = request.form.get("patient_id", "")

    def load(store: Store) -> tuple[dict[str, tuple[str, str]], list[Candidate]]:
        desk = desk_of(store)
        candidates = _warnings(store, form, desk, but=but)
        _note(store, str(form.once.data or ""), candidates)
        return notes(form, desk), candidates

    said, candidates = look(load)
    return page("registration/_check.html", notes=said, **dup_values(candidates))


def notes(form: PatientForm, desk: Desk) -> dict[str, tuple[str, str]]:
    """A word for each field that holds something: ("hint", how it was read) or ("error", what is wrong)."""
    said: dict[str, tuple[str, str]] = {name: ("hint", "") for name, value in form.entry.items() if value}
    try:
        read_details(form.entry, desk)
    except Invalid as fault:
        wrong = [detail for detail in fault.details if form.entry.get(detail.field)]
        said |= {detail.field: ("error", said_of(detail)) for detail in wrong}
    for name in PHONES:
        if said.get(name, ("", ""))[0] == "hint":
            said[name] = ("hint", _("Read as %(value)s", value=_phone(form.entry[name], desk)))
    if said.get("birth_date", ("", ""))[0] == "hint":
        said["birth_date"] = ("hint", birth_hint(form.entry["birth_date"], desk))
    return said


def birth_hint(typed: str, desk: Desk) -> str:
    """How a birth date was read, with the age, and a question when it is higher than anyone's."""
    birth = read_birth(typed, today=desk.today, order=desk.date_order)
    shown = day(birth.value, "d MMMM y")
    if too_old(birth.value, desk.today):
        return str(_("Read as %(date)s: more than 120 years old, is that right?", date=shown))
    if birth.estimated:
        return str(_("Read as about %(date)s, an estimate", date=shown))
    return str(_("Read as %(date)s", date=shown))


def show_faults(form: ScreenForm, error: ClinicError) -> None:
    """Put every fault beside its field, or above the form."""
    if not error.details:
        form.show(error)
    for detail in error.details:
        form.show(Invalid(error.message, details=(detail,)))


def dup_values(candidates: list[Candidate]) -> dict[str, Any]:
    """What the template of the warning needs."""
    return {"candidates": candidates, "reason_text": reason_text, "photo_url": photo_url_of}


def practice() -> Any:
    """The practice of this application."""
    from flask import current_app

    return state_of(current_app).practice


def _register(store: Store, form: PatientForm, picture: CleanImage | None) -> dict[str, Any]:
    details, card = read_details(form.entry, desk_of(store)), str(form.card.data or "")
    with store.told_by(*told_by(store, card, details), *told_here()):
        patient = register_patient(store, details)
        keep_card(store, patient["id"], card)
    if picture is not None:
        put_photo(store, patient["id"], picture.data, picture.content_type)
    say_someone_else(store, patient["id"], told_apart())
    return patient


def told_apart() -> list[str]:
    """Of whom the desk said at a warning that it is someone else."""
    return request.form.getlist("someone_else")


def _warnings(store: Store, form: PatientForm, desk: Desk, *, but: str = "") -> list[Candidate]:
    said = told_apart()
    found = likely_duplicates(store, draft_of(form.entry, desk), but=but)
    return [candidate for candidate in found if candidate.id not in said]


def _again(form: PatientForm) -> Response:
    if form.panel.data:
        return find_page(str(form.searched.data or ""), form=form, status=422)
    candidates = look(lambda store: _warnings(store, form, desk_of(store)))
    return page("registration/new_patient.html", 422, form=form, **dup_values(candidates))


def _onward(next_: str, patient_id: str) -> str:
    if next_ == "family":
        return url_for("registration.next_member", patient_id=patient_id)
    booking = open_url("appointments.book", patient=patient_id) if next_ == "book" else ""
    return booking or url_for("registration.patient", patient_id=patient_id)


def _note(store: Store, token: str, candidates: list[Candidate]) -> None:
    seen = f"{token}:{','.join(sorted(candidate.id for candidate in candidates))}"
    if candidates and session.get(_WARNED) != seen:
        session[_WARNED] = seen
        for candidate in candidates:
            store.saw_in_list(candidate.id, "likely duplicate")


def _phone(typed: str, desk: Desk) -> str:
    return show_phone(read_phone(typed, desk.region), desk.region)
