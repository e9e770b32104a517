"""Registering a family one after another: what is shared stands there, the cursor in the first name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import BooleanField, HiddenField, SelectField

from clinic.access.guard import requires
from clinic.core.errors import ClinicError, Invalid, Missing
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.regions import region_of
from clinic.registration.banner import age_text, banner_of, photo_url_of
from clinic.registration.forms import PatientForm, desk_of, entry_of, patient_form
from clinic.registration.mapping import display_name
from clinic.registration.mapping.family import facts_of
from clinic.registration.queries.duplicates import likely_duplicates
from clinic.registration.queries.finder import people as people_rows
from clinic.registration.queries.finder import today_of
from clinic.registration.routes import blueprint
from clinic.registration.routes.registering import dup_values, practice, show_faults
from clinic.registration.routes.words import open_url
from clinic.registration.rules.checking import draft_of, read_details
from clinic.registration.rules.family import inverse, is_minor
from clinic.registration.rules.ranking import Person
from clinic.registration.service.family import Joining, register_relative, shared_details
from clinic.registration.service.guarantors import payer_id_of
from clinic.registration.words import RELATION_WORDS
from clinic.web.forms import choices
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, once, transact

MOST = 20
_CHOICES = (("", _l("Choose")), *RELATION_WORDS[1:])


@dataclass(frozen=True)
class Run:
    """One family being registered: the patient it is the family of, and who was registered so far."""

    of: str
    name: str
    done: tuple[Person, ...]

    @property
    def ids(self) -> str:
        """Who was registered so far, as the address carries it."""
        return ",".join(one.id for one in self.done)


@blueprint.get("/family")
@requires("patients.write")
def register_family() -> Response:
    """A family begins with its first member, who is found or registered like anybody."""
    return go(url_for("registration.find", next="family"))


@blueprint.get("/<patient_id>/family")
@requires("patients.write")
def next_member(patient_id: str) -> Response:
    """The form for the next of the family, with what is shared filled in."""

    def load(store: Store) -> dict[str, Any]:
        run = _run(store, patient_id)
        form = _with_relation(patient_form(store.practice, _shared(store, patient_id)), store, patient_id)
        return {"form": form, **_values(store, run)}

    return page("registration/family.html", candidates=[], **look(load))


@blueprint.post("/<patient_id>/family")
@requires("patients.write")
def add_member(patient_id: str) -> Response:
    """Register this one; then the form for the next, or the summary when it was the last."""
    form = patient_form(practice())
    look(lambda store: _with_relation(form, store, patient_id))
    try:
        if form.validate():
            key = str(form.once.data or "")
            made = transact(lambda store: once(store, key, lambda: _register(store, patient_id, form)))
            toast(_("%(name)s is registered", name=display_name(made)))
            done = ",".join(filter(None, (request.args.get("done", ""), made["id"])))
            last = request.form.get("then") == "finish"
            endpoint = "registration.family_done" if last else "registration.next_member"
            kin = None if last else form._fields["kin"].data
            return go(url_for(endpoint, patient_id=patient_id, done=done, kin=kin))
    except ClinicError as error:
        if error.kind in ("missing", "forbidden"):
            raise
        show_faults(form, error)
    return page("registration/family.html", 422, form=form, **look(lambda store: _again(store, patient_id, form)))


@blueprint.get("/<patient_id>/family/done")
@requires("patients.write")
def family_done(patient_id: str) -> Response:
    """Who was registered: links, labels, and the insurance of the family where it may be shared."""

    def load(store: Store) -> dict[str, Any]:
        run = _run(store, patient_id)
        for one in run.done:
            store.saw(one.id, "registered in a family")
        return {**_values(store, run), "ages": {one.id: age_text(one.birth_date, store) for one in run.done}}

    return page("registration/family_done.html", **look(load))


def _run(store: Store, patient_id: str) -> Run:
    wanted = [one for one in request.args.get("done", "").split(",") if one][:MOST]
    rows = people_rows(store, [*wanted, patient_id])
    if patient_id not in rows:
        store.read("Patient", patient_id)
        raise Missing("There is no patient with this number.")
    done = tuple(rows[one] for one in dict.fromkeys(wanted) if one in rows)
    return Run(patient_id, rows[patient_id].display, done)


def _values(store: Store, run: Run) -> dict[str, Any]:
    return {
        "run": run,
        "patient_id": run.of,
        "banner": banner_of(store, run.of, what="family"),
        "photo_url": photo_url_of,
        "coverage_url": lambda id_: open_url("insurance.coverages", patient_id=id_),
    }


def _shared(store: Store, patient_id: str) -> dict[str, Any]:
    details = shared_details(store, patient_id)
    entry = entry_of(details, region_of(store.practice.region))
    return {**entry, "birth_date": "", "texts": True, "searched": details.family}


def _with_relation(form: PatientForm, store: Store, patient_id: str) -> PatientForm:
    """Add what a family asks besides: what the new one is to the patient, the same home, who pays."""
    patient = facts_of(store.read("Patient", patient_id))
    payer = payer_id_of(store, patient_id)
    payers = [("", _("The new patient")), (f"Patient/{patient_id}", patient.name)]
    if payer:
        payers.append((payer, facts_of(store.read(*payer.split("/", 1))).name))
    fields = {
        "kin": SelectField(
            _l("What the new patient is to them"),
            choices=choices(_CHOICES),
            default=request.args.get("kin") or ("SIB" if is_minor(patient.birth_date, today_of(store)) else "CHILD"),
            validate_choice=False,
        ),
        "together": BooleanField(_l("Lives at the same address"), default=True),
        "payer": SelectField(
            _l("Who pays"), choices=choices(payers), default=payer or f"Patient/{patient_id}", validate_choice=False
        ),
        "family_of": HiddenField(default=patient_id),
    }
    for name, field in fields.items():
        form._fields[name] = bound = field.bind(form, name, translations=None)
        bound.process(request.form if request.method == "POST" else None)
    return form


def _register(store: Store, patient_id: str, form: PatientForm) -> Json:
    kin = str(form._fields["kin"].data or "")
    known = {value for value, _word in _CHOICES if value}
    if kin not in known:
        raise Invalid("Choose what the new patient is to them", field="kin")
    payer = str(form._fields["payer"].data or "")
    offered = {"", f"Patient/{patient_id}", payer_id_of(store, patient_id)}
    if payer not in offered:
        raise Invalid("Choose one from the list", field="payer")
    details = read_details(form.entry, desk_of(store))
    joining = Joining(inverse(kin), bool(form._fields["together"].data), payer)
    return register_relative(store, patient_id, details, joining)


def _again(store: Store, patient_id: str, form: PatientForm) -> dict[str, Any]:
    candidates = likely_duplicates(store, draft_of(form.entry, desk_of(store)), but=patient_id)
    return {**_values(store, _run(store, patient_id)), **dup_values(candidates)}
