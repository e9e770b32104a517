"""Adding, changing and retiring the practice's own fields; and the rules for values that programs send."""

from __future__ import annotations

from dataclasses import replace

from clinic.core.errors import N_, Conflict, Detail, Invalid, Taken
from clinic.core.json import Json
from clinic.fhir.registry import Writer
from clinic.fhir.store import Store
from clinic.registration.mapping.own import OWN, definition_of, field_of, own_of
from clinic.registration.mapping.parts import parts, text
from clinic.registration.queries.own import read_fields, used
from clinic.registration.rules.own import (
    CHOICE,
    CHOICES,
    FIXED,
    LONGEST_TEXT,
    MOST_FIELDS,
    TEXT,
    OwnField,
    OwnValue,
    check_field,
    grouped,
)

CLAIM = "own-field"
TAKEN = N_("There is a field with this key already")
IN_USE = N_("%(count)s patients have a value of this field; retire it instead, so that nothing is lost")
TOO_MANY = N_("There are %(count)s fields already; retire one that nobody fills in")
UNKNOWN = N_("This practice has no field %(key)s of its own")
WRONG = N_("The field %(key)s takes %(type)s")
NOT_OFFERED = N_("The field %(key)s offers no such choice")
TOO_LONG = N_("The field %(key)s takes at most 200 characters")
ONCE = N_("The field %(key)s takes one value")


def save_field(store: Store, wanted: OwnField, id_: str = "", *, version: int | None = None) -> Json:
    """Keep a new or changed field. Raises Invalid beside the parts, Conflict for a used key, Stale."""
    check_field(wanted)
    if not id_:
        if len(read_fields(store)) >= MOST_FIELDS:
            raise Conflict(TOO_MANY, count=MOST_FIELDS)
        return _claimed(store, wanted.key, store.create(definition_of(wanted), reason="a field of the practice's own"))
    known = store.read("StructureDefinition", id_)
    before = field_of(known)
    if before is None:
        raise Invalid("There is no such field.")
    _require_same_kind(store, before, wanted)
    made = definition_of(replace(wanted, key=before.key, active=before.active), known)
    return store.update(made, version=version)


def set_field_active(store: Store, id_: str, *, active: bool) -> Json:
    """Retire a field, or bring it back; values stay where they are."""
    known = store.read("StructureDefinition", id_)
    before = field_of(known)
    if before is None:
        raise Invalid("There is no such field.")
    return store.update(definition_of(replace(before, active=active), known))


def delete_field(store: Store, id_: str, version: int | None = None) -> None:
    """Take a field away that nobody has a value of. Raises Conflict when somebody has."""
    known = field_of(store.read("StructureDefinition", id_))
    if known:
        count = used(store).get(known.key, 0)
        if count:
            raise Conflict(IN_USE, count=count)
        store.release(CLAIM, known.key, f"StructureDefinition/{id_}")
    store.delete("StructureDefinition", id_, version=version)


def check_own(store: Store, patient: Json, before: Json | None = None) -> None:
    """Refuse values of the practice's own fields that no form would take. What was there before may stay.

    Raises Invalid with the element for each.
    """
    sent = [part for part in parts(patient, "extension") if text(part.get("url")).startswith(OWN)]
    if not sent or (before and [one for one in parts(before, "extension") if one in sent] == sent):
        return
    fields = {one.key: one for one in read_fields(store)}
    known = set(own_of(before or {}))
    faults = []
    for key, values in grouped(own_of({"extension": sent})).items():
        fault = _fault(fields.get(key), [one for one in values if one not in known], many=len(values) > 1)
        if fault:
            faults.append(Detail("Patient.extension", str(fault), fault.message, fault.params | {"key": key}))
    strange = [part for part in sent if not own_of({"extension": [part]})]
    if strange:
        key = text(strange[0].get("url")).removeprefix(OWN)
        faults.append(Detail.of("Patient.extension", Invalid(WRONG, key=key, type="another kind of value")))
    if faults:
        raise Invalid(faults[0].message, field="Patient.extension", details=tuple(faults))


def _fault(one: OwnField | None, values: list[OwnValue], *, many: bool) -> Invalid | None:
    if not values:
        return None
    key = values[0].key
    if one is None:
        return Invalid(UNKNOWN, key=key)
    wanted = CHOICE if one.type == CHOICES else one.type
    codes = {option.code for option in one.options}
    wrong: tuple[tuple[bool, Invalid], ...] = (
        (any(value.type != wanted for value in values), Invalid(WRONG, key=key, type=wanted)),
        (many and one.type != CHOICES, Invalid(ONCE, key=key)),
        (wanted == CHOICE and any(value.value not in codes for value in values), Invalid(NOT_OFFERED, key=key)),
        (wanted == TEXT and any(len(value.value) > LONGEST_TEXT for value in values), Invalid(TOO_LONG, key=key)),
    )
    return next((fault for is_so, fault in wrong if is_so), None)


def record_definition(store: Store, definition: Json) -> Json:
    """Keep a StructureDefinition; one of the practice's own fields by the rules of the screen."""
    one = field_of(definition)
    if one is None:
        return store.create(definition, id=definition.get("id"))
    check_field(one)
    return _claimed(store, one.key, store.create(definition, id=definition.get("id")))


def rewrite_definition(store: Store, definition: Json, version: int | None) -> Json:
    """Keep a changed StructureDefinition by the same rules; a field keeps its key."""
    before = field_of(store.find("StructureDefinition", str(definition.get("id", ""))) or {})
    one = field_of(definition)
    if (before.key if before else "") != (one.key if one else ""):
        raise Invalid("A field keeps its address.", field="StructureDefinition.url")
    if before and one:
        check_field(one)
        _require_same_kind(store, before, one)
    return store.update(definition, version=version)


def _claimed(store: Store, key: str, made: Json) -> Json:
    try:
        store.claim(CLAIM, key, f"StructureDefinition/{made['id']}")
    except Taken as taken:
        raise Conflict(TAKEN, field="key", details=(Detail("key", TAKEN),)) from taken
    return made


def _require_same_kind(store: Store, before: OwnField, wanted: OwnField) -> None:
    kinds = {before.type, wanted.type}
    if len(kinds) > 1 and kinds != {CHOICE, CHOICES} and used(store).get(before.key):
        raise Conflict(FIXED, field="type", details=(Detail("type", FIXED),))


writers = {"StructureDefinition": Writer(record_definition, rewrite_definition, delete_field)}
