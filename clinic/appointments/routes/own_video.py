"""One's own visit by video, by its link: trying camera, microphone and loudspeaker, and saying "I am here"."""

from __future__ import annotations

from flask import redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import public
from clinic.appointments.routes import blueprint
from clinic.appointments.routes.own import ask_first, change, own_of, proven
from clinic.appointments.routes.phone import home_page, speak
from clinic.appointments.service.links import VISIT
from clinic.appointments.service.telehealth import say_here
from clinic.web.headers import WITH_MICROPHONE
from clinic.web.transaction import look


@blueprint.get("/own/<token>/try")
@public
def own_try(token: str) -> Response:
    """Camera, microphone and loudspeaker are tried in the browser alone: nothing of it is sent or kept."""
    speak()
    link = proven(token, VISIT)
    if link is None:
        return ask_first(token)
    if not look(lambda store: own_of(store, link)).video:
        return redirect(url_for("appointments.own_visit", token=token), 303)
    answer = home_page("appointments/own_try.html", token=token)
    answer.headers["Permissions-Policy"] = WITH_MICROPHONE
    return answer


@blueprint.post("/own/<token>/here")
@public
def own_here(token: str) -> Response:
    """The patient waits for a visit by video; the desk and the provider see it."""
    return change(token, say_here, _("Thank you. The practice sees that you are here."))
