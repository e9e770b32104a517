"""Communication: the call log, and the calls to return."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from clinic.communication.mapping import call_rows
from clinic.communication.queries import LAST_CALLS, count_to_return
from clinic.communication.routes import blueprint, log_of
from clinic.communication.tables import call_row
from clinic.fhir.registry import ReadModel
from clinic.web.slice import Nav, PatientPanel, Slice

slice_ = Slice(
    "communication",
    blueprint,
    read_models=(ReadModel(call_row, ("Communication",), call_rows),),
    panels=(PatientPanel("calls", 80, 3, "communication/_panel.html", log_of, "communication.read", LAST_CALLS),),
    nav=(Nav("communication.calls", _l("Calls"), "phone", "l", 70, "communication.read", count_to_return),),
    actions=((_l("Log a call"), "communication.calls", "phone", "communication.write"),),
)
