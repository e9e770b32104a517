"""What the form offers while somebody types: names on file, codes of a list, and the town of a postcode."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.fhir.store import Store
from clinic.regions.named import named_codes
from clinic.registration.mapping.said import PLACE
from clinic.registration.queries.said import Place, places_of, said_like
from clinic.registration.routes import blueprint
from clinic.web.respond import page
from clinic.web.transaction import look

LISTS = ("race", "ethnicity", "tribes")


@blueprint.get("/offers/<any(doctor, pharmacy, employer, place, race, ethnicity, tribes):kind>")
@requires("patients.write")
def offers(kind: str) -> Response:
    """Options for a field: names on file, entries of a list, or with `place` the towns of a postcode."""
    typed = request.args.get("q", "")[:100]
    if kind == PLACE:
        return page("registration/_offers.html", options=[], places=look(lambda store: _places(store, typed)))
    if kind in LISTS:
        options = [one.name for one in named_codes(kind).starting(typed)]
    else:
        options = look(lambda store: said_like(store, kind, typed))
    return page("registration/_offers.html", options=options, places=[])


def _places(store: Store, typed: str) -> list[Place]:
    return places_of(store, typed)
