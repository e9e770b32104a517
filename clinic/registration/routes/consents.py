"""The consents of a patient: how things stand, everything that was signed, recording, taking back, printing."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.core.errors import ClinicError, Missing
from clinic.core.json import Json
from clinic.core.names import fold
from clinic.fhir.store import Store
from clinic.pdf import Printed, print_pdf
from clinic.pdf.render import pdf_response
from clinic.registration.banner import banner_of
from clinic.registration.forms import ConsentForm, WithdrawForm, read_day
from clinic.registration.mapping.consents import Signed, signed_of
from clinic.registration.queries.consents import book_of, signed_by, text_of, versions_of
from clinic.registration.queries.finder import today_of
from clinic.registration.routes import blueprint
from clinic.registration.routes.record import tabs_of
from clinic.registration.rules.consents import LABELS, LANGUAGES, ConsentText, Signing
from clinic.registration.service import consents as service
from clinic.registration.words import consent_name, consent_state
from clinic.web.filters import day
from clinic.web.forms import choices
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, once, transact

blueprint.add_app_template_filter(consent_name, "consent_name")
blueprint.add_app_template_filter(consent_state, "consent_state")
SHOWN = 25


@blueprint.get("/<patient_id>/consents")
@requires("patients.read")
def consents(patient_id: str) -> Response:
    """How a patient stands to every kind, and all that was ever signed."""
    return _page(patient_id, ConsentForm.of_request(kind=request.args.get("kind", "")))


@blueprint.post("/<patient_id>/consents")
@requires("patients.write")
def record_consent(patient_id: str) -> Response:
    """Write down a consent given on paper or by word of mouth."""
    form = ConsentForm.of_request()
    if form.validate():
        try:
            transact(lambda store: once(store, str(form.once.data), lambda: _sign(store, patient_id, form)))
        except ClinicError as error:
            if error.kind in ("missing", "forbidden"):
                raise
            form.show(error)
        else:
            toast(_("The consent is written down"))
            return go(url_for("registration.consents", patient_id=patient_id))
    return _page(patient_id, form, 422)


@blueprint.get("/consents/<consent_id>")
@requires("patients.read")
def consent(consent_id: str) -> Response:
    """One consent with its exact text, and the form to take it back."""
    return _one(consent_id, WithdrawForm.of_request())


@blueprint.post("/consents/<consent_id>/withdraw")
@requires("patients.write")
def withdraw_consent(consent_id: str) -> Response:
    """The patient takes it back; from now on it is respected."""
    form = WithdrawForm.of_request()
    if form.validate():
        try:
            changed = transact(lambda store: _withdraw(store, consent_id, form))
        except ClinicError as error:
            if error.kind in ("missing", "forbidden"):
                raise
            form.show(error)
        else:
            version = int(changed["meta"]["versionId"])
            undo = url_for("registration.restore_consent", consent_id=consent_id, version=version)
            toast(_("The consent is taken back"), undo)
            return go(url_for("registration.consents", patient_id=signed_of(changed).patient_id))
    return _one(consent_id, form, 422)


@blueprint.post("/consents/<consent_id>/undo/<int:version>")
@requires("patients.write")
def restore_consent(consent_id: str, version: int) -> Response:
    """Undo: it stands again."""
    if not WithdrawForm.of_request().validate():
        raise Missing("The request could not be understood. Nothing was changed.")
    kept = transact(lambda store: service.restore(store, consent_id, version=version))
    toast(_("The consent stands again"))
    return go(url_for("registration.consents", patient_id=signed_of(kept).patient_id))


@blueprint.get("/consents/<consent_id>/print")
@requires("print.read")
def print_consent(consent_id: str) -> Response:
    """The text, who agreed to it and how, and the seal with how to check it, as a PDF."""

    def load(store: Store) -> tuple[Signed, Printed]:
        one = _read(store, consent_id)
        banner = banner_of(store, one.patient_id, what="consent")
        store.did("print", "consent", one.patient_id)
        line = ", ".join(filter(None, (banner.legal_name or banner.name, day(banner.born), banner.record_number)))
        number = str(one.number) if one.number else ""
        return one, Printed(one.title, store.actor.name, store.now, version=number, patient_line=line)

    one, printed = look(load)
    text = ConsentText(one.title, one.text)
    values: dict[str, Any] = {
        "one": one,
        "text": text,
        "kind": LABELS.get(one.kind, one.kind),
        "groups": _groups(one.sha256),
    }
    language = one.language or str(get_locale() or "en")
    whole = bool(one.text) and text.sha256 == one.sha256
    return pdf_response(print_pdf("consent.html", printed, language=language, whole=whole, **values), "consent")


def _groups(seal: str) -> list[str]:
    return [seal[at : at + 4] for at in range(0, len(seal), 4)]


def _read(store: Store, consent_id: str) -> Signed:
    return signed_of(store.read("Consent", consent_id))


def _sign(store: Store, patient_id: str, form: ConsentForm) -> Json:
    typed: dict[str, Any] = {name: str(form[name].data or "") for name in form.names}
    signed = read_day(store, str(form.signed.data or ""), "signed")
    return service.sign(store, patient_id, Signing(signed=date.fromisoformat(signed) if signed else None, **typed))


def _withdraw(store: Store, consent_id: str, form: WithdrawForm) -> Json:
    on = read_day(store, str(form.on.data or ""), "on")
    when = date.fromisoformat(on) if on else today_of(store)
    reason, version = str(form.reason.data or ""), form.loaded_version
    return service.withdraw(store, consent_id, on=when, reason=reason, version=version)


def _page(patient_id: str, form: ConsentForm, status: int = 200) -> Response:
    words, number = request.args.get("q", "")[:80], max(1, request.args.get("page", 1, type=int))

    def load(store: Store) -> dict[str, Any]:
        banner = banner_of(store, patient_id, what="consents")
        book, today = book_of(store, [patient_id]), today_of(store)
        form.kind.choices = choices(
            [("", _("Choose")), *((one.code, consent_name(one.label)) for one in book.kinds.values())]
        )
        rows = [one for one in signed_by(store, patient_id) if _fits(one, words)]
        return {"banner": banner, "states": book.states(patient_id, today), "rows": rows, "book": book}

    values = look(load)
    total, first = len(values["rows"]), (number - 1) * SHOWN
    values["rows"] = values["rows"][first : first + SHOWN]
    tabs = tabs_of(patient_id, "consents")
    about = {"q": words, "number": number, "total": total, "size": SHOWN, "labels": LABELS}
    return page("registration/consents.html", status, patient_id=patient_id, form=form, tabs=tabs, **about, **values)


def _fits(one: Signed, words: str) -> bool:
    said = fold(f"{one.title} {consent_name(LABELS.get(one.kind, ''))} {one.signer_name} {one.reason} {one.scope}")
    return all(word in said for word in fold(words).split())


def _one(consent_id: str, form: WithdrawForm, status: int = 200) -> Response:
    def load(store: Store) -> dict[str, Any]:
        one = _read(store, consent_id)
        form.version.data = form.version.data or str(one.version)
        return {"banner": banner_of(store, one.patient_id, what="consent"), "one": one}

    values = look(load)
    one: Signed = values["one"]
    text = ConsentText(one.title, one.text)
    whole = bool(one.text) and text.sha256 == one.sha256
    tabs = tabs_of(one.patient_id, "consents")
    about = {"text": text, "whole": whole, "groups": _groups(one.sha256), "labels": LABELS}
    return page("registration/consent.html", status, form=form, tabs=tabs, **about, **values)


@blueprint.get("/consents/text/<kind>")
@requires("patients.read")
def consent_text(kind: str) -> Response:
    """The text in force, to read aloud or to print before it is signed."""
    wanted = request.args.get("language", "")
    language = wanted if wanted in LANGUAGES else str(get_locale() or "en")
    found = look(lambda store: text_of(store, kind, language) if kind in LABELS else None)
    if found is None:
        raise Missing("There is no consent of this kind.")
    languages = look(lambda store: list(versions_of(store, kind)[0].texts))
    values: dict[str, Any] = {
        "number": found[0],
        "text": found[1],
        "language": found[2],
        "languages": languages,
        "kind": kind,
    }
    return page("registration/consent_text.html", **values)
