"""What a licence's barcode says, in every version, and what is refused."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from clinic.core.errors import Invalid
from clinic.registration.rules.licence import NO_LINES, NOT_A_LICENCE, TOO_LONG, Licence, plain_licence, read_licence
from tests.registration import licences

SAMPLES = {name: value for name, value in vars(licences).items() if name.isupper() and isinstance(value, str)}


def test_the_example_of_the_standard_is_read_whole():
    assert read_licence(licences.V10) == Licence(
        given="MICHAEL", middle="JOHN", family="SAMPLE", suffix="JR", birth_date="1986-06-06", sex="male",
        line="2300 WEST BROAD STREET", city="RICHMOND", state="VA", postal_code="23269", country="US",
        number="T64235789", issuer="VA", issued="2024-06-06", expires="2032-12-10", height="068 in", eyes="BRO",
        card="DL", version=10,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sample", "given_name", "middle", "family", "born", "number"),
    [
        ("V8", "MARIA DEL CARMEN", "", "O'BRIEN-GARCIA", "1977-08-29", "D1234562"),
        ("V4", "JOHN", "QUINCY", "PUBLIC", "1970-01-01", "D12345678"),
        ("V3_GIVEN_TOGETHER", "MICHELLE", "ANN MARIE", "MOTORIST", "1990-05-15", "123 456 789"),
        ("V1_OREGON", "ELENA", "MARIA", "SAMPLE", "1980-07-04", "1234567"),
        ("V1_MARYLAND", "SUE", "", "DOE", "1970-02-03", "T-520-098-009-843"),
        ("ONTARIO", "ANDREW", "JASON", "SAMPLE", "1966-09-05", "D6101-40706-60905"),
        ("IDENTITY_CARD", "PROFILE", "SIX", "SAMPLE", "1985-01-01", "436AS0669"),
    ],
)
def test_every_version_says_who_it_is(sample: str, given_name: str, middle: str, family: str, born: str, number: str):
    card = read_licence(SAMPLES[sample])
    assert (card.given, card.middle, card.family, card.birth_date, card.number) == (
        given_name, middle, family, born, number,
    )  # fmt: skip


def test_places_dates_and_kinds_follow_the_country():
    ontario, oregon, card = (read_licence(SAMPLES[name]) for name in ("ONTARIO", "V1_OREGON", "IDENTITY_CARD"))
    assert (ontario.country, ontario.state, ontario.postal_code, ontario.issuer) == ("CA", "ON", "M3M 2G5", "ON")
    assert (oregon.line, oregon.state, oregon.expires) == ("55555 NAMED DR APT 101", "OR", "2028-07-04")
    assert (card.card, card.sex, card.issuer) == ("ID", "", "IA")


def test_a_name_that_did_not_fit_is_known_to_be_cut():
    assert read_licence(licences.V8).cut == {"given"}
    assert read_licence(licences.V10).cut == frozenset()


def test_an_expired_card_is_known_by_its_last_day():
    card = read_licence(licences.V8)
    assert (card.expired(date(2027, 8, 29)), card.expired(date(2027, 8, 30))) == (False, True)


@pytest.mark.parametrize("sample", SAMPLES)
def test_what_a_form_carries_reads_the_same(sample: str):
    plain = plain_licence(SAMPLES[sample])
    assert not any(ord(char) < 32 and char != "\n" for char in plain)
    assert read_licence(plain) == read_licence(plain.replace("\n", "\r\n")) == read_licence(SAMPLES[sample])


def test_wrong_offsets_and_a_missing_record_separator_do_no_harm():
    wrong = licences.V10.replace("00410288", "99999999").replace("\x1e", "")
    assert read_licence(wrong) == read_licence(licences.V10)


def test_a_scanner_that_drops_the_header_is_understood():
    body = licences.V4.partition("DLDCS")[2]
    card = read_licence("DCS" + body)
    assert (card.family, card.version, card.issuer) == ("PUBLIC", 0, "AZ")


def test_hostile_values_are_cut_and_cleaned():
    odd = licences.V4.replace("DCSPUBLIC", "DCS" + "\u202eX" * 900 + "\x07").replace("DBB01011970", "DBB99999999")
    card = read_licence(odd)
    assert card.family == "X" * 120
    assert card.birth_date == ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", NOT_A_LICENCE),
        ("https://example.org/ticket/123", NOT_A_LICENCE),
        ("A" * 1_000_000, TOO_LONG),
        ("@\n\x1e\rANSI " + "\x00" * 100, NOT_A_LICENCE),
        (licences.V4.replace("\n", "").replace("\r", ""), NO_LINES),
    ],
)
def test_what_is_no_licence_is_refused_with_the_reason(text: str, why: str):
    with pytest.raises(Invalid) as refused:
        read_licence(text)
    assert refused.value.message == why


@given(some.text(max_size=600), some.integers(0, 300))
def test_whatever_is_in_the_barcode_it_is_read_or_refused(noise: str, at: int):
    for text in (noise, licences.V10[:at] + noise + licences.V10[at:]):
        try:
            read_licence(plain_licence(text))
        except Invalid:
            continue
