"""What stands in the printed record of a patient: sections of rows in words, made from the records themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from clinic.core.days import read_instant
from clinic.core.json import Json
from clinic.core.money import of_decimal
from clinic.registration.mapping.own import OWN
from clinic.registration.mapping.systems import RECORD_NUMBER
from clinic.registration.words import RELATION_WORDS
from clinic.transfer.service.everything import Everything
from clinic.web.filters import clock, day, money

Row = tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """One part of the printed record: a title, heads of columns (none for plain facts), rows."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    empty: str = ""


USES = {
    "official": _l("legal"), "usual": _l("preferred"), "maiden": _l("at birth"), "nickname": _l("nickname"),
    "old": _l("before"), "temp": _l("for now"), "home": _l("home"), "work": _l("work"), "mobile": _l("mobile"),
    "billing": _l("for bills"), "anonymous": _l("anonymous"), "secondary": _l("further"),
}  # fmt: skip
STATES = {
    "active": _l("in force"), "cancelled": _l("cancelled"), "draft": _l("draft"), "fulfilled": _l("took place"),
    "finished": _l("took place"), "noshow": _l("did not come"), "booked": _l("booked"), "arrived": _l("arrived"),
    "in-progress": _l("under way"), "completed": _l("done"), "inactive": _l("ended"), "rejected": _l("refused"),
    "entered-in-error": _l("made by mistake"), "pending": _l("to be confirmed"), "proposed": _l("proposed"),
    "checked-in": _l("checked in"), "waitlist": _l("on the waiting list"), "current": _l("in force"),
    "superseded": _l("replaced"), "planned": _l("planned"),
}  # fmt: skip
SYSTEMS = {
    "phone": _l("Telephone"), "email": _l("E-mail"), "fax": _l("Fax"), "sms": _l("Text message"), "url": _l("Web"),
    "pager": _l("Pager"), "other": _l("Other"),
}  # fmt: skip
SEXES = {"female": _l("female"), "male": _l("male"), "other": _l("other"), "unknown": _l("unknown")}
_TECHNICAL = ("Provenance", "Binary", "Account", "PaymentReconciliation", "AuditEvent", "Slot", "Schedule")


def sections_of(everything: Everything, own: Iterable[Row] = ()) -> list[Section]:
    """The record in words, section by section; what nothing is known of is left out, but for the main ones.

    `own` are the practice's own fields that whoever prints may see: the record alone does not say which.
    """
    patient = everything.patient
    made = [
        _person(patient, own),
        _reach(patient),
        _beside(everything),
        *_tables(everything, _care()),
        _charges(everything),
    ]
    made += [*_forms(everything), *_tables(everything, _papers()), _rest(everything)]
    return [one for one in made if one.rows or one.empty]


@dataclass(frozen=True)
class _Plan:
    """How the records of one type are listed: newest first by an element, a row made of each."""

    title: str
    type: str
    by: str
    heads: Row
    row: Callable[[Json, dict[str, str]], Row]
    empty: str = ""


def _care() -> tuple[_Plan, ...]:
    when, kind = _("When"), _("State")
    insured = (_("Payer"), _("Plan"), _("Number"), _("From"), _("Until"), kind)
    return (
        _Plan(_("Insurance"), "Coverage", "period", insured, _coverage, _("No insurance is on file.")),
        _Plan(_("Appointments"), "Appointment", "start", (when, _("For"), _("With"), _("Note"), kind), _appointment,
              _("No appointments.")),
        _Plan(_("Visits"), "Encounter", "period", (when, _("With"), _("For"), kind), _visit, _("No visits.")),
        _Plan(_("Payments"), "PaymentNotice", "created", (_("Date"), _("Receipt"), _("Amount"), kind), _payment),
    )  # fmt: skip


def _papers() -> tuple[_Plan, ...]:
    day_, kind, what = _("Date"), _("State"), _("What")
    said = (_("When"), _("About"), _("What was said"), _("By"))
    return (
        _Plan(_("Calls and messages"), "Communication", "sent", said, _call),
        _Plan(_("Documents"), "DocumentReference", "date", (day_, _("Kind"), what, kind), _document),
        _Plan(_("Consents"), "Consent", "dateTime", (day_, _("To what"), kind), _consent),
        _Plan(_("What the desk keeps in mind"), "Flag", "period", (_("From"), _("Until"), what, kind), _flag),
    )


def _tables(everything: Everything, plans: Iterable[_Plan]) -> Iterable[Section]:
    names = everything.names
    for plan in plans:
        records = _latest(everything.of(plan.type), plan.by)
        yield Section(plan.title, plan.heads, tuple(plan.row(one, names) for one in records), plan.empty)


def _person(patient: Json, own: Iterable[Row]) -> Section:
    rows: list[Row] = [(_("Name, %(use)s", use=_use(name)), human(name)) for name in _list(patient, "name")]
    born = day(patient.get("birthDate", "")) if patient.get("birthDate") else _("not known")
    rows += [(_("Born"), born), (_("Administrative sex"), str(SEXES.get(patient.get("gender", ""), "")))]
    rows += [
        (words(part.get("type")) or _("Number"), str(part.get("value", ""))) for part in _list(patient, "identifier")
    ]
    rows += [(_("Language"), words(part.get("language"))) for part in _list(patient, "communication")]
    rows += [(_("Marital status"), words(patient["maritalStatus"]))] if patient.get("maritalStatus") else []
    rows += [(_("Family doctor"), str(part.get("display", ""))) for part in _list(patient, "generalPractitioner")]
    died = patient.get("deceasedDateTime")
    rows += [(_("Died"), day(str(died)[:10]))] if died else []
    others = [part for part in _list(patient, "extension") if not str(part.get("url", "")).startswith(OWN)]
    rows += [*((_plain_url(part), _value(part)) for part in others), *own]
    return Section(_("Who"), (), tuple(row for row in rows if row[1]))


def _reach(patient: Json) -> Section:
    rows: list[Row] = [
        (", ".join(filter(None, (str(SYSTEMS.get(part.get("system", ""), "")), _use(part)))),
         str(part.get("value", "")), _span(part))
        for part in _list(patient, "telecom")
    ]  # fmt: skip
    rows += [
        (", ".join(filter(None, (_("Address"), _use(part)))), address(part), _span(part))
        for part in _list(patient, "address")
    ]
    return Section(_("Where to reach"), (_("What"), _("How"), _("When")), tuple(row for row in rows if row[1]))


def _beside(everything: Everything) -> Section:
    people = [*_list(everything.patient, "contact"), *everything.of("RelatedPerson")]
    rows = []
    for one in people:
        named = one.get("name")
        name = named[0] if isinstance(named, list) and named else named
        phones = ", ".join(str(part.get("value", "")) for part in _list(one, "telecom"))
        relation = ", ".join(filter(None, map(_relation, _list(one, "relationship"))))
        rows.append((human(name) if isinstance(name, dict) else "", relation, phones))
    found = tuple(dict.fromkeys(row for row in rows if any(row)))
    return Section(_("People beside the patient"), (_("Name"), _("Relation"), _("Telephone")), found)


def _number_words(part: Json) -> str:
    if part.get("system") == RECORD_NUMBER:
        return _("Record number")
    return words(part.get("type")) or _("Number")


def _relation(concept: Json) -> str:
    """How somebody is related; that a contact is one for emergencies goes without saying."""
    known = dict(RELATION_WORDS)
    codes = [str(coding.get("code", "")) for coding in _list(concept, "coding")]
    found = [str(known[code]) for code in codes if code in known]
    return ", ".join(found) if found else ("" if codes == ["C"] else words(concept))


def _coverage(one: Json, names: dict[str, str]) -> Row:
    plan = next((str(part.get("value", "")) for part in _list(one, "class") if "plan" in words(part.get("type"))), "")
    payer = ", ".join(named(part, names) for part in _list(one, "payor"))
    period = one.get("period") or {}
    number = str(one.get("subscriberId") or next((part.get("value", "") for part in _list(one, "identifier")), ""))
    return payer, plan, number, _day(period.get("start")), _day(period.get("end")), state(one)


def _appointment(one: Json, names: dict[str, str]) -> Row:
    what = ", ".join(filter(None, map(words, _list(one, "serviceType"))))
    return _when(one.get("start")), what, _with(one, "actor", names), str(one.get("comment", "")), state(one)


def _visit(one: Json, names: dict[str, str]) -> Row:
    reasons = ", ".join(filter(None, map(words, [*_list(one, "reasonCode"), *_list(one, "type")])))
    return _when((one.get("period") or {}).get("start")), _with(one, "individual", names), reasons, state(one)


def _charges(everything: Everything) -> Section:
    rows: list[Row] = []
    for claim in _latest(everything.of("Claim"), "billablePeriod"):
        on = _day((claim.get("billablePeriod") or {}).get("start"))
        rows += [
            (on, _("Diagnosis"), *coded(part.get("diagnosisCodeableConcept")), "") for part in _list(claim, "diagnosis")
        ]
        rows += [
            (on, _("Service"), *coded(part.get("productOrService")), _money(part.get("net")))
            for part in _list(claim, "item")
        ]
    rows += [
        (_day(one.get("recordedDate")), _("Diagnosis"), *coded(one.get("code")), "")
        for one in everything.of("Condition")
    ]
    return Section(
        _("Diagnoses and services"), (_("Date"), _("What"), _("Code"), _("In words"), _("Amount")), tuple(rows)
    )


def _payment(one: Json, _names: dict[str, str]) -> Row:
    receipt = next((str(part.get("value", "")) for part in _list(one, "identifier")), "")
    return _day(one.get("paymentDate")), receipt, _money(one.get("amount")), state(one)


def _forms(everything: Everything) -> Iterable[Section]:
    titles = {
        one["id"]: str(one.get("title", "")) for one in everything.others if one["resourceType"] == "Questionnaire"
    }
    by_url = {str(one.get("url")): str(one.get("title", "")) for one in everything.others if one.get("url")}
    for one in _latest(everything.of("QuestionnaireResponse"), "authored"):
        asked = str(one.get("questionnaire", "")).split("|", maxsplit=1)[0]
        title = by_url.get(asked) or titles.get(asked.rsplit("/", maxsplit=1)[-1]) or _("Form")
        rows = tuple(_answers(_list(one, "item")))
        yield Section(f"{title}, {_when(one.get('authored')) or state(one)}", (_("Question"), _("Answer")), rows)


def _answers(items: Sequence[Json]) -> Iterable[Row]:
    for item in items:
        given = _list(item, "answer")
        texts = [_value(part) for part in given]
        label = str(item.get("text") or item.get("linkId", ""))
        if any(texts):
            yield label, "; ".join(filter(None, texts))
        elif item.get("item"):
            yield label, ""
        for part in (item, *given):
            yield from _answers(_list(part, "item"))


def _call(one: Json, names: dict[str, str]) -> Row:
    said = " ".join(str(part.get("contentString", "")) for part in _list(one, "payload"))
    about = ", ".join(filter(None, map(words, _list(one, "reasonCode"))))
    by = ", ".join(named(part, names) for part in [*_list(one, "recipient"), one.get("sender") or {}])
    return _when(one.get("sent")), about, said, by.strip(", ")


def _document(one: Json, _names: dict[str, str]) -> Row:
    shown = [part.get("attachment", {}).get("title", "") for part in _list(one, "content")]
    what = str(one.get("description") or ", ".join(filter(None, shown)))
    return _day(one.get("date")), words(one.get("type")), what, state(one)


def _consent(one: Json, _names: dict[str, str]) -> Row:
    rule = one.get("policyRule")
    what = words(rule) or words(one.get("scope"))
    return _day(one.get("dateTime")), what, state(one)


def _flag(one: Json, _names: dict[str, str]) -> Row:
    period = one.get("period") or {}
    return _day(period.get("start")), _day(period.get("end")), words(one.get("code")), state(one)


def _rest(everything: Everything) -> Section:
    """Records of other types, as much of each as can be said in a line."""
    shown = {
        "Patient", "RelatedPerson", "Coverage", "Appointment", "Encounter", "Claim", "Condition", "PaymentNotice",
        "QuestionnaireResponse", "Communication", "DocumentReference", "Consent", "Flag", *_TECHNICAL,
    }  # fmt: skip
    rows = []
    for one in everything.own:
        if one["resourceType"] in shown:
            continue
        dates = ("effectiveDateTime", "authoredOn", "recordedDate", "occurrenceDateTime", "performedDateTime", "date",
                 "created", "issued")  # fmt: skip
        on = next((str(one[name]) for name in dates if one.get(name)), "")
        concept = one.get("code") or one.get("vaccineCode") or one.get("medicationCodeableConcept") or one.get("type")
        concept = concept[0] if isinstance(concept, list) and concept else concept
        what = words(concept) or str(one.get("description", ""))
        rows.append((one["resourceType"], _day(on[:10]), what, _value(one), state(one)))
    return Section(_("Further records"), (_("Kind"), _("Date"), _("What"), _("Value"), _("State")), tuple(rows))


# -- values in words


def words(concept: Any) -> str:
    """A CodeableConcept in words: its text, else what its codes are called."""
    if not isinstance(concept, dict):
        return ""
    codings = _list(concept, "coding")
    shown = [str(coding.get("display") or coding.get("code") or "") for coding in codings]
    return str(concept.get("text") or ", ".join(filter(None, shown)))


def coded(concept: Any) -> tuple[str, str]:
    """(code, words) of a CodeableConcept."""
    codings = _list(concept, "coding") if isinstance(concept, dict) else []
    return str(codings[0].get("code", "")) if codings else "", words(concept)


def human(name: Json) -> str:
    """A HumanName as it is written."""
    parts = [*name.get("prefix", []), *name.get("given", []), name.get("family", ""), *name.get("suffix", [])]
    return " ".join(filter(None, parts)) or str(name.get("text", ""))


def address(part: Json) -> str:
    """An Address on one line."""
    town = " ".join(filter(None, (part.get("postalCode"), part.get("city"), part.get("state"))))
    return ", ".join(filter(None, (*part.get("line", []), town, part.get("country")))) or str(part.get("text", ""))


def named(reference: Json, names: dict[str, str]) -> str:
    """Whom a reference names."""
    return str(reference.get("display") or names.get(str(reference.get("reference", "")), ""))


def state(one: Json) -> str:
    """The state of a record in a word."""
    code = str(one.get("status", ""))
    return str(STATES.get(code, code))


def _value(part: Json) -> str:
    """The value[x] of an element in words."""
    for name, value in part.items():
        if not name.startswith("value"):
            continue
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, dict):
            quantity = f"{value['value']} {value.get('unit', '')}".strip() if "value" in value else ""
            return words(value) or str(value.get("display") or value.get("title") or quantity or value.get("code", ""))
        text = str(value)
        return _day(text[:10]) if name in ("valueDate", "valueDateTime") else text
    return ""


def _with(one: Json, part: str, names: dict[str, str]) -> str:
    who = (entry.get(part) or {} for entry in _list(one, "participant"))
    return ", ".join(
        filter(None, (named(ref, names) for ref in who if "Practitioner" in str(ref.get("reference", ""))))
    )


def _latest(records: Sequence[Json], by: str) -> list[Json]:
    def moment(one: Json) -> str:
        value = one.get(by) or ""
        return str(value.get("start", "") if isinstance(value, dict) else value)

    return sorted(records, key=moment, reverse=True)


def _list(part: Json, name: str) -> list[Json]:
    value = part.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _use(part: Json) -> str:
    return str(USES.get(str(part.get("use", "")), ""))


def _span(part: Json) -> str:
    period = part.get("period") or {}
    start, end = _day(period.get("start")), _day(period.get("end"))
    if start and end:
        return _("%(start)s to %(end)s", start=start, end=end)
    return _("until %(end)s", end=end) if end else (_("from %(start)s", start=start) if start else "")


def _day(value: Any) -> str:
    return day(str(value)[:10]) if value else ""


def _when(value: Any) -> str:
    if not value:
        return ""
    try:
        instant = read_instant(str(value))
    except ValueError:
        return _day(value)
    return f"{day(instant)} {clock(instant)}"


def _money(value: Any) -> str:
    if not isinstance(value, dict) or "value" not in value:
        return ""
    return str(money(of_decimal(str(value["value"]), str(value.get("currency") or "USD"))))


def _plain_url(part: Json) -> str:
    return (
        str(part.get("url", "")).rsplit("/", maxsplit=1)[-1].rsplit(":", maxsplit=1)[-1].replace("-", " ").capitalize()
    )
