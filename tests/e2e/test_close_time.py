"""A manager closes a provider's day: the visits show while typing, are listed afterwards, and it is taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from clinic.appointments.queries.closing import Wanted, closed_times
from clinic.appointments.queries.practice import calendar_setup
from clinic.fhir.store import Store
from tests.e2e.browsing import open_window, sign_in
from tests.e2e.practice import Practice
from tests.e2e.test_provider_is_out import booked, busiest

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def closed(store: Store) -> int:
    return closed_times(store, calendar_setup(store), Wanted())[1]


def test_the_hit_visits_show_while_typing_and_are_seen_before_the_time_is_closed(
    browser: Browser, clinic: Practice
) -> None:
    provider, before, count = clinic.read(busiest), clinic.read(booked), clinic.read(closed)
    day = clinic.read(lambda store: store.now.date())
    window = open_window(browser, clinic.address)
    sign_in(window, "manager")
    page = window.go("/appointments/day")
    page.get_by_role("button", name="More").first.click()
    page.get_by_role("link", name="Close time").click()
    expect(page.get_by_text("Nobody chosen yet")).to_be_visible()
    page.locator("[name=last]").fill(str(day + timedelta(days=3)))
    page.locator(f"[name=who][value='Practitioner/{provider}']").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("link", name="Find new times")).to_be_visible()
    page.locator("[name=reason]").fill("Course")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Visits that are still booked then")).to_be_visible()
    assert clinic.read(closed) == count + 1
    assert clinic.read(booked) == before
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("closed time was taken back")).to_be_visible()
    assert clinic.read(closed) == count
    page.keyboard.press("u")
    expect(page.get_by_text("The time is closed.")).to_be_visible()
    assert clinic.read(closed) == count + 1
    page.get_by_role("button", name="Take back").first.click()
    expect(page.get_by_text("closed time was taken back")).to_be_visible()
    window.close()
