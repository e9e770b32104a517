"""Numbers, addresses and telephones of the region packs."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.regions import REGIONS, checks, read_phone, region_of, show_phone


@pytest.mark.parametrize(
    ("check", "typed", "kept"),
    [
        (checks.itin, "912-90-3456", "912903456"),
        (checks.npi, "1234567893", "1234567893"),
        (checks.mbi, "1eg4-te5-mk73", "1EG4TE5MK73"),
        (checks.bsn, "1112.22.333", "111222333"),
        (checks.agb, "01 012345", "01012345"),
        (checks.us_postcode, "10001 1234", "10001-1234"),
        (checks.us_postcode, " 10001", "10001"),
        (checks.nl_postcode, "1012ab", "1012 AB"),
        (checks.any_postcode, "hb4  1qd", "HB4 1QD"),
        (checks.plain, " ny 123-456 ", "NY 123-456"),
    ],
)
def test_a_number_is_kept_in_one_form(check, typed, kept):
    assert check(typed) == kept
    assert check(kept) == kept


@pytest.mark.parametrize(
    ("check", "typed"),
    [
        (checks.ssn, "000-12-3456"),
        (checks.ssn, "666-12-3456"),
        (checks.ssn, "912-12-3456"),
        (checks.ssn, "078-05-1120"),
        (checks.ssn, "12-345"),
        (checks.itin, "912-10-3456"),
        (checks.npi, "1234567890"),
        (checks.npi, "3234567893"),
        (checks.mbi, "1SG4-TE5-MK73"),
        (checks.bsn, "111222334"),
        (checks.agb, "00012345"),
        (checks.agb, "1234"),
        (checks.us_postcode, "1000"),
        (checks.us_postcode, "١٢٣٤٥"),
        (checks.nl_postcode, "0123 AB"),
        (checks.nl_postcode, "1012 SS"),
        (checks.plain, "<b>"),
        (checks.any_postcode, "=cmd|x"),
    ],
)
def test_a_wrong_number_is_refused_with_a_reason(check, typed):
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        check(typed)


@given(st.text(max_size=60))
def test_no_text_breaks_a_check(text):
    for pack in REGIONS.values():
        for check in (*(kind.check for kind in pack.identifiers), pack.address.check_postcode):
            with contextlib.suppress(ValueError):
                assert isinstance(check(text), str)


@given(st.integers(1, 665), st.integers(1, 99), st.integers(1, 9999))
def test_a_social_security_number_reads_the_same_with_and_without_dashes(area, group, serial):
    dashed, bare = f"{area:03}-{group:02}-{serial:04}", f"{area:03}{group:02}{serial:04}"
    if bare in ("078051120", "457555462", "219099999"):
        return
    assert checks.ssn(dashed) == checks.ssn(bare) == bare


@pytest.mark.parametrize(
    ("typed", "region", "kept"),
    [
        ("(202) 555-0143", "us", "+12025550143"),
        ("202.555.0143", "us", "+12025550143"),
        ("+1 202 555 0143", "us", "+12025550143"),
        ("020 555 0143", "nl", "+31205550143"),
        ("0031 20 555 0143", "nl", "+31205550143"),
        ("+31 20 555 0143", "generic", "+31205550143"),
    ],
)
def test_a_telephone_number_is_read_as_people_say_it(typed, region, kept):
    assert read_phone(typed, region_of(region)) == kept


@pytest.mark.parametrize("typed", ["0143", "call me", "202 555 0143 x12", "+", "1" * 60, "٢٠٢"])
def test_what_is_no_telephone_number_is_refused(typed):
    with pytest.raises(ValueError, match=r"\w+"):
        read_phone(typed, region_of("us"))


def test_a_number_of_nowhere_needs_its_country():
    with pytest.raises(ValueError, match="country code"):
        read_phone("202 555 0143", region_of("generic"))


def test_a_telephone_number_is_shown_as_the_country_writes_it():
    assert show_phone("+12025550143", region_of("us")) == "(202) 555-0143"
    assert show_phone("+12025550143", region_of("nl")) == "+1 202-555-0143"
    assert show_phone("ask at work", region_of("us")) == "ask at work"


def test_an_address_is_written_in_the_order_of_the_country():
    us = {"line": "12 Lantern Court", "city": "Albany", "state": "NY", "postal_code": "12207", "country": "US"}
    assert region_of("us").address.lines(us) == ["12 Lantern Court", "Albany NY 12207"]
    nl = {"line": "Kade 4", "city": "Delft", "postal_code": "2611 AB", "country": "NL"}
    assert region_of("nl").address.lines(nl) == ["Kade 4", "2611 AB  Delft"]
    assert region_of("us").address.lines(nl)[-1] == "NL"


def test_masked_numbers_show_their_last_four():
    kind = region_of("us").kind("itin")
    assert kind is not None
    assert kind.mask("912903456") == "•••••3456"
    assert region_of("us").kind("npi").mask("1234567893") == "1234567893"


def test_an_unknown_region_is_the_generic_one():
    assert region_of("xx").code == "generic"
    assert region_of("us").kind_of_system("http://hl7.org/fhir/sid/us-ssn").code == "ssn"
    assert region_of("us").kind("bsn") is None


def test_doctors_numbers_are_not_offered_for_patients():
    for pack in REGIONS.values():
        assert {"npi", "agb"}.isdisjoint(kind.code for kind in pack.person_identifiers())


@pytest.mark.parametrize(
    ("code", "kind", "typed", "kept"),
    [
        ("us", "licence", "ny 123 456 789", "NY 123456789"), ("us", "licence", "CA-D1234567", "CA D1234567"),
        ("us", "medicaid", "NY AB12345C", "NY AB12345C"), ("nl", "idcard", "specI2014", "SPECI2014"),
    ],
)  # fmt: skip
def test_numbers_without_a_public_check_are_kept_in_one_form(code: str, kind: str, typed: str, kept: str) -> None:
    assert region_of(code).kind(kind).check(typed) == kept


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("ssn", "000-12-3456"), ("ssn", "666-12-3456"), ("ssn", "900-12-3456"), ("ssn", "987-65-4320"),
        ("ssn", "123-00-3456"), ("ssn", "123-45-0000"), ("mbi", "1SG4TE5MK73"), ("licence", "123456789"),
        ("licence", "ZZ 123456"),
    ],
)  # fmt: skip
def test_numbers_that_nobody_was_given_are_refused(kind: str, typed: str) -> None:
    with pytest.raises(ValueError):
        region_of("us").kind(kind).check(typed)
