"""Insurance of a patient: the policies, the one in force, the card."""

from __future__ import annotations

import base64
from typing import Any

from flask import Blueprint, request, url_for
from flask import Response as Plain
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import require_own_form, requires
from clinic.core.errors import ClinicError, Invalid, Missing, Stale
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.subject import patient_of
from clinic.insurance import cards, service
from clinic.insurance.forms import CoverageForm, filled
from clinic.insurance.mapping import to_policy
from clinic.insurance.queries import family_of, shared_covers
from clinic.insurance.rules import in_force
from clinic.registration.banner import banner_of
from clinic.registration.queries.people import Beside
from clinic.registration.routes.kin import WORDS as KIN
from clinic.registration.routes.record import tabs_of
from clinic.web.filters import today
from clinic.web.images import MOST_BYTES, NOT_A_PICTURE, clean_image
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, once, transact

blueprint = Blueprint("insurance", __name__)


@blueprint.get("/patients/<patient_id>")
@requires("insurance.read")
def coverages(patient_id: str) -> Response:
    """Every policy of a patient, those in force first, and a form for a new one."""

    def load(store: Store) -> dict[str, Any]:
        like = request.args.get("like", "")
        form = CoverageForm.of_request(**(_like(store, patient_id, like) if like else {}))
        return _values(store, patient_id, form)

    return page("insurance/coverages.html", **look(load))


@blueprint.post("/patients/<patient_id>")
@requires("insurance.write")
def add(patient_id: str) -> Response:
    """Record a policy."""
    form = CoverageForm.of_request()
    look(lambda store: form.offer(_holders(family_of(store, patient_id))))

    def record(store: Store) -> Json:
        return once(store, str(form.once.data), lambda: service.add_coverage(store, patient_id, form.policy()))

    if form.validate() and _kept(form, record):
        toast(_("The insurance is recorded"))
        return go(url_for("insurance.coverages", patient_id=patient_id))
    return page("insurance/coverages.html", 422, **look(lambda store: _values(store, patient_id, form)))


@blueprint.get("/coverages/<coverage_id>")
@requires("insurance.read")
def coverage(coverage_id: str) -> Response:
    """One policy, to change it."""
    stored = look(lambda store: store.read("Coverage", coverage_id))
    form = CoverageForm.of_request(version=stored["meta"]["versionId"], **filled(to_policy(stored)))
    look(lambda store: form.offer(_holders(family_of(store, patient_of(stored)))))
    return page("insurance/coverage.html", **look(lambda store: _one(store, stored, form)))


@blueprint.post("/coverages/<coverage_id>")
@requires("insurance.write")
def change(coverage_id: str) -> Response:
    """Change a policy; a stale form shows what somebody else wrote beside what was typed here."""
    form = CoverageForm.of_request()
    stored = look(lambda store: store.read("Coverage", coverage_id))
    look(lambda store: form.offer(_holders(family_of(store, patient_of(stored)), stored)))

    def write(store: Store) -> Json:
        return service.change_coverage(store, coverage_id, form.policy(), form.loaded_version)

    if form.validate() and _kept(form, write):
        toast(_("The insurance is changed"))
        return go(url_for("insurance.coverages", patient_id=patient_of(stored)))
    return page("insurance/coverage.html", 422, **look(lambda store: _one(store, stored, form)))


@blueprint.post("/coverages/<coverage_id>/card/<side>")
@requires("insurance.write")
def card(coverage_id: str, side: str) -> Response:
    """Keep a photo of the card."""
    require_own_form()
    file = request.files.get("photo")
    if file is None:
        raise Invalid(NOT_A_PICTURE)
    image = clean_image(file.stream.read(MOST_BYTES + 1), field="photo")

    def keep(store: Store) -> Json:
        cards.keep_card(store, coverage_id, side, data=image.data, content_type=image.content_type)
        return store.read("Coverage", coverage_id)

    stored = transact(keep)
    toast(_("The photo of the card is kept"))
    return go(url_for("insurance.coverages", patient_id=patient_of(stored)))


@blueprint.get("/coverages/<coverage_id>/card/<side>")
@requires("insurance.read")
def card_photo(coverage_id: str, side: str) -> Plain:
    """The photo of one side."""

    def seen(store: Store) -> Json:
        stored = store.read("Coverage", coverage_id)
        store.saw(patient_of(stored), "insurance card")
        return cards.picture(store, coverage_id, side)

    binary = look(seen)
    answer = Plain(base64.b64decode(binary["data"]), mimetype=binary["contentType"])
    answer.headers["Content-Disposition"] = f'inline; filename="card-{side}.jpg"'
    return answer


@blueprint.post("/coverages/<coverage_id>/reveal")
@requires("insurance.reveal")
def reveal(coverage_id: str) -> Response:
    """The member number in full, for once; noted in the audit trail."""
    require_own_form()

    def show(store: Store) -> Json:
        stored = store.read("Coverage", coverage_id)
        store.did("reveal", "insurance number", patient_of(stored))
        return stored

    stored = transact(show)
    return page("insurance/_number.html", number=stored.get("subscriberId", ""))


def _kept(form: CoverageForm, write: Any) -> bool:
    try:
        transact(write)
    except Missing:
        raise
    except Stale as error:
        form.version.data = error.current["meta"]["versionId"]
        form.show(error)
        form.stale = filled(to_policy(error.current))
        return False
    except ClinicError as error:
        form.show(error)
        return False
    return True


def _values(store: Store, patient_id: str, form: CoverageForm) -> dict[str, Any]:
    found = service.coverages_of(store, patient_id)
    photos = cards.cards_of_many(store, [one["id"] for one in found])
    lines = [_line(one, photos.get(one["id"], {})) for one in found]
    lines.sort(key=lambda line: (not line["in_force"], line["policy"].rank))
    banner = banner_of(store, patient_id, what="insurance")
    tabs = tabs_of(patient_id, "coverages")
    family = family_of(store, patient_id)
    form.offer(_holders(family))
    held = {(line["policy"].payer_name, line["policy"].plan) for line in lines if line["in_force"]}
    shared = [one for one in shared_covers(store, family, today()) if (one.payer, one.plan) not in held]
    values = {"form": form, "lines": lines, "patient_id": patient_id, "banner": banner, "tabs": tabs}
    return {**values, "shared": shared, "kin": KIN}


def _holders(family: list[Beside], stored: Json | None = None) -> list[tuple[str, str]]:
    """Who of the family may hold a policy, and who holds the stored one: reference and name."""
    found = [
        (f"Patient/{one.patient_id}" if one.patient_id else f"RelatedPerson/{one.id}", one.name)
        for one in family
        if one.patient_id or one.id
    ]
    if stored:
        policy = to_policy(stored)
        found += [(policy.subscriber_id, policy.subscriber_name)] if policy.subscriber_id else []
    return found


def _like(store: Store, patient_id: str, coverage_id: str) -> dict[str, Any]:
    """The form's values for a relative's policy. Raises Missing for one of nobody in the family."""
    family = {one.patient_id: one for one in family_of(store, patient_id) if one.patient_id}
    owner = patient_of(store.read("Coverage", coverage_id))
    if owner not in family:
        raise Missing("There is no %(type)s with this number.", type="Coverage")
    store.saw(owner, "insurance")
    return filled(service.policy_for(store, coverage_id, patient_id, family[owner].relation))


def _line(coverage: Json, photos: dict[str, str]) -> dict[str, Any]:
    policy = to_policy(coverage)
    current = in_force(service.term_of(coverage), today())
    ended = policy.ends is not None and policy.ends < today()
    state = "active" if current else ("cancelled" if policy.cancelled else ("ended" if ended else "future"))
    return {"id": coverage["id"], "policy": policy, "in_force": current, "state": state, "photos": photos}


def _one(store: Store, stored: Json, form: CoverageForm) -> dict[str, Any]:
    patient_id = patient_of(stored)
    banner = banner_of(store, patient_id, what="insurance")
    return {
        "form": form,
        "coverage": stored,
        "line": _line(stored, {}),
        "patient_id": patient_id,
        "banner": banner,
        "stale": getattr(form, "stale", {}),
    }
