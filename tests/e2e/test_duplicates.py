"""Likely duplicates with the keyboard: the list is worked through, and a warning is answered while registering."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from clinic.fhir.store import Store
from clinic.registration.queries.pairs import open_pairs
from clinic.registration.rules.details import PatientDetails
from clinic.registration.service.duplicates import compare_anew
from clinic.registration.service.patients import register_patient
from tests.e2e.browsing import Window
from tests.e2e.practice import Practice

pytestmark = pytest.mark.e2e


NAMES = ("Isaura", "Isaurra", "Isabeau")


def _three(store: Store) -> list[str]:
    twin = [PatientDetails(given, "Quilliam", "1988-05-17", "female", mobile="+12025550144")
            for given in NAMES]  # fmt: skip
    made = [register_patient(store, details)["id"] for details in twin]
    compare_anew(store, made)
    return made


def test_the_list_is_worked_through_with_keys_and_what_was_said_is_taken_back(
    reception: Window, clinic: Practice
) -> None:
    clinic.read(_three)
    page = reception.go("/registration/duplicates?q=quilliam")
    rows, shown = page.locator("[data-pairs] tbody tr"), page.locator("[data-pair-shown]")
    expect(rows).to_have_count(3)
    first = rows.nth(0).inner_text()
    page.keyboard.press("j")
    expect(rows.nth(1)).to_have_class("sel")
    two = rows.nth(1).locator("b").all_inner_texts()
    expect(shown.locator("thead")).to_contain_text(two[0])
    expect(shown.locator("thead")).to_contain_text(two[1])
    expect(shown).not_to_contain_text(next(name for name in NAMES if f"{name} Quilliam" not in two))
    before = clinic.read(open_pairs)
    page.keyboard.press("d")
    expect(page.locator("[data-toast]")).to_contain_text("Remembered: not the same person")
    expect(rows).to_have_count(2)
    assert clinic.read(open_pairs) == before - 1
    page.keyboard.press("u")
    expect(rows).to_have_count(3)
    assert clinic.read(open_pairs) == before
    assert rows.nth(0).inner_text() == first


def test_a_warning_says_why_and_one_key_uses_the_record(reception: Window, clinic: Practice) -> None:
    known = clinic.read(
        lambda store: register_patient(
            store, PatientDetails("Thaddea", "Ravensbourne", "1991-11-05", "female", mobile="+12025550155")
        )
    )
    page = reception.go("/registration/?q=Thadea+Ravensborne&new=1")
    page.fill("[name=given]", "Thadea")
    page.fill("[name=family]", "Ravensborne")
    page.fill("[name=birth_date]", "5 nov 1991")
    page.keyboard.press("Tab")
    warning = page.locator("[data-dup] .dup")
    expect(warning).to_contain_text("Probably someone we know")
    expect(warning).to_contain_text("Same birth date")
    expect(warning).to_contain_text("First name one letter off: Thadea, Thaddea")
    expect(page.locator("[data-register]")).not_to_have_class("btn p")
    page.keyboard.press("Alt+u")
    page.wait_for_url(f"**/registration/{known['id']}")


def test_who_is_said_to_be_someone_else_is_not_asked_again(reception: Window, clinic: Practice) -> None:
    clinic.read(
        lambda store: register_patient(
            store, PatientDetails("Perpetua", "Ashgrove", "1994-06-21", "female", mobile="+12025550166")
        )
    )
    page = reception.go("/registration/?q=Felicity+Ashgrove&new=1")
    page.fill("[name=given]", "Felicity")
    page.fill("[name=family]", "Ashgrove")
    page.fill("[name=birth_date]", "21 jun 1994")
    page.fill("[name=mobile]", "202 555 0166")
    page.keyboard.press("Tab")
    warning = page.locator("[data-dup] .dup")
    expect(warning).to_contain_text("Maybe someone we know")
    expect(warning).to_contain_text("First name differs: Felicity, Perpetua")
    warning.get_by_role("button", name="Someone else").click()
    expect(warning).to_have_count(0)
    page.locator("label", has_text="Female").first.click()
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: "/registration/?" not in url and not url.endswith("/new"))
    reception.go("/registration/duplicates?q=ashgrove&state=different")
    expect(page.locator("[data-pairs] tbody tr")).to_have_count(1)
