"""A Patient taken apart into what two records are compared by, and put together again.

A slot is one thing that can be chosen: the legal name, the mobile telephone, one extension. Whatever a record holds
falls into some slot, also what no screen of the desk knows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from clinic.core.json import Json, canonical
from clinic.core.names import fold, words
from clinic.registration.mapping import names
from clinic.registration.mapping import systems as s
from clinic.registration.mapping.parts import parts, text

Slots = dict[str, list[Any]]
"""Key -> what is there; the key begins with the element's name."""

_LISTS = (
    "name", "telecom", "address", "identifier", "contact", "communication", "generalPractitioner", "photo",
    "extension", "modifierExtension",
)  # fmt: skip
_NEVER = ("resourceType", "id", "meta", "link", "active", "text", "contained", "implicitRules", "managingOrganization")
"""What belongs to the record itself and is not asked about."""
_CHOICES = ("deceased", "multipleBirth")


def slots_of(patient: Json) -> Slots:
    """Everything a record says about its person, by slot; record numbers of this practice are not in it."""
    found: Slots = {}
    for name in _LISTS:
        for part in parts(patient, name):
            key = _key(patient, name, part)
            if key:
                found.setdefault(key, []).append(part)
    for name, value in patient.items():
        if name not in _LISTS and name not in _NEVER:
            found.setdefault(_element(name), []).append({name: value})
    return found


def with_slots(patient: Json, wanted: Mapping[str, Sequence[Any]]) -> Json:
    """A copy with these slots holding these values; what is new stands where the old stood, or at the end."""
    made: Json = deepcopy(patient)
    for name in _LISTS:
        its = {key: list(values) for key, values in wanted.items() if key.partition(":")[0] == name}
        if its:
            _put_list(made, patient, name, its)
    for key, values in wanted.items():
        if key.partition(":")[0] not in _LISTS:
            for name in [name for name in made if name not in _LISTS and name not in _NEVER and _element(name) == key]:
                del made[name]
            for value in values:
                made |= deepcopy(value)
    return made


def differing(one: Slots, other: Slots) -> list[str]:
    """The keys of slots in which two records differ, in the order in which people read them."""
    keys = [key for key in {**one, **other} if not alike(one.get(key, []), other.get(key, []))]
    return sorted(keys, key=_reading_order)


def changed(before: Slots, after: Slots) -> list[str]:
    """The keys of slots that are not exactly the same in two versions of one record."""
    keys = {key for key in {**before, **after} if canonical(before.get(key)) != canonical(after.get(key))}
    return sorted(keys, key=_reading_order)


def _reading_order(key: str) -> tuple[int, str]:
    element = key.partition(":")[0]
    return (_ORDER.index(element) if element in _ORDER else len(_ORDER)), key


def three_way(before: Sequence[Any], after: Sequence[Any], now: Sequence[Any]) -> list[Any]:
    """What a slot says when the step from `before` to `after` is taken back, and that from `after` to `now` kept."""
    came, went = without(after, before), without(before, after)
    return [*without(now, came), *without(went, now)]


def alike(some: Sequence[Any], others: Sequence[Any]) -> bool:
    """Whether two slots say the same, however they are numbered, dated or spelt in capitals."""
    return sorted(map(_sense, some)) == sorted(map(_sense, others))


def without(values: Sequence[Any], known: Sequence[Any]) -> list[Any]:
    """The values that say something that the known ones do not."""
    said = {_sense(one) for one in known}
    return [one for one in values if _sense(one) not in said]


def fuller(some: Sequence[Any], others: Sequence[Any]) -> int:
    """1 when the second says all that the first says and more, -1 the other way round, else 0."""
    one, two = _words_in(some), _words_in(others)
    return (one < two) - (two < one)


def may_hold_both(key: str, single: frozenset[str]) -> bool:
    """Whether a person may have several of this; `single` are the identifier systems of which there is one each."""
    element, _, kind = key.partition(":")
    if element == "name":
        return kind != "official"
    if element == "identifier":
        return kind not in single
    return element in ("telecom", "address", "contact", "communication", "generalPractitioner")


_ORDER = (
    "name", "birthDate", "gender", "deceased", "telecom", "address", "communication", "maritalStatus", "contact",
    "identifier", "generalPractitioner", "multipleBirth", "photo", "extension", "modifierExtension", "language",
)  # fmt: skip


def old_names(made: Json, *sources: Json) -> list[Json]:
    """The names of these records that the new one lost: out of use, and still found."""
    known = {_spelt(name) for name in parts(made, "name")}
    lost: list[Json] = []
    for source in sources:
        for name in parts(source, "name"):
            if _spelt(name) not in known:
                known.add(_spelt(name))
                lost.append({**{k: v for k, v in name.items() if k != "period"}, "use": "old"})
    return lost


def old_numbers(made: Json, other: Json) -> list[Json]:
    """The record numbers of the other record, out of use: they lead to this one from now on."""
    known = {text(part.get("value")) for part in parts(made, "identifier") if part.get("system") == s.RECORD_NUMBER}
    return [
        {**part, "use": "old"}
        for part in parts(other, "identifier")
        if part.get("system") == s.RECORD_NUMBER and text(part.get("value")) not in known
    ]


def _element(name: str) -> str:
    bare = name.lstrip("_")
    return next((choice for choice in _CHOICES if bare.startswith(choice)), bare)


def _key(patient: Json, name: str, part: Json) -> str:
    if name == "name":
        return "name:official" if part is names.official(patient) else f"name:{text(part.get('use')) or 'usual'}"
    if name == "telecom":
        return f"telecom:{text(part.get('system')) or 'phone'}:{text(part.get('use')) or 'home'}"
    if name == "address":
        return f"address:{text(part.get('use')) or 'home'}"
    if name == "identifier":
        system = text(part.get("system"))
        return "" if system == s.RECORD_NUMBER else f"identifier:{system}"
    if name in ("extension", "modifierExtension"):
        return f"{name}:{text(part.get('url'))}"
    return name


def _put_list(made: Json, patient: Json, name: str, wanted: dict[str, list[Any]]) -> None:
    rest = dict(wanted)
    kept: list[Any] = []
    for part in patient.get(name) or []:
        key = _key(patient, name, part) if isinstance(part, dict) else ""
        if key not in wanted:
            kept.append(deepcopy(part))
        elif key in rest:
            kept += deepcopy(rest.pop(key))
    for values in rest.values():
        kept += deepcopy(values)
    if kept:
        made[name] = kept
    else:
        made.pop(name, None)


def _sense(value: Any) -> str:
    """What an element says, for comparing: without its id and period, and without regard to capitals."""
    if isinstance(value, dict):
        value = {key: inner for key, inner in value.items() if key not in ("id", "period", "rank", "creation")}
    return " ".join(canonical(value).casefold().split())


def _words_in(value: Any) -> set[str]:
    if isinstance(value, dict):
        value = [inner for key, inner in value.items() if key not in ("use", "system", "period", "id")]
    if isinstance(value, list | tuple):
        return set().union(*map(_words_in, value))
    return set(words(str(value)))


def _spelt(name: Json) -> str:
    said = [names.family_name(name), *names.given_names(name)]
    return fold(" ".join(filter(None, said)) or text(name.get("text")))
