"""Addresses in FHIR: home, mail, a place for a while, and where somebody lived before."""

from __future__ import annotations

from typing import Any

from clinic.core.json import Json
from clinic.registration.mapping.parts import Test, first, keep, parts, put, text
from clinic.registration.rules.details import Address, PastAddress, PatientDetails


def address_of(resource: Json) -> Address:
    """Where a person lives now."""
    return _address(_home(resource))


def place_values(patient: Json) -> dict[str, Any]:
    """The addresses by the fields of PatientDetails."""
    temporary = _temporary(patient)
    return {
        "address": address_of(patient),
        "mailing": _address(_mailing(patient)),
        "temporary": _address(temporary),
        "temporary_end": text(_period(temporary).get("end"))[:10],
        "past_addresses": tuple(_past(part) for part in past(patient)),
    }


def past(patient: Json) -> list[Json]:
    """Addresses that are out of use, the latest first."""
    old = [part for part in parts(patient, "address") if part.get("use") == "old" and _address(part)]
    return sorted(old, key=lambda part: text(_period(part).get("end")), reverse=True)


def put_places(patient: Json, details: PatientDetails, before: PatientDetails, left: str = "") -> None:
    """Write the addresses that changed. With the day `left`, the home of before stays as an old address."""
    if details.address != before.address:
        _put_home(patient, details.address, left)
    if details.mailing != before.mailing:
        known = _mailing(patient)
        part = _with(details.mailing, {"use": "home", "type": "postal"} | known)
        put(patient, "address", _same(known), part if details.mailing else None)
    if (details.temporary, details.temporary_end) != (before.temporary, before.temporary_end):
        known = _temporary(patient)
        part = _with(details.temporary, {"use": "temp"} | known)
        period = dict(_period(known))
        keep(period, "end", details.temporary_end)
        keep(part, "period", period)
        put(patient, "address", _same(known), part if details.temporary else None)


def put_address(resource: Json, address: Address) -> None:
    """Write where somebody lives, in place of what was known."""
    _put_home(resource, address, "")


def _put_home(patient: Json, address: Address, left: str) -> None:
    """The home address; parts of it that the desk does not know stay. A second change on one day is a correction."""
    known = _home(patient)
    moved = bool(left and known and text(_period(known).get("start"))[:10] < left)
    part = _with(address, {"use": "home"} | ({} if moved else known))
    if left and (moved or not known):
        part["period"] = {"start": left}
    put(patient, "address", _same(known), part if address else None)
    if moved:
        old = {**known, "use": "old", "period": {**_period(known), "end": left}}
        patient["address"] = [*parts(patient, "address"), old]


def _with(address: Address, known: Json) -> Json:
    part = {key: value for key, value in known.items() if key not in ("text", "_line")}
    keep(part, "line", [line for line in (address.line, address.line2) if line])
    keep(part, "city", address.city)
    keep(part, "state", address.state)
    keep(part, "postalCode", address.postal_code)
    keep(part, "country", address.country)
    return part


def _address(part: Json) -> Address:
    lines = [line for line in part.get("line") or [] if isinstance(line, str)]
    return Address(
        line=lines[0] if lines else "",
        line2=", ".join(lines[1:]),
        city=text(part.get("city")),
        state=text(part.get("state")),
        postal_code=text(part.get("postalCode")),
        country=text(part.get("country")),
    )


def _past(part: Json) -> PastAddress:
    start, end = (text(_period(part).get(key))[:10] for key in ("start", "end"))
    return PastAddress(_address(part), start, end)


def _home(resource: Json) -> Json:
    """The address of use home, else the first that is lived at; a purely postal one is none."""
    found = [part for part in parts(resource, "address") if part.get("use") not in ("old", "billing", "temp")]
    lived = [part for part in found if part.get("type") != "postal"]
    return next((part for part in lived if part.get("use") == "home"), lived[0] if lived else {})


def _mailing(patient: Json) -> Json:
    gone = ("old", "temp", "billing")
    return first(patient, "address", lambda part: part.get("type") == "postal" and part.get("use") not in gone)


def _temporary(patient: Json) -> Json:
    return first(patient, "address", lambda part: part.get("use") == "temp")


def _period(part: Json) -> Json:
    found = part.get("period")
    return found if isinstance(found, dict) else {}


def _same(known: Json) -> Test:
    return lambda part: part is known
