"""The names of a person as they are said, written on forms, and searched."""

from __future__ import annotations

from clinic.core.json import Json
from clinic.registration.mapping import systems as s
from clinic.registration.mapping.parts import Test, extension, first, keep, parts, put, text
from clinic.registration.rules.details import FORMER_NAMES, FormerName, PatientDetails

LEGAL = ("given", "middle", "family", "prefix", "suffix")


def official(resource: Json) -> Json:
    """The legal name: use official, else one without a use, else the first that is not out of use."""
    names = parts(resource, "name")
    for wanted in ("official", "", "usual"):
        for name in names:
            if text(name.get("use")) == wanted:
                return name
    return next((name for name in names if name.get("use") not in ("old", "maiden")), names[0] if names else {})


def usual(resource: Json) -> Json:
    """The name in daily use when it is another than the legal one, or an empty part."""
    legal = official(resource)
    for wanted in ("usual", "nickname"):
        for name in parts(resource, "name"):
            if name.get("use") == wanted and name is not legal:
                return name
    return {}


def given_names(name: Json) -> list[str]:
    """The given names of one name, in order."""
    found = name.get("given")
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def family_name(name: Json) -> str:
    """The surname of one name."""
    return text(name.get("family"))


def affixes(name: Json, part: str) -> str:
    """The titles (prefix) or additions (suffix) of one name, joined."""
    found = name.get(part)
    return " ".join(one for one in found if isinstance(one, str)) if isinstance(found, list) else ""


def full_name(name: Json) -> str:
    """One name in full as it is written on forms: given names, surname, addition."""
    joined = " ".join(filter(None, [*given_names(name), family_name(name), affixes(name, "suffix")]))
    return joined or text(name.get("text"))


def legal_name(resource: Json) -> str:
    """The legal name in full, for forms, claims and labels."""
    return full_name(official(resource))


def preferred_name(resource: Json) -> str:
    """The given name a person goes by, when it is another than the legal one."""
    name = usual(resource)
    return " ".join(given_names(name)) or text(name.get("text"))


def display_name(resource: Json) -> str:
    """The name to say aloud: the preferred given name with the surname, else the legal name."""
    name = usual(resource)
    if not name:
        return legal_name(resource) or "?"
    given = " ".join(given_names(name))
    family = family_name(name) or family_name(official(resource))
    return " ".join(filter(None, [given, family])) or text(name.get("text")) or legal_name(resource) or "?"


def stands_in(resource: Json) -> str:
    """Why the name is none yet: `unknown`, `newborn`, or nothing for a real name."""
    return text(extension(official(resource), s.STANDS_IN).get("valueCode"))


def name_values(patient: Json) -> dict[str, str | FormerName]:
    """The names of a record by the fields of PatientDetails."""
    legal = official(patient)
    given = given_names(legal)
    slots = former_names(patient)
    return {
        "given": given[0] if given else "",
        "middle": " ".join(given[1:]),
        "family": family_name(legal),
        "prefix": affixes(legal, "prefix"),
        "suffix": affixes(legal, "suffix"),
        "preferred": _called(_other(patient, "usual")),
        "nick": _called(_other(patient, "nickname")),
        "maiden": family_name(first(patient, "name", lambda part: part.get("use") == "maiden")),
        **{name: _former(slots[place]) for place, name in enumerate(FORMER_NAMES) if place < len(slots)},
    }


def former_names(patient: Json) -> list[Json]:
    """The names that are out of use, the latest first."""
    old = [name for name in parts(patient, "name") if name.get("use") == "old" and name is not official(patient)]
    return sorted(old, key=lambda name: text(_period(name).get("end")), reverse=True)


def put_names(patient: Json, details: PatientDetails, before: PatientDetails, left: str = "") -> None:
    """Write the names that changed. With the day `left`, the legal name before stays as a former one."""
    slots = former_names(patient)
    if any(getattr(details, field) != getattr(before, field) for field in LEGAL):
        _put_legal(patient, details, left)
    for place, field in enumerate(FORMER_NAMES):
        if getattr(details, field) != getattr(before, field):
            _put_former(patient, getattr(details, field), slots[place] if place < len(slots) else {})
    for field, use in (("preferred", "usual"), ("nick", "nickname")):
        said = getattr(details, field)
        if said != getattr(before, field):
            known = _other(patient, use)
            put(patient, "name", _same(known), {"use": use, "given": [said]} if said else None)
    if details.maiden != before.maiden:
        maiden = {"use": "maiden", "family": details.maiden} if details.maiden else None
        put(patient, "name", lambda part: part.get("use") == "maiden", maiden)


def _put_legal(patient: Json, details: PatientDetails, left: str) -> None:
    known = official(patient)
    placeholder = bool(extension(known, s.STANDS_IN))
    if text(_period(known).get("start"))[:10] >= left:
        left = ""
    gone = {"text", "_given", "_family", *(("use", "extension", "period") if left or placeholder else ())}
    name = {"use": "official"} | {key: value for key, value in known.items() if key not in gone}
    keep(name, "family", details.family)
    keep(name, "given", [one for one in (details.given, *details.middle.split()) if one])
    keep(name, "prefix", [details.prefix] if details.prefix else [])
    keep(name, "suffix", [details.suffix] if details.suffix else [])
    if left and not placeholder:
        name["period"] = {"start": left}
    put(patient, "name", _same(known), name)
    if known and left:
        old = {key: value for key, value in known.items() if key not in ("use", "extension")}
        patient["name"].append({"use": "old", **old, "period": {**_period(known), "end": left}})


def _put_former(patient: Json, name: FormerName, known: Json) -> None:
    period = {key: value for key, value in _period(known).items() if key not in ("start", "end")}
    keep(period, "start", name.start)
    keep(period, "end", name.end)
    part = {"use": "old", **{key: value for key, value in known.items() if key != "text"}}
    keep(part, "family", name.family)
    keep(part, "given", name.given.split())
    keep(part, "period", period)
    put(patient, "name", _same(known), part if name else None)


def _former(name: Json) -> FormerName:
    given, family = " ".join(given_names(name)), family_name(name)
    if not given and not family:
        family = text(name.get("text"))
    start, end = (text(_period(name).get(key))[:10] for key in ("start", "end"))
    return FormerName(given, family, start, end)


def _called(name: Json) -> str:
    return " ".join(given_names(name)) or text(name.get("text"))


def _other(patient: Json, use: str) -> Json:
    legal = official(patient)
    return first(patient, "name", lambda part: part.get("use") == use and part is not legal)


def _period(name: Json) -> Json:
    found = name.get("period")
    return found if isinstance(found, dict) else {}


def _same(known: Json) -> Test:
    return lambda part: part is known
