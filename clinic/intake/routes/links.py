"""Forms on the patient's own phone: a link or a QR code, good for half an hour and one packet."""

from __future__ import annotations

from flask import redirect, url_for
from werkzeug.wrappers import Response

from clinic.access.guard import CSRF_KEY, public
from clinic.access.permissions import DEVICE
from clinic.access.principal import Principal
from clinic.access.sessions import Opening, open_for, take_over
from clinic.core.ids import new_token
from clinic.fhir.store import Store
from clinic.intake.errors import NoPacket
from clinic.intake.routes import blueprint
from clinic.intake.routes.frame import speak, tablet_page
from clinic.intake.service import packets
from clinic.web.transaction import look, transact


@blueprint.get("/link/<token>")
@public
def link(token: str) -> Response:
    """A page with one button and nothing about anybody; opening it (a mail scanner does) changes nothing."""
    speak(None)
    found = look(lambda store: packets.by_link(store, token[:100]))
    return tablet_page("intake/link.html", 200 if found else 404, token=token[:100], open=found is not None)


@blueprint.post("/link/<token>")
@public
def open_link(token: str) -> Response:
    """Begin: this browser may answer this one packet, after the birth date."""

    def work(store: Store) -> tuple[str, str]:
        found = packets.by_link(store, token[:100])
        if found is None:
            raise NoPacket
        packets.reopened(store, found)
        opening = Opening(device_id=found.id, device_name="Link")
        return open_for(store.conn, opening, store.now, lives=packets.LONGEST), found.id

    opened, packet_id = transact(work)
    take_over(opened, Principal(packet_id, "Link", DEVICE), {CSRF_KEY: new_token()})
    return redirect(url_for("intake.tablet"), 303)
