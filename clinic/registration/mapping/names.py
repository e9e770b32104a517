"""The names of a person as they are said, written on forms, and searched."""

from __future__ import annotations

from clinic.core.json import Json
from clinic.registration.mapping.parts import parts, text


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
