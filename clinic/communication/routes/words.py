"""The manager writes the words of a message, reads them with a made-up patient, and sends them to themselves."""

from __future__ import annotations

from typing import Any

from flask import g, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.appointments.queries.practice import calendar_setup
from clinic.communication.forms.decisions import LANGUAGE_NAMES, WordsForm
from clinic.communication.queries.decisions import decisions_of, number_of
from clinic.communication.queries.messages import tried
from clinic.communication.routes.calls import blueprint
from clinic.communication.routes.decisions import NAMES
from clinic.communication.routes.messages import LOOKS
from clinic.communication.rules.messages import STATES
from clinic.communication.rules.texts import LANGUAGES, NEEDED, PLACES, Words, shipped
from clinic.communication.service.deciding import save_words, words_subject_of
from clinic.communication.service.trying import Trial, read_with, try_it
from clinic.communication.service.words import texts_of
from clinic.core.errors import ClinicError, Missing
from clinic.core.ids import new_token
from clinic.fhir.store import Store
from clinic.web.errors import status_of
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, once, transact


@blueprint.get("/words/<purpose>")
@requires("management.setup")
def words(purpose: str) -> Response:
    """The words of one message in every language."""
    kind = _type()
    return _page(purpose, WordsForm.of_request(**look(lambda store: _written(store, purpose, kind))))


@blueprint.post("/words/<purpose>")
@requires("management.setup")
def save_message_words(purpose: str) -> Response:
    """Save them; what is left empty is said in the product's own words."""
    kind, form = _type(), WordsForm(request.form)
    look(lambda store: _known(store, purpose, kind))
    if not form.validate():
        return _page(purpose, form, 422)
    try:
        number = transact(
            lambda store: save_words(store, purpose, kind, form.words(), version=form.loaded_version or 0)
        )
    except ClinicError as error:
        form.show(error)
        return _page(purpose, form, status_of(error))
    subject = words_subject_of(purpose, kind)
    undo = url_for("communication.decision_back", subject=subject, number=number) if number else None
    toast(_("Saved."), undo_url=undo)
    return go(url_for("communication.words", purpose=purpose, type=kind or None))


@blueprint.post("/words/<purpose>/read")
@requires("management.setup")
def read_words(purpose: str) -> Response:
    """What is written, read with a made-up patient; nothing is saved."""
    form = WordsForm(request.form)
    fine = form.validate()
    return _page(purpose, form, 200 if fine else 422)


@blueprint.post("/words/<purpose>/try")
@requires("management.setup")
def try_words(purpose: str) -> Response:
    """Send what is written to oneself; nothing is saved."""
    form = WordsForm(request.form)
    if not form.validate():
        return _page(purpose, form, 422)
    language, kind, to = str(form.language.data), _type(), str(form.to.data or "")

    def send(store: Store) -> Any:
        _known(store, purpose, kind)
        trial = read_with(store, purpose, kind, language, form.words()[language])
        return once(store, str(form.once.data or ""), lambda: try_it(store, trial, to))

    try:
        transact(send)
    except ClinicError as error:
        form.show(error)
        return _page(purpose, form, status_of(error))
    form.once.data = new_token()
    return _page(purpose, form, sent=True)


def _type() -> str:
    return request.args.get("type", "")[:64]


def _known(store: Store, purpose: str, kind: str) -> None:
    if purpose not in NAMES or (kind and calendar_setup(store).visit_type(kind) is None):
        raise Missing("There is no such page or record.")


def _written(store: Store, purpose: str, kind: str) -> dict[str, Any]:
    _known(store, purpose, kind)
    texts = texts_of(store)
    values: dict[str, Any] = {"version": str(number_of(store, words_subject_of(purpose, kind)))}
    for language in LANGUAGES:
        one = texts.get((purpose, kind, language), Words("", ""))
        values |= {f"subject_{language}": one.subject, f"text_{language}": one.text}
    return values


def _trials(store: Store, purpose: str, form: WordsForm) -> list[Trial]:
    kind = _type()
    _known(store, purpose, kind)
    return [read_with(store, purpose, kind, language, one) for language, one in form.words().items()]


def _page(purpose: str, form: WordsForm, status: int = 200, *, sent: bool = False) -> Response:
    g.nav_current = "management"
    kind = _type()

    def read(store: Store) -> dict[str, Any]:
        _known(store, purpose, kind)
        setup = calendar_setup(store)
        return {
            "types": [one for one in setup.types if one.active],
            "trials": _trials(store, purpose, form),
            "decisions": decisions_of(store, words_subject_of(purpose, kind)),
            "tried": tried(store),
        }

    shown: dict[str, Any] = {
        "purpose": purpose, "name": NAMES.get(purpose, ""), "kind": kind, "languages": LANGUAGE_NAMES,
        "places": PLACES, "needed": NEEDED.get(purpose, ()), "ours": shipped().get(purpose, {}), "states": STATES,
        "looks": LOOKS, "subject": words_subject_of(purpose, kind), "sent": sent,
    }  # fmt: skip
    return page("communication/words.html", status, form=form, **shown, **look(read))
