"""The flags of a patient: what stands, what stood, who set it and until when."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import can, require_own_form, requires
from clinic.core.errors import ClinicError
from clinic.fhir.store import Store
from clinic.registration.banner import banner_of
from clinic.registration.forms import FlagForm, read_day
from clinic.registration.queries.flags import all_kinds, flag_lines
from clinic.registration.routes import blueprint
from clinic.registration.routes.record import tabs_of
from clinic.registration.rules.flags import CLINICAL, Flag
from clinic.registration.service import flags as service
from clinic.registration.words import flag_word
from clinic.web.forms import choices
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, once, transact

blueprint.add_app_template_filter(lambda flag: flag_word(flag.label), "flag_word")


@blueprint.get("/<patient_id>/flags")
@requires("patients.read")
def flags(patient_id: str) -> Response:
    """All of them, with a form for a new one."""
    return _page(patient_id, FlagForm.of_request())


@blueprint.post("/<patient_id>/flags")
@requires("patients.write")
def set_flag(patient_id: str) -> Response:
    """Put a flag on the record."""
    form = FlagForm.of_request()
    form.kind.choices = look(_kinds)
    if form.validate():
        try:
            transact(
                lambda store: once(
                    store, str(form.once.data), lambda: service.set_flag(store, patient_id, _read(store, form))
                )
            )
        except ClinicError as error:
            if error.kind in ("missing", "forbidden"):
                raise
            form.show(error)
        else:
            toast(_("The flag is set"))
            return go(url_for("registration.flags", patient_id=patient_id))
    return _page(patient_id, form, 422)


@blueprint.post("/flags/<flag_id>/end")
@requires("patients.write")
def end_flag(flag_id: str) -> Response:
    """Take a flag down; it can be put up again for a minute."""
    require_own_form()
    flag = transact(lambda store: service.end_flag(store, flag_id))
    version = int(flag["meta"]["versionId"])
    toast(_("The flag is taken down"), url_for("registration.restore_flag", flag_id=flag_id, version=version))
    return _back(flag_id)


@blueprint.post("/flags/<flag_id>/undo/<int:version>")
@requires("patients.write")
def restore_flag(flag_id: str, version: int) -> Response:
    """Undo: it stands again."""
    require_own_form()
    transact(lambda store: service.restore_flag(store, flag_id, version=version))
    toast(_("The flag stands again"))
    return _back(flag_id)


def _back(flag_id: str) -> Response:
    return go(url_for("registration.flags", patient_id=look(lambda store: service.flag_patient(store, flag_id))))


def _read(store: Store, form: FlagForm) -> Flag:
    starts, ends = (read_day(store, str(form[name].data or ""), name) for name in ("starts", "ends"))
    return Flag(str(form.kind.data or ""), str(form.text.data or ""), starts, ends)


def _kinds(store: Store) -> list[Any]:
    offered = [kind for kind in all_kinds(store) if kind.active and (not kind.clinical or can(CLINICAL))]
    return choices([("", _("Choose")), *((kind.code, flag_word(kind.label)) for kind in offered)])


def _page(patient_id: str, form: FlagForm, status: int = 200) -> Response:
    def load(store: Store) -> dict[str, Any]:
        banner = banner_of(store, patient_id, what="flags")
        form.kind.choices = _kinds(store)
        return {"banner": banner, "lines": flag_lines(store, patient_id)}

    tabs = tabs_of(patient_id, "flags")
    return page("registration/flags.html", status, patient_id=patient_id, form=form, tabs=tabs, **look(load))
