"""What follows from every changed appointment, whoever changed it: the screens, the interface or an undo."""

from __future__ import annotations

from clinic.appointments.service.answering import reopen_wish
from clinic.appointments.service.groups import keep_seats
from clinic.appointments.service.missing import follow_breach
from clinic.appointments.service.overbooking import count_overbooking
from clinic.appointments.service.recalls import follow_visit
from clinic.core.json import Json
from clinic.fhir.store import Store


def keep_in_step(store: Store, appointment: Json) -> None:
    """Keep the seats of groups, count overbookings, open a wish again, complete an order, note what was missed; in the
    same transaction.
    """
    keep_seats(store, appointment)
    count_overbooking(store, appointment)
    reopen_wish(store, appointment)
    follow_visit(store, appointment)
    follow_breach(store, appointment)
