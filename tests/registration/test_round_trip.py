"""What the desk writes reads back equal, and what the desk does not know of a record stays."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from clinic.core.errors import Invalid
from clinic.core.json import dumps, loads
from clinic.fhir.validate import check
from clinic.regions import REGIONS, region_of
from clinic.regions.named import named_codes
from clinic.registration.mapping import details_of, patient_with
from clinic.registration.mapping.patient import Moment
from clinic.registration.rules.checking import Desk, draft_of, read_changes, read_details
from clinic.registration.rules.details import (
    ASKABLE,
    BIRTH_SEXES,
    CHANNELS,
    ETHNICITIES,
    MARITAL,
    RACES,
    RELATIONS,
    SEXES,
    Absent,
    Address,
    FormerName,
    Number,
    PatientDetails,
    Relative,
)

US = region_of("us")
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""Shrinking people of sixty fields takes minutes and says nothing more than the first example."""
TODAY = Moment("2027-03-09", "America/New_York", frozenset({"address"}))
WORDS = st.text(st.sampled_from("abcdeé ñ-'’ßøكتاب李"), max_size=14).map(lambda text: " ".join(text.split()))
NAME = st.from_regex(r"[A-ZÀ-Þ][a-zß-öø-ÿ']{0,12}(-[A-Z][a-z]{1,6})?", fullmatch=True)
SOME_NAME = st.just("") | NAME
PHONE = st.just("") | st.integers(0, 9999).map(lambda end: f"+1202555{end:04d}")
DAY = st.just("") | st.dates(date(1900, 1, 1), date(2027, 3, 9)).map(date.isoformat)
HOURS = st.sampled_from(["", "09:00-17:00", "17:00-24:00", "00:00-09:00, 18:00-20:00"])
ADDRESS = st.builds(
    Address, line=st.sampled_from(["", "8 Mill Lane"]), line2=st.just(""), city=SOME_NAME,
    state=st.sampled_from(["", "NY"]), postal_code=st.sampled_from(["", "12207", "12207-1234"]),
    country=st.sampled_from(["", "US", "NL"]),
)  # fmt: skip
RELATIVE = st.builds(
    Relative, given=SOME_NAME, family=NAME, relation=st.sampled_from(["", *RELATIONS]), phone=PHONE
) | st.just(Relative())  # fmt: skip
PERIOD = st.tuples(DAY, DAY).map(sorted)
FORMER = st.builds(lambda given, family, period: FormerName(given, family, *period), SOME_NAME, NAME, PERIOD) | st.just(
    FormerName()
)


def codes(list_: str, but: tuple[str, ...] = ()) -> st.SearchStrategy[tuple[str, ...]]:
    known = [code for code in named_codes(list_).by_code if code not in but]
    return st.lists(st.sampled_from(known), unique=True, max_size=3).map(tuple)


@st.composite
def people(draw: st.DrawFn) -> PatientDetails:
    """Anybody the desk can write down."""
    former = sorted((draw(FORMER) for _ in range(3)), key=lambda one: (bool(one), one.end), reverse=True)
    contacts = sorted((draw(RELATIVE) for _ in range(3)), key=bool, reverse=True)
    born = draw(st.sampled_from(["1980-02-03", "1980-02", "1980", "2026-11-30"]))
    home, work, temporary = draw(PHONE), draw(PHONE), draw(ADDRESS)
    mobile = draw(PHONE)
    details = PatientDetails(
        given=draw(NAME), family=draw(NAME), birth_date=born, sex=draw(st.sampled_from(SEXES)),
        birth_estimated=draw(st.booleans()),
        birth_time=draw(st.sampled_from(["", "00:00", "14:05"])) if len(born) == 10 else "",
        birth_order=draw(st.sampled_from(["", "1", "2"])), middle=draw(SOME_NAME), prefix=draw(SOME_NAME),
        suffix=draw(SOME_NAME), preferred=draw(SOME_NAME), nick=draw(SOME_NAME), maiden=draw(SOME_NAME),
        former=former[0], former2=former[1], former3=former[2],
        pronouns=draw(st.sampled_from(["", "she, her", "hij, hem", "xe"])),
        birth_sex=draw(st.sampled_from(BIRTH_SEXES)), gender_identity=draw(st.sampled_from(["", "woman", "agender"])),
        orientation=draw(st.sampled_from(["", "Lesbian", "asexual"])),
        mobile=mobile, texts=draw(st.booleans()) if mobile else True, mobile_hours=draw(HOURS) if mobile else "",
        home_phone=home, home_texts=draw(st.booleans()) if home else False, home_hours=draw(HOURS) if home else "",
        work_phone=work, work_texts=draw(st.booleans()) if work else False, work_hours=draw(HOURS) if work else "",
        email=draw(st.sampled_from(["", "bea@example.org"])), address=draw(ADDRESS), mailing=draw(ADDRESS),
        temporary=temporary, temporary_end=draw(DAY) if temporary else "",
        language=draw(st.sampled_from(["", "es", "en"])), interpreter=draw(st.booleans()),
        interpreter_language=draw(st.sampled_from(["", "ase"])), marital=draw(st.sampled_from(MARITAL)),
        race=tuple(code for code in RACES if draw(st.booleans())), race_detail=draw(codes("race", RACES)),
        ethnicity=draw(st.sampled_from(ETHNICITIES)), ethnicity_detail=draw(codes("ethnicity", ETHNICITIES)),
        tribes=draw(codes("tribes")), emergency=contacts[0], emergency2=contacts[1], emergency3=contacts[2],
        numbers=draw(st.sampled_from([(), (Number("itin", "912903456"), Number("passport", "X 1234567"))])),
        general_practitioner=draw(SOME_NAME), pharmacy=draw(st.sampled_from(["", "Quayside, fax 0199 555 0121"])),
        employer=draw(SOME_NAME), occupation=draw(SOME_NAME), contact_by=draw(st.sampled_from(CHANNELS)),
        never_by=tuple(channel for channel in CHANNELS if channel and draw(st.booleans())),
        deceased=draw(st.sampled_from(["", "yes", "2027-01-02"])), known_of=draw(st.sampled_from(["", "an anchor"])),
    )  # fmt: skip
    unanswered = [name for name in (*ASKABLE, "number_mbi", "number_ssn") if not details.value(name)]
    told = draw(st.lists(st.sampled_from(unanswered), unique=True)) if unanswered else []
    reasons = {name: draw(st.sampled_from(["declined", "unknown"])) for name in told}
    return replace(details, absent=tuple(Absent(name, reasons[name]) for name in sorted(reasons)))


def errors(patient: dict[str, object]) -> list[object]:
    return [issue for issue in check(patient) if issue.severity == "error"]


@settings(max_examples=60, deadline=None, phases=PHASES)
@given(people())
def test_a_person_written_down_reads_back_equal_and_is_valid(details: PatientDetails) -> None:
    patient = loads(dumps(patient_with(details, {}, US, TODAY)))
    assert details_of(patient, US) == details
    assert errors({**patient, "id": "p"}) == []
    assert patient_with(details, patient, US, TODAY) == patient


@settings(max_examples=60, deadline=None, phases=PHASES)
@given(people(), people())
def test_a_person_changed_to_another_reads_back_as_the_other(before: PatientDetails, after: PatientDetails) -> None:
    patient = patient_with(after, patient_with(before, {}, US, TODAY), US, TODAY)
    assert details_of(patient, US) == after
    assert errors({**patient, "id": "p"}) == []


STRANGE = {
    "extension": [{"url": "http://example.org/fhir/eye-colour", "valueString": "green"}],
    "identifier": [{"system": "urn:oid:1.2.3", "value": "A-7"}],
    "name": [{"use": "anonymous", "family": "Nobody"}],
    "telecom": [{"system": "fax", "value": "020 555 0102"}, {"system": "phone", "use": "old", "value": "1"}],
    "address": [{"use": "billing", "city": "Delft"}],
    "contact": [
        {
            "relationship": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0131", "code": "N"}]}],
            "name": {"family": "Vos"},
        }
    ],
}


@settings(max_examples=40, deadline=None, phases=PHASES)
@given(people(), people())
def test_what_the_form_does_not_know_stays_whatever_is_changed(before: PatientDetails, after: PatientDetails) -> None:
    patient = patient_with(before, {}, US, TODAY)
    for name, strange in STRANGE.items():
        patient[name] = [*(patient.get(name) or []), *deepcopy(strange)]
    changed = patient_with(after, patient, US, TODAY)
    for name, strange in STRANGE.items():
        for part in strange:
            assert part in changed[name], name


@given(st.dictionaries(st.sampled_from(["given", "mobile_hours", "tribes", "race", "former_start", "deceased",
                                        "birth_order", "birth_time", "absent_mobile", "temporary_end", "mailing_city"]),
                       st.text(max_size=40)))  # fmt: skip
@pytest.mark.parametrize("code", REGIONS)
def test_no_entry_breaks_the_reading(code: str, entry: dict[str, str]) -> None:
    draft_of(entry, Desk(region_of(code), date(2027, 3, 9)))


def test_what_only_another_country_asks_stays_when_this_one_saves() -> None:
    before = PatientDetails("Ana", "Vos", "1980-02-03", "female", race=("2028-9",), birth_sex="F", email="a@b.example")
    nl = region_of("nl")
    shown = dict.fromkeys(("race", "birth_sex", "race_detail", "ethnicity", "ethnicity_detail", "tribes"), "x")
    entry = {"given": "Ana", "family": "Vos", "birth_date": "3-2-1980", "sex": "female", "email": ""}
    after = read_changes(entry, {**shown, "email": "a@b.example"}, before, Desk(nl, date(2027, 3, 9), "dmy"))
    assert (after.race, after.birth_sex, after.email) == (("2028-9",), "F", "")


@pytest.mark.parametrize("name", ["X", "Ng", "a" * 200, "محمد بن عبد الله", "O’Brien-d'Arcy", "María José", "李小龍"])
def test_names_of_every_length_and_script_are_written_and_read_back(name: str) -> None:
    details = read_details(
        {"given": name.split(" ", 1)[0], "family": name, "birth_date": "3 Feb 1980", "sex": "other"},
        Desk(US, date(2027, 3, 9)),
    )
    assert details_of(patient_with(details, {}, US, TODAY), US).family == name


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("family", "a" * 300, "longer than"), ("mobile", "ring me", "telephone number"),
        ("mobile_hours", "whenever", "Say hours"), ("tribes", "Martian", "words offered"),
        ("former_start", "soon", "does not read as a date"), ("deceased", "2 Feb 1970", "before the birth"),
        ("deceased", "next week", "day of death"), ("birth_order", "two", "first born"),
        ("birth_time", "25:99", "time of birth"), ("race", "9999-9", "from the list"),
        ("absent_email", "perhaps", "from the list"), ("temporary_end", "later", "does not read as a date"),
        ("mailing_postal_code", "12", "ZIP"), ("birth_date", "3 Feb 2199", "future"),
    ],
)  # fmt: skip
def test_nonsense_is_said_beside_its_field(field: str, typed: str, words: str) -> None:
    entry = {"given": "Ana", "family": "Vos", "birth_date": "3 Feb 1980", "sex": "female", field: typed}
    with pytest.raises(Invalid) as refused:
        read_details(entry, Desk(US, date(2027, 3, 9)))
    faults = {one.field: one.message for one in refused.value.details}
    assert list(faults) == [field]
    assert words in faults[field] or field == "family"
