"""The desk's side: what is out, what waits to be gone through, handing over and taking back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from clinic.access.guard import requires, safe_path
from clinic.core.errors import Conflict, Invalid
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.intake import queries
from clinic.intake.forms import LINK, HandOverForm
from clinic.intake.routes import blueprint
from clinic.intake.routes.frame import LANGUAGES
from clinic.intake.service import devices, packets
from clinic.intake.service.forms import FormRow, install_library
from clinic.intake.service.suggesting import forms_for
from clinic.pdf import qr
from clinic.registration.banner import Banner, banner_of
from clinic.registration.mapping.patient import language_of
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, transact

VIEWS = {"open": _l("To go through"), "done": _l("Done"), "none": _l("Not finished"), "": _l("All")}
_SECOND_CLICK = timedelta(seconds=20)


@blueprint.get("/")
@requires("intake.read")
def forms() -> Response:
    """Forms that are out, and answered forms to go through."""
    show = request.args.get("show", "open")
    show = show if show in VIEWS else "open"
    text = request.args.get("q", "")[:80]
    number = min(max(1, request.args.get("page", 1, int)), 100_000)

    def work(store: Store) -> dict[str, Any]:
        rows, total = queries.responses(store, review=show, text=text, page=number)
        return {"rows": rows, "total": total, "out": queries.out_now(store)}

    first = (number - 1) * queries.PAGE + 1
    return page("intake/forms.html", show=show, views=VIEWS, q=text, number=number, first=first, **look(work))


@dataclass(frozen=True)
class Desk:
    """What the hand-over page shows."""

    patient: Json
    banner: Banner
    forms: list[FormRow]
    tablets: list[devices.DeviceRow]
    suggested: list[str]
    open: list[queries.PacketRow]


def _desk(store: Store, patient_id: str) -> Desk:
    patient = store.read("Patient", patient_id)
    listed, suggested = forms_for(store, patient_id)
    return Desk(
        patient=patient,
        banner=banner_of(store, patient_id, what="forms to hand over"),
        forms=listed,
        tablets=devices.list_devices(store, usable=True),
        suggested=suggested,
        open=[row for row in queries.out_now(store) if row.patient_id == patient_id],
    )


@blueprint.get("/hand-over/<appointment_id>")
@requires("intake.write")
def hand_over(appointment_id: str) -> Response:
    """Choose forms and tablet for a visit."""
    return _hand_over_page(look(lambda store: _patient_of(store, appointment_id)), appointment_id)


@blueprint.get("/hand-over/patient/<patient_id>")
@requires("intake.write")
def hand_over_patient(patient_id: str) -> Response:
    """The same without a visit."""
    return _hand_over_page(patient_id, "")


def _patient_of(store: Store, appointment_id: str) -> str:
    appointment = store.read("Appointment", appointment_id)
    references = (str(one.get("actor", {}).get("reference", "")) for one in appointment.get("participant", []))
    found = next((ref.removeprefix("Patient/") for ref in references if ref.startswith("Patient/")), "")
    if not found:
        raise Conflict("This appointment has no patient.")
    return found


def _hand_over_page(
    patient_id: str, appointment_id: str, form: HandOverForm | None = None, status: int = 200
) -> Response:
    desk = look(lambda store: _desk(store, patient_id))
    form = form or _fresh_form(desk)
    _fill(form, desk)
    shown = {"banner": desk.banner, "languages": LANGUAGES, "appointment_id": appointment_id, "patient_id": patient_id}
    return page("intake/hand_over.html", status, form=form, desk=desk, **shown)


def _fresh_form(desk: Desk) -> HandOverForm:
    spoken = language_of(desk.patient)[:2]
    free = next((tablet.id for tablet in desk.tablets if tablet.state == "ready"), LINK)
    return HandOverForm.of_request(
        forms=desk.suggested, device=free, prefill=True, language=spoken if spoken in LANGUAGES else ""
    )


def _fill(form: HandOverForm, desk: Desk) -> None:
    form.forms.choices = [(row.id, row.title) for row in desk.forms]
    form.device.choices = [(tablet.id, tablet.name) for tablet in desk.tablets]
    form.device.choices.append((LINK, _("Own phone: a code to scan")))
    form.language.choices = [("", _("The patient chooses")), *((code, words[0]) for code, words in LANGUAGES.items())]


@blueprint.post("/hand-over/<appointment_id>")
@requires("intake.write")
def hand_over_now(appointment_id: str) -> Response:
    """Hand over for a visit."""
    return _hand(look(lambda store: _patient_of(store, appointment_id)), appointment_id)


@blueprint.post("/hand-over/patient/<patient_id>")
@requires("intake.write")
def hand_over_patient_now(patient_id: str) -> Response:
    """Hand over without a visit."""
    return _hand(patient_id, "")


def _hand(patient_id: str, appointment_id: str) -> Response:
    form = HandOverForm.of_request()
    _fill(form, look(lambda store: _desk(store, patient_id)))
    if not form.validate():
        return _hand_over_page(patient_id, appointment_id, form, 422)
    chosen = str(form.device.data)
    order = packets.HandOver(
        patient_id,
        tuple(form.forms.data or ()),
        device_id="" if chosen == LINK else chosen,
        appointment_id=appointment_id,
        prefill=bool(form.prefill.data),
        language=str(form.language.data or ""),
    )
    try:
        handed = transact(lambda store: _once(store, order))
    except (Conflict, Invalid) as error:
        form.show(error)
        return _hand_over_page(patient_id, appointment_id, form, 409 if error.kind == "conflict" else 422)
    if handed.token:
        url = url_for("intake.link", token=handed.token, _external=True)
        return page("intake/handed.html", url=url, code=qr(url, 60), handed=handed, appointment_id=appointment_id)
    toast(_("The forms are on the tablet."), url_for("intake.take_back", packet_id=handed.packet.id))
    back = url_for("visits.check_in", appointment_id=appointment_id) if appointment_id else url_for("intake.forms")
    return go(back)


def _once(store: Store, order: packets.HandOver) -> packets.Handed:
    """A second click within seconds finds what the first one did."""
    found = packets.on_device(store, order.device_id) if order.device_id else None
    if found and found.patient_id == order.patient_id and store.now - found.created < _SECOND_CLICK:
        return packets.Handed(found)
    return packets.hand_over(store, order)


@blueprint.post("/library")
@requires("intake.write")
def use_library() -> Response:
    """Bring in the forms that come with Clinic, or their newer versions; a practice's own are left alone."""
    count = transact(install_library)
    toast(ngettext("%(num)s form is in use now.", "%(num)s forms are in use now.", count))
    return go(safe_path(request.form.get("next", "")))


@blueprint.post("/packets/<packet_id>/take-back")
@requires("intake.write")
def take_back(packet_id: str) -> Response:
    """Take forms back from a tablet; what was answered is kept."""
    found = transact(lambda store: packets.take_back(store, packet_id))
    toast(_("Taken back. What was answered is kept.") if found.state in packets.OPEN else _("It was back already."))
    return go(url_for("intake.forms"))


@blueprint.post("/packets/<packet_id>/helped")
@requires("intake.write")
def helped(packet_id: str) -> Response:
    """Somebody went to help."""
    transact(lambda store: packets.change(store, packet_id, help_asked=None))
    return go(url_for("intake.forms"))
