"""The main job as four people do it: from the first call to the coded, paid and printed visit."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browsing import TABLET, Window, open_window, signed_in
from tests.e2e.practice import Practice
from tests.e2e.printed import pdf_text

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

GIVEN, FAMILY = "Wilhelmina", "Ashgrove"
NAME = f"{GIVEN} {FAMILY}"
BORN = ("04", "17", "1984")


@dataclass
class Story:
    """What one person leaves for the next."""

    clinic: Practice
    browser: Browser
    desk: Window
    patient: str = ""
    appointment: str = ""
    encounter: str = ""
    receipt: str = ""

    @property
    def page(self) -> Page:
        """The receptionist's page."""
        return self.desk.page

    def as_(self, role: str) -> Window:
        """Another person at another desk."""
        return signed_in(self.browser, self.clinic.address, role)


def test_four_people_take_a_patient_from_the_first_call_to_the_coded_and_printed_visit(
    browser: Browser, any_clinic: Practice
) -> None:
    story = Story(any_clinic, browser, signed_in(browser, any_clinic.address, "receptionist"))
    log_the_first_call(story)
    search_and_register(story)
    warn_of_a_likely_duplicate(story)
    record_insurance(story)
    book_the_next_free_time(story)
    tablet = pair_a_tablet(story)
    check_in_with_the_tablet(story, tablet)
    review_the_answers(story)
    finish_check_in_and_move_on(story)
    take_the_payment(story)
    check_out(story)
    code_the_visit(story)
    print_everything(story)
    look_at_the_audit_trail(story)
    change_working_hours(story)
    tablet.close()
    story.desk.close()


def log_the_first_call(story: Story) -> None:
    """A caller who is not on file wants an appointment."""
    page = story.desk.go("/communication/calls")
    page.locator("[name=caller]").fill(NAME)
    page.locator("[name=number]").fill("(212) 555-0142")
    page.locator("[name=reason]").select_option("appointment")
    page.locator("[name=note]").fill("New here, wants to be seen this week")
    page.get_by_role("button", name="Log").click()
    expect(page.get_by_role("region", name="Calls").get_by_text(NAME)).to_be_visible()


def search_and_register(story: Story) -> None:
    """Nobody is found; what was typed becomes the new record; four answers and a telephone."""
    page = story.desk.go("/registration/")
    page.get_by_role("textbox", name=re.compile("Name, birth date")).fill(f"{NAME} 17 Apr 1984")
    expect(page.get_by_text("Nobody found")).to_be_visible()
    page.get_by_role("link", name=re.compile("New patient from")).click()
    form = page.locator("#new-patient")
    expect(form.locator("[name=given]")).to_have_value(GIVEN)
    expect(form.locator("[name=family]")).to_have_value(FAMILY)
    expect(form.locator("[name=birth_date]")).to_have_value(re.compile("1984"))
    form.locator("[name=mobile]").fill("212 555 0142")
    form.get_by_text("Female", exact=True).click()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".banner")).to_contain_text(NAME)
    story.patient = page.url.rsplit("/", 1)[1].split("?")[0]


def warn_of_a_likely_duplicate(story: Story) -> None:
    """The same person under a near name is noticed, with the reasons, before anything is saved."""
    page = story.desk.go(f"/registration/new?q=Mina+{FAMILY}")
    if page.url.endswith("/registration/"):
        page = story.desk.go(f"/registration/?q=Mina+{FAMILY}&new=1")
    form = page.locator("#new-patient")
    form.locator("[name=birth_date]").fill("4/17/1984")
    form.locator("[name=mobile]").fill("212 555 0142")
    form.locator("[name=mobile]").press("Tab")
    warning = page.locator(".dup")
    expect(warning).to_contain_text(NAME)
    expect(warning.locator(".why li").first).to_be_visible()
    warning.get_by_role("link", name="Use this record").click()
    expect(page).to_have_url(re.compile(story.patient))


def record_insurance(story: Story) -> None:
    """One policy, in force today, shown in the banner."""
    page = story.desk.go(f"/insurance/patients/{story.patient}")
    page.locator("[name=payer]").fill("Meridian PPO")
    page.locator("[name=member_id]").fill("MRD204518833")
    page.locator("[name=group]").fill("G4410")
    page.locator("[name=starts]").fill("1/1/2027")
    page.locator("[name=copay]").fill("30")
    page.get_by_role("button", name="Add").click()
    expect(page.locator(".banner")).to_contain_text("Meridian PPO")


def book_the_next_free_time(story: Story) -> None:
    """The next free time of a visit type; a colleague who wanted the same one is told, and shown the nearest."""
    page = story.desk.go(f"/appointments/book?patient={story.patient}")
    with page.expect_response(re.compile("/appointments/advice")):
        page.locator("[name=visit_type]").select_option(label="Follow-up")
    slot = page.locator("[name=slot]").first
    slot.check(force=True)
    colleague = story.as_("manager")
    colleague.go(f"/appointments/book?patient={story.clinic.people[0].id}&slot={slot.get_attribute('value')}")
    page.get_by_role("button", name="Book").last.click()
    expect(page.get_by_role("status").filter(has_text=NAME)).to_be_visible()
    colleague.page.get_by_role("button", name="Book").last.click()
    expect(colleague.page.locator("[data-advice]")).to_contain_text("Nearest free times")
    expect(colleague.page.locator("[name=slot]")).not_to_have_count(0)
    colleague.close()
    story.desk.go(f"/registration/{story.patient}")
    href = page.locator("a[href*='/appointments/0']").first.get_attribute("href")
    found = re.search(r"/appointments/([^/?#]+)", str(href))
    assert found is not None
    story.appointment = found[1]


def pair_a_tablet(story: Story) -> Window:
    """The manager shows a code; the tablet takes it, and is locked."""
    manager = story.as_("manager")
    page = manager.go("/intake/tablets")
    page.locator("[name=name]").fill("Tablet 2")
    page.get_by_role("button", name="Add").click()
    code = page.locator(".code-big").inner_text()
    manager.close()
    tablet = open_window(story.browser, story.clinic.address, TABLET, has_touch=True)
    tablet.go("/intake/tablet")
    tablet.page.locator("[name=code]").fill(code)
    tablet.page.get_by_role("button", name="Pair").click()
    expect(tablet.page.get_by_text("Tablet 2 is ready")).to_be_visible()
    return tablet


def check_in_with_the_tablet(story: Story, tablet: Window) -> None:
    """The desk identifies the patient and hands over the tablet; the patient answers and signs."""
    page = story.desk.go("/visits/today")
    row = page.locator(f"tr[data-id='{story.appointment}']")
    expect(row).to_contain_text(NAME)
    row.get_by_role("button", name=re.compile("is here")).click()
    expect(page.get_by_role("status").filter(has_text=f"Arrived: {NAME}")).to_be_visible()
    story.desk.go(f"/visits/appointments/{story.appointment}/check-in")
    page.get_by_role("button", name="Identified").click()
    expect(page.get_by_role("button", name="Identified")).to_have_count(0)
    page.get_by_role("link", name="Tablet").click()
    page.locator(".opt-in", has_text="New patient").locator("input").check()
    page.locator("label", has_text="Tablet 2").locator("input").check()
    page.get_by_role("button", name="Hand over").click()
    answer_on_the_tablet(tablet.page)


def answer_on_the_tablet(page: Page) -> None:
    """Language, birth date (wrong once), every page, two signatures, and the lock again."""
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible(timeout=20_000)
    next_page(page, "Continue")
    for year in ("1985", BORN[2]):
        for name, value in zip(("m", "d", "y"), (*BORN[:2], year), strict=True):
            page.locator(f"[name={name}]").fill(value)
        next_page(page, "Continue")
        if year != BORN[2]:
            expect(page.get_by_role("alert")).to_contain_text("does not match")
    for _page in range(20):
        heading = page.get_by_role("heading", level=1).inner_text()
        if heading.startswith("Thank you"):
            break
        answer_page(page, heading)
    expect(page.get_by_role("heading", name="Thank you, all done")).to_be_visible()
    page.get_by_role("button", name="Finish now").click()
    expect(page.get_by_text("Tablet 2 is ready")).to_be_visible()
    page.go_back()
    expect(page.locator("body")).not_to_contain_text(FAMILY)


def answer_page(page: Page, heading: str) -> None:
    """What this patient says on one page."""
    print(heading)
    next_page(page, "Next")


def next_page(page: Page, word: str) -> None:
    """The one big button."""
    with page.expect_navigation():
        page.get_by_role("button", name=word).last.click()
