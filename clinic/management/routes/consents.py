"""Consents: the texts with their versions, and who needs which."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.appointments.queries.practice import calendar_setup
from clinic.core.errors import ClinicError, Missing
from clinic.fhir.store import Store
from clinic.management.forms import ConsentRuleForm, ConsentTextForm
from clinic.management.routes import blueprint
from clinic.registration.queries.consents import book_of, versions_of
from clinic.registration.rules.consents import LANGUAGES, ConsentText, Kind
from clinic.registration.service.consents import decide, write_text
from clinic.web.forms import choices
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, transact


@blueprint.get("/consents")
@requires("management.setup")
def consent_kinds() -> Response:
    """Every kind: its text in force, who needs it, how long it lasts."""
    book, setup = look(lambda store: (book_of(store), calendar_setup(store)))
    names = {kind.id: kind.name for kind in setup.types}
    return page("management/consents.html", book=book, names=names)


@blueprint.get("/consents/<code>")
@requires("management.setup")
def consent_kind(code: str) -> Response:
    """One kind: the rule, the text in every language, the versions before."""
    return _page(code, None, None)


@blueprint.post("/consents/<code>/rule")
@requires("management.setup")
def decide_consent(code: str) -> Response:
    """Who needs it, how long it lasts."""
    form = ConsentRuleForm.of_request()
    form.visit_types.choices = look(_types)
    if form.validate():
        kind = Kind(
            code, "", form.number("months") or 0, bool(form.renew.data), form.need.data,
            tuple(form.visit_types.data or ()), form.number("from_age"), form.number("to_age"),
        )  # fmt: skip
        try:
            transact(lambda store: decide(store, kind, version=form.loaded_version))
        except Missing:
            raise
        except ClinicError as error:
            form.show(error)
        else:
            toast(_("Saved"))
            return go(url_for("management.consent_kind", code=code))
    return _page(code, form, None, 422)


@blueprint.post("/consents/<code>/text")
@requires("management.setup")
def write_consent(code: str) -> Response:
    """A new version of the text; the old ones stay."""
    form = ConsentTextForm.of_request()
    if form.validate():
        texts = {
            one: ConsentText(str(form[f"title_{one}"].data or ""), str(form[f"text_{one}"].data or ""))
            for one in LANGUAGES
        }
        try:
            number = transact(lambda store: write_text(store, code, texts, number=form.loaded_version or 0))
        except Missing:
            raise
        except ClinicError as error:
            form.show(error)
        else:
            toast(_("Version %(number)s is in force", number=number))
            return go(url_for("management.consent_kind", code=code))
    return _page(code, None, form, 422)


def _types(store: Store) -> Any:
    return choices((kind.id, kind.name) for kind in calendar_setup(store).types if kind.active)


def _page(code: str, rule: ConsentRuleForm | None, text: ConsentTextForm | None, status: int = 200) -> Response:
    def load(store: Store) -> dict[str, Any]:
        kind = book_of(store).kinds.get(code)
        if kind is None:
            raise Missing("There is no consent of this kind.")
        versions = versions_of(store, code)
        shown = rule or ConsentRuleForm(None, **_rule(kind))
        shown.visit_types.choices = _types(store)
        return {
            "kind": kind,
            "versions": versions,
            "rule": shown,
            "text": text or ConsentTextForm(None, **_texts(versions)),
        }

    return page("management/consent.html", status, languages=LANGUAGES, **look(load))


def _rule(kind: Kind) -> dict[str, Any]:
    return {
        "need": kind.need, "months": kind.months, "renew": kind.renew, "visit_types": list(kind.visit_types),
        "from_age": kind.from_age, "to_age": kind.to_age, "version": str(kind.version),
    }  # fmt: skip


def _texts(versions: list[Any]) -> dict[str, str]:
    found = {"version": str(versions[0].number)}
    for language, one in versions[0].texts.items():
        found |= {f"title_{language}": one.title, f"text_{language}": one.text}
    return found
