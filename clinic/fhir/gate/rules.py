"""Invariants written in Python: those that most records meet, and the comparisons the evaluator cannot make.

A rule gives False only when it is broken; what cannot be told (a date of lower precision, another unit)
holds, as FHIRPath has it. Keys and meaning: http://hl7.org/fhir/R4, the page of each type.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from clinic.fhir.gate.visit import Scope

Rule = Callable[[Any, Scope], bool]

UCUM = "http://unitsofmeasure.org"
_VERIFICATION = "http://terminology.hl7.org/CodeSystem/"


def has(value: Any, *names: str) -> bool:
    """Whether one of the elements is there, be it only by an extension."""
    return any(name in value or f"_{name}" in value for name in names)


def chosen(value: Any, stem: str) -> bool:
    """Whether a choice such as value[x] was made."""
    start = len(stem)
    plain = (key.removeprefix("_") for key in value)
    return any(key.startswith(stem) and key[start : start + 1].isupper() for key in plain)


def not_later(first: Any, second: Any) -> bool:
    """Whether one FHIR date or time does not come after another, as far as their precision tells."""
    if type(first) is not str or type(second) is not str:
        return True
    if "T" in first and "T" in second:
        try:
            return datetime.fromisoformat(first) <= datetime.fromisoformat(second)
        except ValueError:  # a leap second, which datetime does not know
            return first[:10] <= second[:10]
    length = min(len(first.partition("T")[0]), len(second.partition("T")[0]))
    return first[:length] <= second[:length]


def not_more(low: Any, high: Any) -> bool:
    """Whether one quantity is at most another, when both have values in one unit."""
    if type(low) is not dict or type(high) is not dict:
        return True
    if any(low.get(part) != high.get(part) for part in ("code", "system", "unit")):
        return True
    return low.get("value") is None or high.get("value") is None or low["value"] <= high["value"]


def coded(value: Any, name: str, system: str, *codes: str) -> bool:
    """Whether a CodeableConcept holds one of the codes of a system."""
    codings = value.get(name, {}).get("coding", ())
    return any(coding.get("system") == system and coding.get("code") in codes for coding in codings)


def _needs(element: str, other: str) -> Rule:
    return lambda value, _: not has(value, element) or has(value, other)


def _not_both(element: str, other: str) -> Rule:
    return lambda value, _: not has(value, element) or not has(value, other)


def _one_of(*names: str) -> Rule:
    return lambda value, _: has(value, *names)


def _not_home(value: Any, _: Scope) -> bool:
    return type(value) is not dict or value.get("use") != "home"


def _app_3(value: Any, _: Scope) -> bool:
    timed = has(value, "start") and has(value, "end")
    return timed or value.get("status") in {"proposed", "cancelled", "waitlist"}


def _app_4(value: Any, _: Scope) -> bool:
    return not has(value, "cancelationReason") or value.get("status") in {"no-show", "cancelled"}


def _is_ucum(value: Any) -> bool:
    return bool(value.get("system", UCUM) == UCUM)


def _age_1(value: Any, _: Scope) -> bool:
    amount = value.get("value")
    return _dis_1(value, _) and (amount is None or amount > 0)


def _dis_1(value: Any, _: Scope) -> bool:
    return (has(value, "code") or not has(value, "value")) and _is_ucum(value)


def _cnt_3(value: Any, _: Scope) -> bool:
    amount = value.get("value")
    return _dis_1(value, _) and value.get("code", "1") == "1" and (amount is None or "." not in str(amount))


def _rat_1(value: Any, _: Scope) -> bool:
    return has(value, "numerator") == has(value, "denominator") and has(value, "numerator", "extension")


def _obs_7(value: Any, scope: Scope) -> bool:
    if not chosen(value, "value"):
        return True
    own = scope.resource.get("code", {}).get("coding", ())
    parts = (part.get("code", {}).get("coding", ()) for part in value.get("component", ()))
    return not any(coding in own for codings in parts for coding in codings)


def _wrong_entry(value: Any, system: str) -> bool:
    return coded(value, "verificationStatus", _VERIFICATION + system, "entered-in-error")


def _ait_1(value: Any, _: Scope) -> bool:
    return _wrong_entry(value, "allergyintolerance-verification") or has(value, "clinicalStatus")


def _ait_2(value: Any, _: Scope) -> bool:
    return not _wrong_entry(value, "allergyintolerance-verification") or not has(value, "clinicalStatus")


def _con_3(value: Any, _: Scope) -> bool:
    known = has(value, "clinicalStatus") or _wrong_entry(value, "condition-ver-status")
    return known or not has(value, "category")


def _con_4(value: Any, _: Scope) -> bool:
    ended = coded(value, "clinicalStatus", f"{_VERIFICATION}condition-clinical", "resolved", "remission", "inactive")
    return ended or not chosen(value, "abatement")


def _con_5(value: Any, _: Scope) -> bool:
    return not _wrong_entry(value, "condition-ver-status") or not has(value, "clinicalStatus")


def _ctm_1(value: Any, scope: Scope) -> bool:
    """Only a practitioner acts on behalf of another; a reference that does not tell its type is believed."""
    if not has(value, "onBehalfOf"):
        return True
    text = value.get("member", {}).get("reference", "")
    kinds = {inner.get("id"): inner.get("resourceType") for inner in scope.root.get("contained", ())}
    kind = kinds.get(text[1:]) if text.startswith("#") else text.split("/_history")[0].rpartition("/")[0]
    return not kind or kind.rpartition("/")[2] == "Practitioner"


def _tim_9(value: Any, _: Scope) -> bool:
    return not has(value, "offset") or (has(value, "when") and not {"C", "CM", "CD", "CV"} & {*value["when"]})


def _at_least_zero(name: str) -> Rule:
    return lambda value, _: value.get(name) is None or value[name] >= 0


def _eld_2(value: Any, _: Scope) -> bool:
    least, most = value.get("min"), value.get("max")
    return least is None or most is None or not most.isdecimal() or least <= int(most)


def _bdl_3(value: Any, scope: Scope) -> bool:
    asks = scope.resource.get("type") in {"batch", "transaction", "history"}
    return all(has(entry, "request") == asks for entry in value.get("entry", ()))


def _bdl_4(value: Any, scope: Scope) -> bool:
    answers = scope.resource.get("type") in {"batch-response", "transaction-response", "history"}
    return all(has(entry, "response") == answers for entry in value.get("entry", ()))


def _first_is(kind: str, bundle: str) -> Rule:
    def rule(value: Any, _: Scope) -> bool:
        entries = value.get("entry") or [{}]
        return value.get("type") != bundle or entries[0].get("resource", {}).get("resourceType") == kind

    return rule


def _que_2(value: Any, _: Scope) -> bool:
    names: list[Any] = []
    waiting = list(value.get("item", ()))
    while waiting:
        item = waiting.pop()
        names += [item["linkId"]] if "linkId" in item else []
        waiting += item.get("item", ())
    return len(names) == len({*names})


RULES: dict[str, Rule] = {
    "age-1": _age_1,
    "ait-1": _ait_1,
    "ait-2": _ait_2,
    "app-1": _one_of("type", "actor"),
    "app-2": lambda value, _: has(value, "start") == has(value, "end"),
    "app-3": _app_3,
    "app-4": _app_4,
    "att-1": _needs("data", "contentType"),
    "bdl-1": lambda value, _: not has(value, "total") or value.get("type") in {"searchset", "history"},
    "bdl-3": _bdl_3,
    "bdl-4": _bdl_4,
    "bdl-5": _one_of("resource", "request", "response"),
    "bdl-7": lambda *_: True,  # looked at by `bundles`, which also says where
    "bdl-8": lambda value, _: "/_history/" not in value.get("fullUrl", ""),
    "bdl-11": _first_is("Composition", "document"),
    "bdl-12": _first_is("MessageHeader", "message"),
    "cnt-3": _cnt_3,
    "con-3": _con_3,
    "con-4": _con_4,
    "con-5": _con_5,
    "cpt-2": _needs("value", "system"),
    "ctm-1": _ctm_1,
    "dis-1": _dis_1,
    "drt-1": lambda value, _: not has(value, "code") or (_is_ucum(value) and has(value, "value")),
    "eld-2": _eld_2,
    "mdd-1": lambda value, _: not_later(value.get("whenPrepared"), value.get("whenHandedOver")),
    "obs-3": _one_of("low", "high", "text"),
    "obs-6": lambda value, _: not has(value, "dataAbsentReason") or not chosen(value, "value"),
    "obs-7": _obs_7,
    "org-1": _one_of("identifier", "name"),
    "org-2": _not_home,
    "org-3": _not_home,
    "pat-1": _one_of("name", "telecom", "address", "organization"),
    "per-1": lambda value, _: not_later(value.get("start"), value.get("end")),
    "qrs-1": _not_both("answer", "item"),
    "qty-3": _needs("code", "system"),
    "que-2": _que_2,
    "ras-2": lambda value, _: value.get("probabilityDecimal") is None or value["probabilityDecimal"] <= 100,
    "rat-1": _rat_1,
    "rng-2": lambda value, _: not_more(value.get("low"), value.get("high")),
    "Task-inv-1": lambda value, _: not_later(value.get("authoredOn"), value.get("lastModified")),
    "tim-1": _needs("duration", "durationUnit"),
    "tim-2": _needs("period", "periodUnit"),
    "tim-4": _at_least_zero("duration"),
    "tim-5": _at_least_zero("period"),
    "tim-6": _needs("periodMax", "period"),
    "tim-7": _needs("durationMax", "duration"),
    "tim-8": _needs("countMax", "count"),
    "tim-9": _tim_9,
    "tim-10": _not_both("timeOfDay", "when"),
}
