"""Days on which things go wrong: nothing that was typed is lost, and nothing is made twice."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, expect

from clinic.access.tables import session as session_table
from tests.e2e.browsing import TABLET, Window, open_window, sign_in, signed_in
from tests.e2e.practice import Practice
from tests.e2e.tablet import hand_over, identify, next_page, pair

pytestmark = pytest.mark.e2e
_NUMBERS = itertools.count(70)
# People unlike one another: tests run in any order, and a likely duplicate makes "Use this record" the primary action.
_NEW = {
    "Quillan": ("Orla", "3 May 1988", "212 555 0188"),
    "Rosmead": ("Imogen", "19 Nov 1951", "646 555 0123"),
    "Selwyn": ("Tariq", "7 Feb 2003", "917 555 0164"),
}


def _patients(clinic: Practice, family: str) -> int:
    return len(clinic.read(lambda store: store.search("Patient", [("family:exact", family)], limit=20)))


def _fill_new_patient(window: Window, family: str, *, fresh: bool = True) -> None:
    given, born, mobile = _NEW[family]
    page = window.go(f"/registration/?q={given}+{family}&new=1") if fresh else window.page
    form = page.locator("#new-patient")
    form.locator("[name=birth_date]").fill(born)
    form.locator("[name=mobile]").fill(mobile)
    form.get_by_text("Female", exact=True).click()
    form.locator("[name=email]").fill(f"{given.lower()}@example.org")


def test_text_typed_before_the_session_ended_is_there_after_signing_in_again(
    reception: Window, clinic: Practice
) -> None:
    _fill_new_patient(reception, "Quillan")
    page = reception.page
    clinic.read(lambda store: store.conn.execute(sa.delete(session_table)))
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    sign_in(reception, "receptionist")
    form = page.locator("#new-patient")
    expect(form.locator("[name=email]")).to_have_value("orla@example.org")
    expect(form.locator("[name=sex]:checked")).to_have_value("female")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".banner")).to_contain_text("Orla Quillan")
    assert _patients(clinic, "Quillan") == 1


def test_a_double_click_makes_one(reception: Window, clinic: Practice) -> None:
    _fill_new_patient(reception, "Rosmead")
    reception.page.get_by_role("button", name=re.compile("^Register")).dblclick()
    expect(reception.page.locator(".banner")).to_contain_text("Imogen Rosmead")
    assert _patients(clinic, "Rosmead") == 1


def test_going_back_and_sending_again_makes_no_second_record(reception: Window, clinic: Practice) -> None:
    _fill_new_patient(reception, "Selwyn")
    page = reception.page
    page.keyboard.press("Control+Enter")
    expect(page.locator(".banner")).to_contain_text("Tariq Selwyn")
    first = page.url
    page.go_back()
    expect(page.locator("#new-patient")).to_be_visible()
    _fill_new_patient(reception, "Selwyn", fresh=False)
    page.get_by_role("button", name=re.compile("^Register")).click()
    expect(page).to_have_url(first)
    assert _patients(clinic, "Selwyn") == 1


def test_two_people_changing_one_record_see_both_versions(
    browser: Browser, reception: Window, clinic: Practice
) -> None:
    path = f"/registration/{clinic.people[7].id}/edit"
    colleague = signed_in(browser, clinic.address, "manager")
    for window in (reception, colleague):
        window.go(path)
    _change_street(colleague, "7 Theirs Lane")
    expect(colleague.page.locator("#content")).to_contain_text("7 Theirs Lane")
    _change_street(reception, "9 Mine Row")
    page = reception.page
    expect(page.get_by_role("heading", name="Two people changed this record")).to_be_visible()
    both = page.get_by_role("row", name=re.compile("Street"))
    expect(both).to_contain_text("7 Theirs Lane")
    expect(both).to_contain_text("9 Mine Row")
    both.get_by_text("7 Theirs Lane").click()
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile("/registration/[^/]+$"))
    expect(page.locator("#content")).to_contain_text("7 Theirs Lane")
    colleague.close()


def _change_street(window: Window, street: str) -> None:
    window.page.locator("[name=line]").fill(street)
    window.page.get_by_role("button", name=re.compile("^Save")).click()


def test_a_role_that_may_not_is_refused_on_the_page_and_in_the_form(
    browser: Browser, reception: Window, clinic: Practice
) -> None:
    assert reception.fetch("/management/users").status == 403
    page = reception.go("/management/users")
    expect(page.locator("body")).to_contain_text("Your role does not allow this")
    expect(page.get_by_role("navigation", name="Main").get_by_text("Manage")).to_have_count(0)
    biller = signed_in(browser, clinic.address, "billing")
    assert biller.fetch(f"/registration/{clinic.people[0].id}/edit").status == 403
    biller.close()
    stranger = open_window(browser, clinic.address)
    expect(stranger.go(f"/registration/{clinic.people[0].id}").get_by_role("heading", name="Sign in")).to_be_visible()
    stranger.close()


@pytest.fixture
def tablet(browser: Browser, clinic: Practice, reception: Window) -> Iterator[Window]:
    """A paired tablet with the forms of the third person, past the birth date."""
    manager = signed_in(browser, clinic.address, "manager")
    made = open_window(browser, clinic.address, TABLET, has_touch=True)
    name = f"Tablet {next(_NUMBERS)}"
    pair(manager, made, name)
    manager.close()
    hand_over(reception, clinic, person=2, name=name, forms="New patient")
    identify(made.page, clinic.people[2].details.birth_date)
    yield made
    page = reception.go("/intake/")
    page.get_by_role("button", name="Take back").first.click()
    made.close()


def test_the_tablet_reaches_nothing_but_its_form(tablet: Window, clinic: Practice) -> None:
    for path in ("/visits/today", f"/registration/{clinic.people[2].id}", "/intake/", "/management/audit"):
        assert tablet.fetch(path).status in (401, 403, 404), path


def test_answers_given_without_a_connection_are_kept_and_sent_once(tablet: Window, clinic: Practice) -> None:
    page = tablet.page
    for _page in range(8):
        if page.locator("textarea").count():
            break
        next_page(page)
    arrived: list[str] = []
    page.on("response", lambda answer: arrived.append(answer.url) if answer.request.method == "POST" else None)
    tablet.context.set_offline(True)
    page.locator("textarea").first.fill("Typed in the lift")
    page.locator("textarea").first.blur()
    expect(page.get_by_text("No connection right now")).to_be_visible()
    expect(page.locator("textarea").first).to_have_value("Typed in the lift")
    assert arrived == []
    with page.expect_response(re.compile("/answer$")):
        tablet.context.set_offline(False)
    expect(page.get_by_text("No connection right now")).to_be_hidden()
    expect(page.locator("[data-saved-word]")).to_have_text("Saved")
    assert len(arrived) == 1
    page.reload()
    expect(page.locator("textarea").first).to_have_value("Typed in the lift")
