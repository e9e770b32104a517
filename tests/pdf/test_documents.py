"""The printed documents: what they say, how they are tagged, how many pages, which codes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from clinic.appointments.printing import ProviderDay
from clinic.pdf import print_pdf
from clinic.pdf.codes import page_code
from tests.pdf import samples
from tests.pdf.conftest import printing_app
from tests.pdf.reading import codes, faults_of_tags, fonts, opened, pages, size_mm, tag_names, words

Make = Callable[[], bytes]


def _label() -> bytes:
    return print_pdf("label.html", samples.printed("Patient label"), label=samples.label())


def _schedule() -> bytes:
    plan = samples.schedule("Hollander, P.", "Ngata, R.")
    return print_pdf("day_schedule.html", samples.printed("Day schedule"), schedule=plan)


def _receipt() -> bytes:
    values = {"payment": samples.payment(), "till": samples.till(), "due": 2500, "tenders": samples.TENDERS}
    return print_pdf("receipt.html", samples.printed("Receipt R-00012"), **values)


def _close() -> bytes:
    return print_pdf("day_close.html", samples.printed("Day close", code=samples.CODE), **samples.close_values())


def _tick_sheet() -> bytes:
    footer = samples.printed("Encounter form", code=samples.CODE, patient_line="Soler, Ana R. · 1986-04-17 · HS-00001")
    return print_pdf("encounter_form.html", footer, form=samples.tick_sheet())


EVERY: dict[str, Make] = {
    "label": _label,
    "schedule": _schedule,
    "receipt": _receipt,
    "close": _close,
    "tick sheet": _tick_sheet,
}
SHEETS = ("schedule", "close", "tick sheet")
_made: dict[str, bytes] = {}


def made(name: str) -> bytes:
    """A document, printed once for all tests that only read it."""
    if name not in _made:
        _made[name] = EVERY[name]()
    return _made[name]


@pytest.mark.parametrize("name", EVERY)
def test_every_document_can_be_read_aloud_in_order(printing: Flask, name: str) -> None:
    document = made(name)
    assert faults_of_tags(document) == []
    with opened(document) as pdf:
        assert str(pdf.Root.Lang) == "en"
        assert b"pdfuaid" in pdf.Root.Metadata.read_bytes()
        assert any("H1" in tag for tag in tag_names(document))


@pytest.mark.parametrize("name", EVERY)
def test_every_document_carries_its_fonts(printing: Flask, name: str) -> None:
    found = fonts(made(name))
    assert any("Noto-Sans" in font or "NotoSans" in font for font in found)
    assert all(found.values())


@pytest.mark.parametrize("name", EVERY)
def test_every_document_is_the_same_twice(printing: Flask, name: str) -> None:
    assert EVERY[name]() == made(name)


@pytest.mark.parametrize("name", SHEETS)
def test_letter_and_a4_hold_the_same_pages(name: str) -> None:
    with printing_app("letter"):
        letter = made(name)
    with printing_app("a4"):
        a4 = EVERY[name]()
    assert size_mm(letter) == (215.9, 279.4)
    assert size_mm(a4) == (210.0, 297.0)
    assert pages(letter) == pages(a4)


@pytest.mark.parametrize("name", SHEETS)
def test_every_page_says_who_printed_it_when_and_which_page_it_is(printing: Flask, name: str) -> None:
    document = made(name)
    for page in range(1, pages(document) + 1):
        text = words(document, page)
        assert "printed 2027-03-09 10:24 by Mae Ode" in text
        assert f"Page {page} / {pages(document)}" in text


def test_a_label_fits_its_paper_and_its_code_opens_the_chart(printing: Flask) -> None:
    document = made("label")
    assert size_mm(document) == (62.0, 29.0)
    assert pages(document) == 1
    text = words(document)
    assert all(part in text for part in ("SOLER, Ana R.", "1986-04-17", "F", "40 y", "HS-00001"))
    assert codes(document, 110) == [[samples.CODE]]


@pytest.mark.parametrize("long", ["VAN DER WESTHUIZEN-ABUBAKAR, Johannes C.", "X" * 200, "Ünï " * 60, "سلمى " * 30])
def test_a_long_name_leaves_room_for_the_birth_date_on_one_label(printing: Flask, long: str) -> None:
    document = print_pdf("label.html", samples.printed("Patient label"), label=samples.label(long))
    assert pages(document) == 1
    assert "1986-04-17" in words(document)


def test_the_schedule_names_everyone_with_birth_date_and_keeps_rows_to_write_in(printing: Flask) -> None:
    text = words(made("schedule"))
    assert "08:00" in text
    assert text.index("Hollander, P.") < text.index("Ngata, R.") < text.index("If the screen is down")
    assert text.count("1949-02-11") == 2
    assert text.count("Meadow PPO") == text.count("$25.00") == 2
    assert "contains patient data: shred after use" in text


def test_the_schedule_says_who_pays_alone_and_whose_policy_is_over(printing: Flask) -> None:
    lines = (
        samples.visit(8, "Hollander, P.", coverage="", due=0),
        samples.visit(9, "Ngata, R.", coverage_note="Ended", due=-500),
        samples.visit(10, "Ito, K.", due=None),
    )
    plan = replace(samples.schedule("X"), providers=(ProviderDay("Dr. Vermeer", "Room 2", lines),))
    text = words(print_pdf("day_schedule.html", samples.printed(), schedule=plan))
    assert "Self-pay $0.00" in text
    assert "Meadow PPO Ended −$5.00" in text
    assert text.count("$") == 2


def test_a_long_day_repeats_its_table_head_on_every_page(printing: Flask) -> None:
    plan = samples.schedule(*(f"Person {place}" for place in range(70)))
    document = print_pdf("day_schedule.html", samples.printed("Day schedule"), schedule=plan)
    assert pages(document) >= 2
    assert all("Patient" in words(document, page) for page in range(1, pages(document)))
    assert all(f"Person {place} " in words(document) for place in range(70))


def test_an_empty_day_says_so(printing: Flask) -> None:
    empty = samples.schedule()
    assert "no working hours today" in words(print_pdf("day_schedule.html", samples.printed(), schedule=empty))


def test_a_receipt_is_as_long_as_its_words_and_shows_initials_only(printing: Flask) -> None:
    document = made("receipt")
    wide, tall = size_mm(document)
    assert wide == 80.0
    assert 90 < tall < 140
    assert pages(document) == 1
    text = words(document)
    assert "Soler" not in text
    assert all(part in text for part in ("R-00012", "$30.00", "Still to pay $25.00", "AS"))
    assert codes(document) == [[samples.CODE]]
    long = print_pdf(
        "receipt.html", samples.printed(), payment=samples.payment(-100, reason="word " * 80), till=None, due=0
    )
    assert size_mm(long)[1] > tall
    assert pages(long) == 1
    assert "Paid back −$1.00" in words(long)


def test_a_closed_drawer_shows_the_difference_and_its_reason(printing: Flask) -> None:
    document = made("close")
    text = words(document)
    assert "Difference of −$25.00 One receipt was booked as cash." in text
    assert "Counted 75 $273.00" in text
    assert codes(document)[0] == [page_code(samples.CODE, 1)]


def test_the_tick_sheet_shows_fees_letters_and_what_is_coded_already(printing: Flask) -> None:
    text = words(made("tick sheet"))
    assert "Soler, Ana R. · 1986-04-17 · HS-00001" in text
    assert all(part in text for part in ("Hypertension", "Known patient, usual", "$105.00", "Meadow PPO", "$25.00"))
    assert text.count("×") == 2
    assert codes(made("tick sheet")) == [[page_code(samples.CODE, 1)]]


def test_an_arabic_sheet_runs_from_right_to_left(printing: Flask) -> None:
    plan = samples.schedule("سلمى المصري")
    document = print_pdf("day_schedule.html", samples.printed("Day schedule"), language="ar", schedule=plan)
    with opened(document) as pdf:
        assert str(pdf.Root.Lang) == "ar"
    assert any("Arabic" in font for font in fonts(document))
    assert all(fonts(document).values())


@pytest.mark.parametrize("name", ["day_schedule.html", "receipt.html", "day_close.html"])
def test_hostile_words_are_printed_as_words(printing: Flask, name: str) -> None:
    hostile = samples.HOSTILE
    values = {
        "schedule": samples.schedule(hostile, hostile * 20),
        "payment": samples.payment(name=hostile, reason=hostile),
        "due": 0,
        **samples.close_values(),
        "till": samples.till(user_name=hostile, reason=hostile * 30),
    }
    document = print_pdf(name, samples.printed(hostile, copy=hostile, code=samples.CODE), **values)
    assert "<script>alert(1)</script>" in words(document)
    assert b"bad.example.org/x.png)" not in document
