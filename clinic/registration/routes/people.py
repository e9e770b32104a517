"""The people beside a patient: who they are, adding one after a search, changing, ending, living together."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import can, requires
from clinic.core.days import local
from clinic.core.errors import ClinicError, Stale
from clinic.core.json import Json
from clinic.db.together import read_together
from clinic.fhir.store import Store
from clinic.regions import region_of
from clinic.registration.banner import banners_from, photo_url_of
from clinic.registration.forms import desk_of
from clinic.registration.mapping import display_name
from clinic.registration.mapping.family import bond_of, facts_of
from clinic.registration.queries.finder import today_of
from clinic.registration.queries.known import known_people
from clinic.registration.queries.people import people_list, people_of
from clinic.registration.queries.whole import whole_patient
from clinic.registration.routes import blueprint
from clinic.registration.routes.finding import search
from clinic.registration.routes.kin import Kin, kin_of
from clinic.registration.routes.kin_form import KinForm, filled, kin_form
from clinic.registration.routes.record import tabs_of
from clinic.registration.routes.registering import practice, show_faults
from clinic.registration.routes.shown import contacts_of
from clinic.registration.rules.family import Bond, Facts, is_minor
from clinic.registration.rules.kin import kept_facts, read_bond, read_facts
from clinic.registration.rules.query import carried_over, read_query
from clinic.registration.service import family as beside
from clinic.registration.service.guarantors import payer_id_of
from clinic.registration.service.household import live_apart, live_together
from clinic.registration.service.people import patient_behind, patient_id_of
from clinic.web.respond import go, is_fragment, page, toast
from clinic.web.transaction import look, once, transact


@blueprint.get("/<patient_id>/people")
@requires("patients.read")
def people(patient_id: str) -> Response:
    """Everybody beside a patient, and a search for somebody to add; as a fragment what the search found."""
    typed = request.args.get("q", "")
    if is_fragment():
        return page("registration/_known.html", **look(lambda store: _found(store, patient_id, typed)))

    def load(store: Store) -> dict[str, Any]:
        values = _page_of(store, patient_id, "people")
        return {**values, **_found(store, patient_id, typed)}

    return page("registration/people.html", tabs=tabs_of(patient_id, "people"), **look(load))


@blueprint.get("/<patient_id>/people/new")
@requires("patients.write")
def new_person(patient_id: str) -> Response:
    """The form about somebody found, or about somebody new after a search."""

    def load(store: Store) -> dict[str, Any]:
        form = _blank(store, patient_id)
        return {"form": form, **_person_page(store, patient_id, form)}

    return page("registration/person.html", person_id="", **look(load))


@blueprint.post("/<patient_id>/people/new")
@requires("patients.write")
def add_person(patient_id: str) -> Response:
    """Put somebody beside the patient."""
    form = kin_form(practice())
    try:
        if form.validate():
            made = transact(lambda store: once(store, str(form.once.data), lambda: _add(store, patient_id, form)))
            toast(_("%(name)s is beside the patient", name=facts_of(made).name))
            return go(url_for("registration.people", patient_id=patient_id))
    except ClinicError as error:
        if error.kind in ("missing", "forbidden"):
            raise
        show_faults(form, error)
    values = look(lambda store: _person_page(store, patient_id, form))
    return page("registration/person.html", 422, person_id="", form=form, **values)


@blueprint.get("/<patient_id>/people/<person_id>")
@requires("patients.write")
def person(patient_id: str, person_id: str) -> Response:
    """Somebody beside the patient, to change."""

    def load(store: Store) -> dict[str, Any]:
        known = beside.person_of_patient(store, patient_id, person_id)
        pays = payer_id_of(store, patient_id) == f"RelatedPerson/{person_id}"
        entry = filled(facts_of(known), bond_of(known), region_of(store.practice.region))
        other = patient_behind(store, person_id)
        version = known["meta"]["versionId"]
        form = kin_form(store.practice, **{**entry, "pays": pays, "other": other, "version": version})
        return {"form": form, **_person_page(store, patient_id, form)}

    return page("registration/person.html", person_id=person_id, **look(load))


@blueprint.post("/<patient_id>/people/<person_id>")
@requires("patients.write")
def change_person(patient_id: str, person_id: str) -> Response:
    """Keep what was changed; what is known of a person changes beside everybody they stand beside."""
    form = kin_form(practice())
    try:
        if form.validate():
            transact(lambda store: _change(store, patient_id, person_id, form))
            toast(_("The change is kept"))
            return go(url_for("registration.people", patient_id=patient_id))
    except Stale as error:
        form.version.data = error.current["meta"]["versionId"]
        form.show(error)
    except ClinicError as error:
        if error.kind in ("missing", "forbidden"):
            raise
        show_faults(form, error)
    values = look(lambda store: _person_page(store, patient_id, form))
    return page("registration/person.html", 422, person_id=person_id, form=form, **values)


@blueprint.post("/<patient_id>/people/<person_id>/end")
@requires("patients.write")
def end_person(patient_id: str, person_id: str) -> Response:
    """End what somebody was to the patient; it can be taken back."""

    def end(store: Store) -> tuple[str, bool]:
        known = beside.person_of_patient(store, patient_id, person_id)
        pays = payer_id_of(store, patient_id) == f"RelatedPerson/{person_id}"
        beside.end_beside(store, person_id)
        return facts_of(known).name, pays

    name, pays = transact(end)
    back = url_for("registration.resume_person", patient_id=patient_id, person_id=person_id, pays=1 if pays else None)
    toast(_("%(name)s is no longer beside the patient", name=name), back)
    return go(url_for("registration.people", patient_id=patient_id))


@blueprint.post("/<patient_id>/people/<person_id>/back")
@requires("patients.write")
def resume_person(patient_id: str, person_id: str) -> Response:
    """Take an ending back."""

    def back(store: Store) -> Json:
        beside.person_of_patient(store, patient_id, person_id)
        return beside.resume_beside(store, person_id, pays="pays" in request.args)

    toast(_("%(name)s is beside the patient again", name=facts_of(transact(back)).name))
    return go(url_for("registration.people", patient_id=patient_id))


@blueprint.post("/<patient_id>/household/<other_id>/leave")
@requires("patients.write")
def leave_household(patient_id: str, other_id: str) -> Response:
    """Somebody moved out; it can be taken back."""

    def leave(store: Store) -> str:
        live_apart(store, patient_id, other_id)
        return display_name(store.read("Patient", other_id))

    name = transact(leave)
    back = url_for("registration.join_household", patient_id=patient_id, other_id=other_id)
    toast(_("%(name)s moved out; addresses stay as they are", name=name), back)
    return go(url_for("registration.people", patient_id=patient_id))


@blueprint.post("/<patient_id>/household/<other_id>/join")
@requires("patients.write")
def join_household(patient_id: str, other_id: str) -> Response:
    """Somebody lives with the patient."""

    def join(store: Store) -> str:
        store.read("Patient", patient_id)
        name = display_name(store.read("Patient", other_id))
        live_together(store, patient_id, other_id)
        return name

    name = transact(join)
    toast(_("%(name)s lives with the patient", name=name))
    return go(url_for("registration.people", patient_id=patient_id))


def _everybody(store: Store, patient_id: str) -> list[Any]:
    rows = read_together(store.conn, [people_list()], {"patient_id": patient_id})[0]
    return people_of(rows)


def _page_of(store: Store, patient_id: str, what: str) -> dict[str, Any]:
    whole = whole_patient(store, patient_id)
    store.saw(patient_id, what)
    shown = kin_of(store, _everybody(store, patient_id), patient=whole.row, contacts=contacts_of(whole.patient))
    now: list[Kin] = [one for one in shown if one.active]
    minor = is_minor(whole.row["birth_date"], today_of(store))
    return {
        "patient_id": patient_id,
        "banner": banners_from(store, [whole.row])[patient_id],
        "people": now,
        "former": [one for one in shown if not one.active],
        "minor": minor,
        "unguarded": minor and not any(one.guardian for one in now),
        "photo_url": photo_url_of,
        "can_write": can("patients.write"),
    }


def _found(store: Store, patient_id: str, typed: str) -> dict[str, Any]:
    found = search(store, typed, f"beside{int(store.now.timestamp()) // 60}")
    there = {one.patient_id for one in _everybody(store, patient_id) if one.active and one.id}
    hits = [hit for hit in found.hits if hit.person.id not in {patient_id, *there}][:8]
    others = known_people(store, found.query, patient_id) if found.asked else []
    return {
        "patient_id": patient_id, "typed": typed, "asked": found.asked, "hits": hits, "ages": found.ages,
        "others": others, "photo_url": photo_url_of, "can_write": can("patients.write"),
    }  # fmt: skip


def _blank(store: Store, patient_id: str) -> KinForm:
    """The empty form: about another patient, about somebody known, or with what was searched for."""
    region = region_of(store.practice.region)
    minor = is_minor(facts_of(store.read("Patient", patient_id)).birth_date, today_of(store))
    given = {name: request.args.get(name, "") for name in ("other", "person")}
    entry: dict[str, Any] = {**given, "emergency": False, "guardian": minor and bool(request.args.get("guardian"))}
    if given["person"]:
        known = store.read("RelatedPerson", given["person"])
        store.saw(patient_id_of(known), "people")
        entry |= {k: v for k, v in filled(facts_of(known), bond_of(known), region).items() if k not in _BOND}
    elif not given["other"]:
        query = read_query(request.args.get("q", ""), today=today_of(store), order=store.practice.date_order)
        entry |= carried_over(query)
    return kin_form(store.practice, **{**entry, "searched": request.args.get("q", "")})


_BOND = ("relation", "emergency", "guardian", "attorney", "pays", "follows")


def _person_page(store: Store, patient_id: str, form: KinForm) -> dict[str, Any]:
    whole = whole_patient(store, patient_id)
    store.saw(patient_id, "people")
    other_id = str(form.other.data or "")
    other = store.read("Patient", other_id) if other_id else None
    if other:
        store.saw(other_id, "people")
    minor = is_minor(whole.row["birth_date"], local(store.now, store.practice.zone).date())
    return {
        "patient_id": patient_id,
        "banner": banners_from(store, [whole.row])[patient_id],
        "tabs": tabs_of(patient_id, "people"),
        "other": other,
        "other_name": display_name(other) if other else "",
        "minor": minor,
    }


def _add(store: Store, patient_id: str, form: KinForm) -> Json:
    bond = read_bond(form.entry)
    other, known = str(form.other.data or ""), str(form.person.data or "")
    together = bool(form.together.data)
    if other:
        return beside.relate_patient(store, patient_id, other, bond, together=together)
    if known and patient_behind(store, known):
        return beside.relate_known(store, patient_id, known, bond, together=together)
    if known:
        before = facts_of(store.read("RelatedPerson", known))
        made = beside.relate_known(store, patient_id, known, bond)
        return beside.change_beside(store, made["id"], bond, _facts(store, form, before))
    return beside.relate_person(store, patient_id, read_facts(form.entry, desk_of(store)), bond)


def _change(store: Store, patient_id: str, person_id: str, form: KinForm) -> None:
    beside.person_of_patient(store, patient_id, person_id)
    bond = read_bond(form.entry)
    facts = None
    if not patient_behind(store, person_id):
        facts = _facts(store, form, facts_of(store.read("RelatedPerson", person_id)))
    beside.change_beside(store, person_id, bond, facts, version=form.loaded_version)


def _facts(store: Store, form: KinForm, known: Facts) -> Facts:
    shown = {name: text for name, text in filled(known, Bond(), region_of(store.practice.region)).items() if text}
    return kept_facts(read_facts(form.entry, desk_of(store), shown=shown), form.entry, known, shown)
