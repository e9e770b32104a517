"""What the manager decides: how long is too long, who may check in alone, which screens there are, the poster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import current_app, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.appointments.queries.practice import calendar_setup
from clinic.core.errors import Invalid
from clinic.fhir.practice import save_practice
from clinic.fhir.store import Store
from clinic.pdf import Printed, pdf_response, print_pdf
from clinic.visits.forms import StepForm, WaitingScreenForm
from clinic.visits.queries.waiting_room import screens
from clinic.visits.routes import blueprint, require_valid
from clinic.visits.routes.here import LANGUAGES
from clinic.visits.rules import LIMITS
from clinic.visits.rules.arriving import ARRIVING, LONGEST, arriving_of
from clinic.visits.rules.stations import LONGEST_LIMIT, limits_of
from clinic.visits.screens import WORDS
from clinic.visits.service import screens as kept
from clinic.web.context import forget_practice
from clinic.web.forms import choices
from clinic.web.respond import go, page, toast
from clinic.web.state import state_of
from clinic.web.transaction import look, transact


@blueprint.get("/stations")
@requires("management.setup")
def stations() -> Response:
    """The limits, the rules of self check-in and the screens."""
    return _show()


@blueprint.post("/stations")
@requires("management.setup")
def save_stations() -> Response:
    """Keep limits and rules; every board uses them at once."""
    require_valid(StepForm.of_request())
    limits, wrong = _numbers(LIMITS, LONGEST_LIMIT)
    rules, wrong_rules = _numbers({name: ARRIVING[name] for name in ("before", "after")}, LONGEST)
    rules |= {name: int(bool(request.form.get(name))) for name in ("phone", "present")}
    if wrong or wrong_rules:
        return _show(422, wrong=wrong | wrong_rules)

    def work(store: Store) -> None:
        own = {name: count for name, count in limits.items() if count != LIMITS[name]}
        arriving = {name: count for name, count in rules.items() if count != ARRIVING[name]}
        save_practice(store.conn, replace(store.practice, stations=own, arriving=arriving))
        store.did("practice-changed", "limits of stations")

    transact(work)
    forget_practice(state_of(current_app))
    toast(_("Saved."))
    return go(url_for("visits.stations"))


def _numbers(usual: Mapping[str, int], most: int) -> tuple[dict[str, int], set[str]]:
    typed = {name: request.form.get(name, "").strip() for name in usual}
    good = {name: int(text) for name, text in typed.items() if text.isascii() and text.isdigit() and len(text) < 5}
    return good, {name for name in usual if not 0 <= good.get(name, -1) <= most}


@blueprint.post("/stations/screens")
@requires("management.setup")
def add_screen() -> Response:
    """Add a waiting-room screen and show its address once."""
    form = WaitingScreenForm.of_request()
    require_valid(form)

    def work(store: Store) -> tuple[str, str]:
        return kept.add_screen(store, str(form.name.data), language=str(form.language.data), site=str(form.site.data))

    try:
        screen_id, token = transact(work)
    except Invalid as error:
        form.show(error)
        return _show(422, form=form)
    return _show(shown=screen_id, token=token)


@blueprint.post("/stations/screens/<screen_id>/address")
@requires("management.setup")
def new_screen_address(screen_id: str) -> Response:
    """Another address for a screen; the old one is shut."""
    require_valid(StepForm.of_request())
    return _show(shown=screen_id, token=transact(lambda store: kept.new_address(store, screen_id)))


@blueprint.post("/stations/screens/<screen_id>/revoke")
@requires("management.setup")
def revoke_screen(screen_id: str) -> Response:
    """Take a screen out of use, or bring it back."""
    require_valid(StepForm.of_request())
    back = bool(request.args.get("back"))
    name = transact(lambda store: kept.revoke_screen(store, screen_id, back=back))
    undo = None if back else url_for("visits.revoke_screen", screen_id=screen_id, back=1)
    toast(_("%(name)s is in use again", name=name) if back else _("%(name)s shows nothing any more", name=name), undo)
    return go(url_for("visits.stations"))


@blueprint.get("/stations/poster")
@requires("management.setup")
def poster() -> Response:
    """The poster with the QR code of self check-in, as a PDF in the languages of the practice's patients."""
    printed = look(lambda store: Printed(_("Check in with your telephone"), by=store.actor.name, at=store.now))
    address = url_for("visits.here", _external=True)
    return pdf_response(print_pdf("poster.html", printed, keep=True, address=address), "check-in-poster")


def _show(status: int = 200, **more: Any) -> Response:
    practice = state_of(current_app).practice
    found, setup = look(lambda store: (screens(store), calendar_setup(store)))
    form = more.pop("form", None) or WaitingScreenForm(None)
    form.site.choices = choices([("", _("All sites")), *((one.id, one.name) for one in setup.sites)])
    token = more.pop("token", "")
    values: dict[str, Any] = {
        "limits": limits_of(practice.stations) if status == 200 else _typed(limits_of(practice.stations)),
        "rules": arriving_of(practice.arriving),
        "usual": LIMITS,
        "screens": found,
        "form": form,
        "step_form": StepForm(),
        "languages": LANGUAGES,
        "address": url_for("visits.screen", token=token, _external=True) if token else "",
        "wrong": set(),
        **WORDS,
    }
    return page("visits/stations.html", status, **values | more)


def _typed(limits: dict[str, int]) -> dict[str, Any]:
    return {name: request.form.get(name, limit) for name, limit in limits.items()}
