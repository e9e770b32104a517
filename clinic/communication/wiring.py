"""What communication gives to the application."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from clinic.communication.mapping.calls import call_rows
from clinic.communication.mapping.messages import message_rows
from clinic.communication.mapping.tasks import task_rows
from clinic.communication.queries.calls import LAST_CALLS, count_to_return
from clinic.communication.queries.messages import LAST_MESSAGES
from clinic.communication.routes import blueprint, log_of
from clinic.communication.routes.messages import last_messages
from clinic.communication.service import tasks
from clinic.communication.service.messages import unwanted, wanted
from clinic.communication.service.offers import offer_is_over, tell_offer
from clinic.communication.service.reminders import follow_visit
from clinic.communication.tables import call_row, desk_task, message_row
from clinic.fhir.registry import ReadModel
from clinic.web.slice import Nav, PatientPanel, Slice

slice_ = Slice(
    "communication",
    blueprint,
    read_models=(
        ReadModel(call_row, ("Communication",), call_rows),
        ReadModel(message_row, ("Communication",), message_rows),
        ReadModel(desk_task, ("Task",), task_rows),
    ),
    listeners={
        "appointment_changed": follow_visit,
        "offer_made": tell_offer,
        "offer_over": offer_is_over,
        "message_unwanted": unwanted,
        "message_wanted": wanted,
        "task_unwanted": tasks.unwanted,
        "task_wanted": tasks.wanted,
    },
    panels=(
        PatientPanel("calls", 80, 3, "communication/_panel.html", log_of, "communication.read", LAST_CALLS),
        PatientPanel(
            "messages", 82, 3, "communication/_messages_panel.html", last_messages, "communication.read", LAST_MESSAGES
        ),
    ),
    nav=(Nav("communication.calls", _l("Calls"), "phone", "l", 70, "communication.read", count_to_return),),
    actions=(
        (_l("Log a call"), "communication.calls", "phone", "communication.write"),
        (_l("Messages"), "communication.messages_to_do", "mail", "communication.read"),
        (_l("Reminders and texts"), "communication.reminders", "mail", "management.setup"),
    ),
)
