"""The addresses of the FHIR interface."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, current_app, request

from clinic.access.guard import by_token, public
from clinic.core.json import dumps
from clinic.fhir.store import Store
from clinic.fhir_api import (
    bundles,
    capability,
    errors,
    histories,
    matching,
    operations,
    reading,
    searching,
    trail,
    writing,
)
from clinic.fhir_api.call import Call, Reply
from clinic.fhir_api.errors import MEDIA_TYPE, Refused
from clinic.fhir_api.http import (
    PATCH_TYPE,
    answer,
    base_url,
    call_of,
    content,
    look,
    not_here,
    pages,
    query_of_request,
    require_json_wanted,
    transact,
)
from clinic.fhir_api.oauth import authenticate
from clinic.fhir_api.scheduling import finding, publishing, slots
from clinic.fhir_api.shaping import read_shape
from clinic.web.state import state_of

blueprint = Blueprint("fhir", __name__)
errors.install(blueprint)
_OPEN = {"fhir.metadata", "fhir.smart_configuration"}
_PUBLISHED = {"fhir.bulk_publish", "fhir.published_file"}


@blueprint.before_request
def _enter() -> None:
    """JSON only, and a token for everything but the statement of what there is and what is published."""
    if request.endpoint in _PUBLISHED:
        return
    require_json_wanted()
    if request.endpoint not in _OPEN:
        authenticate()


@blueprint.get("/metadata")
@public
def metadata() -> Response:
    """What this interface does; public, since a program reads it before it has a token."""
    state, base = state_of(current_app), base_url()
    known: dict[str, str] = state.extra.setdefault("capability", {})
    if base not in known:
        known[base] = capability.statement(state.setting.registry, base)
    return Response(known[base], content_type=MEDIA_TYPE)


@blueprint.get("/.well-known/smart-configuration")
@public
def smart_configuration() -> Response:
    """Where a program gets its token."""
    token = base_url().removesuffix("/fhir") + "/oauth/token"
    found = {
        "token_endpoint": token,
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "grant_types_supported": ["client_credentials"],
        "scopes_supported": ["system/*.cruds", "system/*.rs"],
        "capabilities": ["client-confidential-symmetric", "permission-v1", "permission-v2"],
    }
    return Response(dumps(found), content_type="application/json")


@blueprint.get("/_history")
@by_token
def history_of_all() -> Response:
    """The history of everything."""
    call = call_of()
    return answer(look(lambda store: histories.history_page(store, call, pages())))


@blueprint.post("/")
@blueprint.post("", strict_slashes=False)
@by_token
def commands() -> Response:
    """Carry out a batch or a transaction."""
    call = call_of(body=content())
    kind, _ = bundles.read_bundle(call)
    if kind == "batch":
        return answer(bundles.batch(transact, call, pages()))
    return answer(transact(lambda store: bundles.transaction(store, call, pages())))


@blueprint.get("/<type_>")
@by_token
def search(type_: str) -> Response:
    """Search a type."""
    return _search(type_, form=False)


@blueprint.post("/<type_>/_search")
@by_token
def search_by_form(type_: str) -> Response:
    """Search a type with the arguments in a form, so that they stay out of addresses and logs."""
    if request.mimetype != "application/x-www-form-urlencoded":
        raise Refused(415, "The content must be application/x-www-form-urlencoded.", "http.Content-Type")
    return _search(type_, form=True)


def _search(type_: str, *, form: bool) -> Response:
    call = call_of(type_, query=query_of_request(form=form))
    others = {"AuditEvent": trail.search_trail} | dict.fromkeys(slots.COMPUTED, slots.search_computed)
    searched = others.get(type_, searching.search)
    return answer(look(lambda store: searched(store, call, pages())))


@blueprint.get("/<type_>/_history")
@by_token
def history_of_type(type_: str) -> Response:
    """The history of a type."""
    call = call_of(type_)
    return answer(look(lambda store: histories.history_page(store, call, pages())))


@blueprint.get("/<type_>/<id_>")
@by_token
def read(type_: str, id_: str) -> Response:
    """One record."""
    call = call_of(type_, id_)
    last = dict(call.query)
    shape = read_shape(last.get("_summary", ""), last.get("_elements", ""))
    return answer(look(lambda store: reading.read(store, call, shape)))


@blueprint.get("/<type_>/<id_>/_history")
@by_token
def history_of_record(type_: str, id_: str) -> Response:
    """The history of a record."""
    call = call_of(type_, id_)
    return answer(look(lambda store: histories.history_page(store, call, pages())))


@blueprint.get("/<type_>/<id_>/_history/<version>")
@by_token
def vread(type_: str, id_: str, version: str) -> Response:
    """One version of a record."""
    call = call_of(type_, id_, version)
    return answer(look(lambda store: reading.vread(store, call)))


@blueprint.post("/<type_>")
@by_token
def create(type_: str) -> Response:
    """Keep a new record."""
    call = call_of(type_, body=content())
    return answer(transact(lambda store: writing.create(store, call)))


@blueprint.put("/<type_>")
@blueprint.put("/<type_>/<id_>")
@by_token
def update(type_: str, id_: str = "") -> Response:
    """Keep a changed record: the one of the address, or the one that matches the conditions."""
    call = call_of(type_, id_, body=content())
    return answer(transact(lambda store: writing.update(store, call)))


@blueprint.patch("/<type_>")
@blueprint.patch("/<type_>/<id_>")
@by_token
def patch(type_: str, id_: str = "") -> Response:
    """Change parts of a record."""
    call = call_of(type_, id_, body=content(PATCH_TYPE))
    return answer(transact(lambda store: writing.patch(store, call)))


@blueprint.delete("/<type_>")
@blueprint.delete("/<type_>/<id_>")
@by_token
def delete(type_: str, id_: str = "") -> Response:
    """Take a record out of use."""
    call = call_of(type_, id_)
    return answer(transact(lambda store: writing.delete(store, call)))


@blueprint.post("/<type_>/$validate")
@blueprint.post("/<type_>/<id_>/$validate")
@by_token
def validate(type_: str, id_: str = "") -> Response:
    """Check a record without keeping it."""
    call = call_of(type_, id_, body=content())
    return answer(look(lambda store: operations.validate(store, call)))


@blueprint.get("/<type_>/<id_>/$validate")
@by_token
def validate_kept(type_: str, id_: str) -> Response:
    """Check a record that is kept."""
    call = call_of(type_, id_)
    return answer(look(lambda store: operations.validate(store, call)))


@blueprint.post("/Patient/$match")
@by_token
def match() -> Response:
    """Who on file may be the person described."""
    return _asked("Patient", look, matching.match)


@blueprint.get("/Patient/$match")
@by_token
def match_by_address() -> Response:
    """What describes a person does not stand in an address."""
    call_of("Patient")
    raise not_here("POST")


@blueprint.route("/Patient/<id_>/$everything", methods=["GET", "POST"])
@by_token
def everything(id_: str) -> Response:
    """A patient with every record of theirs."""
    call = call_of("Patient", id_)
    return answer(look(lambda store: operations.everything(store, call, pages())))


@blueprint.route("/Appointment/$find", methods=["GET", "POST"])
@by_token
def find_appointments() -> Response:
    """Times that could be booked (IHE ITI-115)."""
    call = call_of("Appointment", body=content() if request.method == "POST" else None)
    return answer(look(lambda store: finding.find_appointments(store, call)))


@blueprint.post("/Appointment/$hold")
@by_token
def hold_appointment() -> Response:
    """Hold a time that was found (IHE ITI-116)."""
    return _asked("Appointment", transact, finding.hold_appointment)


@blueprint.post("/Appointment/$book")
@by_token
def book_appointment() -> Response:
    """Book, change or cancel (IHE ITI-117)."""
    return _asked("Appointment", transact, finding.book_appointment)


@blueprint.get("/$bulk-publish")
@public
def bulk_publish() -> Response:
    """The manifest of published free times (SMART Scheduling Links); nothing when the practice publishes none."""
    return publishing.served("manifest", request.if_none_match)


@blueprint.get("/published/<any(locations, schedules, slots):name>.ndjson")
@public
def published_file(name: str) -> Response:
    """One file of what is published."""
    return publishing.served(name, request.if_none_match)


@blueprint.route("/", defaults={"rest": ""}, methods=["GET", "PUT", "PATCH", "DELETE"])
@blueprint.route("/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"])
@by_token
def anything_else(rest: str) -> Response:
    """Nothing is here, or not for this method."""
    steps = [step for step in rest.split("/") if step]
    call_of(steps[0] if steps else "")
    if len(steps) <= 2 and not any(step.startswith(("$", "_")) for step in steps):
        raise not_here(("POST", "GET, HEAD, POST, PUT, PATCH, DELETE", "GET, HEAD, PUT, PATCH, DELETE")[len(steps)])
    if steps[-1] in ("_history", "_search"):
        raise not_here("POST" if steps[-1] == "_search" else "GET, HEAD")
    raise Refused(404, "There is nothing at this address.", "http.url")


def _asked(
    type_: str, run: Callable[[Callable[[Store], Reply]], Reply], operation: Callable[[Store, Call], Reply]
) -> Response:
    """The answer of an operation on a type whose question is the body of the request."""
    call = call_of(type_, body=content())
    return answer(run(lambda store: operation(store, call)))


__all__ = ["Reply", "blueprint"]
