"""Staff at the tablet: take the form back, with a PIN or password, and unpair it when it goes for good."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access import service as access
from clinic.access import sessions
from clinic.access.guard import requires
from clinic.access.permissions import permissions_of
from clinic.fhir.store import Store
from clinic.intake.routes import blueprint
from clinic.intake.routes.frame import speak, tablet_page
from clinic.intake.service import devices, packets
from clinic.web.transaction import transact


@blueprint.get("/tablet/leave")
@requires("intake.answer")
def leave() -> Response:
    """Ask who takes the tablet back."""
    speak(None)
    return tablet_page("intake/leave.html")


@blueprint.post("/tablet/leave")
@requires("intake.answer")
def take_back_here() -> Response:
    """Check the PIN or password, take the form back, lock the tablet."""
    speak(None)
    username, secret = request.form.get("username", "")[:64], request.form.get("secret", "")[:200]
    attempt = transact(lambda store: access.begin(store, username))
    access.require_time_passed(attempt)
    fits = attempt.fits_pin_or_password(secret)
    if not fits or "intake.write" not in permissions_of(attempt.role):
        transact(lambda store: access.refuse(store, attempt, "at a tablet"))
        return tablet_page("intake/leave.html", 422, error=_(access.WRONG_PIN))
    unpair = bool(request.form.get("unpair"))
    transact(lambda store: _leave(store, unpair=unpair))
    if unpair:
        sessions.forget()
    return redirect(url_for("intake.tablet"), 303)


def _leave(store: Store, *, unpair: bool) -> None:
    found = packets.on_device(store, store.actor.id, lock=True)
    if found is not None:
        packets.take_back(store, found.id)
    if unpair:
        devices.unpair(store, store.actor.id)
