"""What billing gives to the application."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from clinic.billing import queries
from clinic.billing.mapping import READ_MODELS
from clinic.billing.mapping.params import PARAMS
from clinic.billing.routes import blueprint
from clinic.billing.service import CLAIMS, FEES, today
from clinic.fhir.store import Store
from clinic.web.slice import Nav, Slice


def _waiting(store: Store) -> int:
    return queries.waiting(store.conn, today(store))


slice_ = Slice(
    "billing",
    blueprint=blueprint,
    params=PARAMS,
    read_models=READ_MODELS,
    writers={"Claim": CLAIMS, "ChargeItemDefinition": FEES},
    nav=(Nav("billing.worklist", _l("Billing"), "bill", "b", 50, "billing.read", _waiting),),
    actions=((_l("Codes and fees"), "billing.fees", "bill", "billing.read"),),
)
