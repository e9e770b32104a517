"""The tablet before and after the questions: lock, pairing, language, birth date, thanks, leaving."""

from __future__ import annotations

from datetime import date, timedelta

from flask import redirect, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import CSRF_KEY, current_principal, public, require_own_form, requires
from clinic.access.permissions import DEVICE
from clinic.access.principal import Principal, network
from clinic.access.sessions import Opening, open_for, take_over
from clinic.access.throttle import attempt
from clinic.access.throttle import network as network_key
from clinic.core.errors import Invalid
from clinic.core.ids import new_token
from clinic.fhir.store import Store
from clinic.intake.questionnaire.entry import partial_date
from clinic.intake.routes import blueprint
from clinic.intake.routes.frame import LANGUAGES, VIEW, Progress, back_path, parts_of, remember, speak, tablet_page
from clinic.intake.service import devices, packets
from clinic.web.respond import toast
from clinic.web.transaction import look, transact

_YEAR = timedelta(days=365)


def _is_tablet() -> bool:
    principal = current_principal()
    return principal is not None and principal.role == DEVICE


@blueprint.get("/tablet")
@public
def tablet() -> Response:
    """The first page of a tablet: pairing, the lock screen, or straight to what was handed over."""
    if not _is_tablet():
        speak(None)
        return tablet_page("intake/pair.html")
    found = look(lambda store: packets.on_device(store, store.actor.id))
    if found is None:
        session.pop(VIEW, None)
        return tablet_page("intake/lock.html", languages_shown=LANGUAGES)
    return redirect(_next_step(found), 303)


def _next_step(found: packets.Packet) -> str:
    if not found.language:
        return url_for("intake.welcome")
    if not found.identified:
        return url_for("intake.birth_date")
    position = found.next_form
    return url_for("intake.thanks") if position is None else url_for("intake.form_page", position=position)


@blueprint.post("/tablet/pair")
@public
def pair() -> Response:
    """Pair this tablet with the code a manager shows; the code works once."""
    code = request.form.get("code", "")[:40]
    speak(None)
    if transact(lambda store: attempt(store.conn, (network_key(network()),), store.now)):
        return tablet_page("intake/pair.html", 429, error=_("Too many tries. Please wait a moment."))
    try:
        token, device_id, name = transact(lambda store: _open_session(store, code))
    except Invalid as error:
        return tablet_page("intake/pair.html", 422, error=_(error.message))
    take_over(token, Principal(device_id, name, DEVICE), {CSRF_KEY: new_token()})
    return redirect(url_for("intake.tablet"), 303)


def _open_session(store: Store, code: str) -> tuple[str, str, str]:
    device_id, name = devices.pair(store, code)
    opening = Opening(device_id=device_id, device_name=name)
    return open_for(store.conn, opening, store.now, lives=_YEAR), device_id, name


@blueprint.get("/tablet/poll")
@requires("intake.answer")
def poll() -> Response:
    """Whether something was handed over: 200 with the place to go, or 204."""
    found = look(lambda store: packets.on_device(store, store.actor.id))
    if found is None:
        return Response(status=204)
    return Response(url_for("intake.tablet"), mimetype="text/plain")


@blueprint.get("/tablet/welcome")
@requires("intake.answer")
def welcome() -> Response:
    """Choose the language; nothing about the patient yet."""
    found = look(lambda store: packets.require_on_device(store, lock=False, identified=False))
    speak(found)
    return tablet_page("intake/welcome.html", packet=found, languages_shown=LANGUAGES)


@blueprint.post("/tablet/welcome")
@requires("intake.answer")
def choose_language() -> Response:
    """Keep the language and go on where one was."""
    chosen = request.form.get("language", "")

    def work(store: Store) -> packets.Packet:
        found = packets.require_on_device(store, identified=False)
        if chosen in LANGUAGES:
            packets.change(store, found.id, language=chosen)
        return packets.require_on_device(store, identified=False)

    return redirect(_next_step(transact(work)), 303)


@blueprint.get("/tablet/birth-date")
@requires("intake.answer")
def birth_date() -> Response:
    """Ask the birth date. Neither the page nor its source holds anything about the patient."""
    found = look(lambda store: packets.require_on_device(store, lock=False, identified=False))
    return _birth_page(found)


def _birth_page(found: packets.Packet, error: str = "", status: int = 200) -> Response:
    speak(found)
    counts = parts_of(found)
    return tablet_page(
        "intake/birth_date.html",
        status,
        error=error,
        order="mdy" if found.language == "en" else "dmy",
        progress=Progress(1, 1 + sum(counts)),
        typed={part: request.form.get(part, "")[:4] for part in ("y", "m", "d")},
        filler=request.form.get("filler", "self"),
        left=packets.MOST_ATTEMPTS - found.attempts,
        back_here=url_for("intake.birth_date"),
    )


@blueprint.post("/tablet/birth-date")
@requires("intake.answer")
def confirm_birth_date() -> Response:
    """Compare the birth date; three wrong ones end the packet and reception helps."""
    try:
        born = partial_date(*(request.form.get(part, "")[:8].strip() for part in ("y", "m", "d")))
        date.fromisoformat(born)
    except ValueError:
        found = look(lambda store: packets.require_on_device(store, lock=False, identified=False))
        speak(found)
        return _birth_page(found, _("Please give month, day and year in numbers."), 422)
    filler = request.form.get("filler", "self")
    answer, found = transact(lambda store: _identify(store, born, filler))
    speak(found)
    if answer == "ok":
        return redirect(_next_step(found), 303)
    if answer == "wrong":
        return _birth_page(found, _("That does not match. Please check and try again."), 422)
    remember(found)
    return tablet_page("intake/refused.html", 403)


def _identify(store: Store, born: str, filler: str) -> tuple[str, packets.Packet]:
    found = packets.require_on_device(store, identified=False)
    if found.identified:
        return "ok", found
    answer = packets.identify(store, found, born, filler)
    return answer, packets.packet(store, found.id)


@blueprint.post("/tablet/switch")
@requires("intake.answer")
def switch() -> Response:
    """Bigger text or stronger contrast, on and off again; what was answered on the page is kept."""
    what = request.form.get("switch", "")

    def work(store: Store) -> None:
        found = packets.require_on_device(store, identified=False)
        value = {"text": "large", "contrast": "high"}.get(what)
        if value:
            view = {**found.view, what: "" if found.view.get(what) == value else value}
            packets.change(store, found.id, view=view)
        keep_typed(store, found)

    transact(work)
    return redirect(back_path(), 303)


def keep_typed(store: Store, found: packets.Packet) -> None:
    """Keep what stands on the question page from which a tool was pressed."""
    from clinic.intake.routes.questions import keep_from_request

    if found.identified and request.form.get("position", "").isdigit():
        keep_from_request(store, found, int(request.form["position"][:4]))


@blueprint.post("/tablet/help")
@requires("intake.answer")
def call_desk() -> Response:
    """Ask reception to come; the desk sees it in its list."""

    def work(store: Store) -> packets.Packet:
        found = packets.require_on_device(store, identified=False)
        packets.change(store, found.id, help_asked=store.now)
        keep_typed(store, found)
        return found

    speak(transact(work))
    toast(_("Reception is coming to you."))
    return redirect(back_path(), 303)


@blueprint.get("/tablet/thanks")
@requires("intake.answer")
def thanks() -> Response:
    """The last page; from here on the tablet forgets."""
    speak(None)
    answer = tablet_page("intake/thanks.html")
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@blueprint.post("/tablet/finish")
@requires("intake.answer")
def finish() -> Response:
    """Wipe and lock."""
    require_own_form()
    session.pop(VIEW, None)
    session.modified = True
    answer = redirect(url_for("intake.tablet"), 303)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer
