"""A provider is ill: from the calendar to every visit moved, and back again."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, expect

from clinic.appointments.tables import appointment_row
from clinic.cli.work import make_worker
from clinic.fhir.store import Store
from tests.e2e.browsing import open_window, sign_in
from tests.e2e.practice import Practice

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
_a = appointment_row.c


def busiest(store: Store) -> str:
    soon = _a.start.between(store.now, store.now + timedelta(days=4))
    wanted = sa.select(_a.provider).where(soon, _a.status == "booked").group_by(_a.provider)
    return str(store.conn.execute(wanted.order_by(sa.func.count().desc()).limit(1)).scalar_one())


def booked(store: Store) -> list[tuple[object, ...]]:
    wanted = sa.select(_a.id, _a.start, _a.provider).where(_a.status == "booked", _a.start > store.now).order_by(_a.id)
    return [tuple(row) for row in store.conn.execute(wanted)]


def test_all_visits_move_and_come_back_when_the_provider_comes_after_all(browser: Browser, clinic: Practice) -> None:
    provider, before = clinic.read(busiest), clinic.read(booked)
    day = clinic.read(lambda store: store.now.date())
    window = open_window(browser, clinic.address)
    sign_in(window, "receptionist")
    page = window.go("/appointments/day")
    page.get_by_role("button", name="More").first.click()
    page.get_by_role("link", name="Provider is out").click()
    page.locator("[name=provider]").select_option(provider)
    page.locator("[name=last]").fill(str(day + timedelta(days=3)))
    page.get_by_role("button", name="Show the visits").click()
    expect(page.get_by_role("heading", name="Visits that are hit")).to_be_visible()
    page.locator("[name=reason]").fill("Ill")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("being looked for")).to_be_visible()
    worker = make_worker(clinic.state)
    for _ in range(200):
        if not worker.run_once():
            break
    expect(page.get_by_role("button", name="Agree to all")).to_be_visible(timeout=15_000)
    assert clinic.read(booked) == before
    page.keyboard.press("a")
    expect(page.get_by_text("The visit is moved.")).to_be_visible()
    assert clinic.read(booked) != before
    page.get_by_role("button", name="Agree to all").click()
    expect(page.get_by_role("button", name="Put back").first).to_be_visible()
    page.get_by_role("button", name="Is coming after all").click()
    expect(page.get_by_text("back at their old times")).to_be_visible()
    assert clinic.read(booked) == before
    window.close()
