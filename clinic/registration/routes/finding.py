"""Finding people: the finder, its results while typing, and the rows of the command bar."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field, replace
from typing import Any

from flask import request, session
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from clinic.access.guard import can, requires
from clinic.core.ids import new_token
from clinic.fhir.store import Store
from clinic.registration.banner import age_text, banner_of, photo_url_of
from clinic.registration.forms import PatientForm, patient_form
from clinic.registration.own_form import now_own_fields
from clinic.registration.queries.finder import find_patients, today_of
from clinic.registration.queries.lately import opened_lately
from clinic.registration.queries.pairs import open_pairs
from clinic.registration.routes import blueprint
from clinic.registration.routes.words import Chip, chips, open_url, why
from clinic.registration.rules.own import split_query
from clinic.registration.rules.query import LONGEST, Query, carried_over, read_query
from clinic.registration.rules.ranking import Hit, pieces
from clinic.web.help import offered
from clinic.web.respond import is_fragment, page
from clinic.web.transaction import look

_SEARCH = "_search"
VERBS: tuple[tuple[tuple[str, ...], str, str, Any], ...] = (
    (("check-in", "checkin", "arrived"), "visits.check_in_patient", "patient_id", _l("Check in %(name)s")),
    (("book", "appointment", "visit"), "appointments.book", "patient", _l("Book a visit for %(name)s")),
    (("pay", "payment", "receipt"), "cash.till", "patient", _l("Take a payment from %(name)s")),
    (("cover", "coverage", "insurance"), "insurance.coverages", "patient_id", _l("Coverage of %(name)s")),
    (("call", "phone", "ring"), "communication.calls", "patient", _l("Log a call with %(name)s")),
    (("edit", "change"), "registration.edit_patient", "patient_id", _l("Change the record of %(name)s")),
    (("merge", "duplicate"), "registration.merge_with", "patient_id", _l("Merge %(name)s with another record")),
    (("label", "print"), "registration.label", "patient_id", _l("Print a label for %(name)s")),
)
"""What may be said with a name in the command bar: words, screen, its argument, what it does."""


@dataclass
class Found:
    """One search and what came of it."""

    query: Query = field(default_factory=Query)
    hits: list[Hit] = field(default_factory=list)
    ages: dict[str, str] = field(default_factory=dict)
    milliseconds: int = 0

    @property
    def chips(self) -> list[Chip]:
        """How the search was read."""
        return chips(self.query)

    @property
    def asked(self) -> bool:
        """Whether there was enough to search for."""
        return not self.query.empty and not self.query.too_short


@blueprint.get("/")
@requires("patients.read")
def find() -> Response:
    """The finder; as a fragment only its results."""
    typed, token = request.args.get("q", ""), request.args.get("s", "")
    if is_fragment():
        return page("registration/_results.html", **_shown(look(lambda store: search(store, typed, token))))
    return find_page(typed, new="new" in request.args)


def find_page(typed: str, *, new: bool = False, form: PatientForm | None = None, status: int = 200) -> Response:
    """The whole finder page, with the panel for a new patient when one was asked for after a search."""

    def load(store: Store) -> dict[str, Any]:
        found = search(store, typed, "")
        shown = form
        if shown is None and new and found.asked and can("patients.write"):
            entry = carried_over(found.query)
            next_ = request.args.get("next", "")
            shown = patient_form(store.practice, {**entry, "searched": typed, "texts": True, "next": next_})
            shown.panel.data = "1"
        pairs = open_pairs(store) if can("patients.write") else 0
        return {"found": found, "form": shown, "lately": opened_lately(store), "pairs": pairs}

    values = look(load)
    return page("registration/find.html", status, token=new_token(), **{**values, **_shown(values["found"])})


@blueprint.get("/suggest")
@requires("patients.read")
def suggest() -> Response:
    """Rows for the command bar: what can be done with whom, then the people."""
    typed = request.args.get("q", "")
    verb, rest = split_verb(typed)

    def load(store: Store) -> Found:
        minute = f"bar{int(store.now.timestamp()) // 60}"
        found = search(store, typed, minute)
        return search(store, rest, minute) if verb and not found.hits else found

    found = look(load)
    found.hits = found.hits[:6]
    acts = _acts(verb, found.hits[:2]) if verb else []
    return page("registration/suggest.html", typed=typed, acts=acts, help=offered(typed), **_shown(found))


@blueprint.get("/peek/<patient_id>")
@requires("patients.read")
def peek(patient_id: str) -> Response:
    """The few facts about the row in hand, under the results."""
    banner = look(lambda store: banner_of(store, patient_id, what="row in the finder"))
    acts = {
        "book": open_url("appointments.book", patient=patient_id),
        "check_in": open_url("visits.check_in_patient", patient_id=patient_id),
    }
    return page("registration/_peek.html", b=banner, acts=acts)


def search(store: Store, typed: str, token: str) -> Found:
    """Search, and note it in the audit trail once for all keystrokes that carry the same token."""
    began = time.perf_counter()
    query = _read(store, typed)
    found = Found(query, find_patients(store, query))
    found.ages = {hit.person.id: age_text(hit.person.birth_date, store) for hit in found.hits}
    found.milliseconds = max(1, round((time.perf_counter() - began) * 1000))
    if found.asked and (not token or session.get(_SEARCH) != token):
        store.did("search", "patients")
        if token:
            session[_SEARCH] = token
    return found


def _read(store: Store, typed: str) -> Query:
    """One line of the finder, the practice's own fields in it too."""
    fields = now_own_fields()
    own, rest = split_query(typed[:LONGEST], fields) if fields else ((), typed)
    query = read_query(rest, today=today_of(store), order=store.practice.date_order)
    loose = tuple(one.key for one in fields if one.searched)
    return replace(query, text=" ".join(typed[:LONGEST].split()), own=own, loose=loose)


def split_verb(typed: str) -> tuple[str, str]:
    """The screen that a word of the line names, and the line without it: `mafe pay` is the till and `mafe`."""
    words = re.sub(r"\bcheck in\b", "check-in", typed, flags=re.IGNORECASE).split()
    for word in words if len(words) > 1 else []:
        for said, endpoint, _argument, _words in VERBS:
            if len(word) >= 3 and any(one.startswith(word.lower()) for one in said):
                return endpoint, " ".join(other for other in words if other is not word)
    return "", typed


def _acts(verb: str, hits: list[Hit]) -> list[dict[str, str]]:
    argument, words = next((argument, words) for _said, endpoint, argument, words in VERBS if endpoint == verb)
    acts = []
    for hit in hits:
        url = open_url(verb, **{argument: hit.person.id})
        if url:
            acts.append({"url": url, "text": str(_(str(words), name=hit.person.display)), "name": hit.person.display})
    return acts


def _shown(found: Found) -> dict[str, Any]:
    return {
        "found": found,
        "why": why,
        "pieces": pieces,
        "photo_url": photo_url_of,
        "can_write": can("patients.write"),
    }
