"""The main job as four people do it: from the first call to the coded, paid and printed visit."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browsing import TABLET, Window, open_window, signed_in
from tests.e2e.practice import Practice
from tests.e2e.printed import pdf_text
from tests.e2e.tablet import give_birth_date, identify, next_page, pair

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

GIVEN, FAMILY = "Wilhelmina", "Ashgrove"
NAME = f"{GIVEN} {FAMILY}"
BORN = "1984-04-17"


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
    tablet = open_window(story.browser, story.clinic.address, TABLET, has_touch=True)
    pair(manager, tablet)
    manager.close()
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
    identify(page, "1985-04-17")
    expect(page.get_by_role("alert")).to_contain_text("does not match")
    give_birth_date(page, BORN)
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
    if heading == "About you":
        page.get_by_label("What should we call you?").fill("Billie")
    elif heading == "How we reach you":
        page.get_by_label("E-mail").first.fill("w.ashgrove@example.org")
    elif heading == "In an emergency we call":
        page.get_by_label("First name").first.fill("Corwin")
        page.get_by_label("Surname").first.fill(FAMILY)
        page.get_by_label("Phone").first.fill("212 555 0143")
    elif heading == "Your health":
        page.locator(".choice", has_text="Never").click()
        page.get_by_label("What worries you most today?").fill("My left knee hurts on stairs")
    elif heading == "Medicines and allergies":
        take_a_medicine(page)
    signs = page.get_by_role("button", name="Sign", exact=True)
    if signs.count():
        sign(page, drawn=heading == "Please read and sign")
    next_page(page, "Sign" if signs.count() else "Next")


def take_a_medicine(page: Page) -> None:
    """A yes asks for the medicine at once, and the page insists on its name."""
    page.locator("fieldset", has_text="Do you take medicines?").locator(".choice", has_text="Yes").click()
    name = page.get_by_label("Name", exact=True)
    expect(name).to_be_visible()
    next_page(page, "Next")
    expect(page.get_by_role("alert")).to_be_visible()
    name.fill("Paracetamol")


def sign(page: Page, *, drawn: bool) -> None:
    """By finger, or by typing the name."""
    page.locator(".choice", has_text="I have read this").click()
    if not drawn:
        page.get_by_label("Type your full name").fill(NAME)
        return
    box = page.locator("[data-pad] canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 80)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(box["x"] + 40 + 24 * step, box["y"] + 80 - 40 * (step % 2))
    page.mouse.up()


def review_the_answers(story: Story) -> None:
    """Old beside new; what is ticked goes into the record, the rest stays in the answers."""
    page = story.desk.go("/intake/")
    page.get_by_role("row", name=re.compile(f"{FAMILY}.*New patient")).get_by_role("link").click()
    accepted = page.get_by_role("row", name=re.compile("billie", re.IGNORECASE))
    expect(accepted).to_contain_text("Billie")
    accepted.get_by_role("checkbox").check()
    page.get_by_role("row", name=re.compile("w.ashgrove@example.org")).get_by_role("checkbox").check()
    page.get_by_role("button", name=re.compile("Write what is ticked")).click()
    expect(page.get_by_role("status").filter(has_text="gone through")).to_be_visible()
    story.desk.go(f"/registration/{story.patient}")
    expect(page.locator(".banner")).to_contain_text("Billie")
    expect(page.locator("#content")).to_contain_text("w.ashgrove@example.org")
    expect(page.locator("#content")).not_to_contain_text("Corwin")


def finish_check_in_and_move_on(story: Story) -> None:
    """The forms are signed; the rest is confirmed; the patient goes from station to station."""
    page = story.desk.go(f"/visits/appointments/{story.appointment}/check-in")
    expect(page.get_by_role("link", name="Tablet")).to_have_count(0)
    while page.get_by_role("button", name=re.compile("^(Still right|Patient pays)")).count():
        with page.expect_navigation():
            page.get_by_role("button", name=re.compile("^(Still right|Patient pays)")).first.click()
    page.get_by_role("button", name=re.compile("^Finish check-in")).click()
    expect(page.get_by_role("status").filter(has_text="Checked in")).to_be_visible()
    for station in ("In room", "With doctor", "Check-out"):
        row = page.locator(f"tr[data-id='{story.appointment}']")
        with page.expect_navigation():
            row.get_by_role("button", name=re.compile("^Next station")).click()
        expect(row.locator(".bd").first).to_contain_text(station.replace("In room", ""))


def take_the_payment(story: Story) -> None:
    """The till is opened, the co-pay is taken in cash, and there is a receipt."""
    page = story.desk.go(f"/cash/?patient={story.patient}")
    if page.locator("[name=float]").count():  # not yet opened by another story of the same receptionist
        page.locator("[name=float]").fill("100")
        page.get_by_role("button", name=re.compile("Open the till")).click()
    page.locator("[name=amount]").fill("30")
    page.locator("#pay").get_by_text("Cash", exact=True).click()
    page.get_by_role("button", name=re.compile("Take payment")).click()
    expect(page.get_by_role("heading", name=re.compile("^Receipt"))).to_be_visible()
    story.receipt = page.url.rsplit("/", 1)[1]


def check_out(story: Story) -> None:
    """The visit ends at the desk."""
    page = story.desk.go("/visits/today")
    page.locator(f"tr[data-id='{story.appointment}'] td").first.click()
    expect(page.get_by_role("heading", name="Check out")).to_be_visible()
    story.encounter = page.url.split("/visits/visits/")[1].split("/")[0]
    page.locator(".finish [name=reason]").fill("Calls for the next visit")
    page.get_by_role("button", name=re.compile("Finish check-out")).click()
    expect(page.get_by_role("status").filter(has_text="Checked out")).to_be_visible()


def code_the_visit(story: Story) -> None:
    """Diagnoses by words and by code, two lines, one check to fix, ready."""
    biller = story.as_("billing")
    page = biller.go("/billing/")
    page.get_by_role("link", name=re.compile(FAMILY)).click()
    add_code(page, "dx-new", "pain left knee", "M25.562")
    add_code(page, "dx-new", "I10", "I10")
    add_code(page, "line-new", "V-EST-15", "V-EST-15")
    add_code(page, "line-new", "flu vaccine admin", "G0008")
    checks = page.locator("#checks")
    expect(checks).to_contain_text("has no diagnosis")
    checks.get_by_role("button", name=re.compile("^Link A")).first.click()
    page.locator("#line-2-ptr-2").check()
    expect(checks).not_to_contain_text("has no diagnosis")
    page.get_by_role("button", name=re.compile("Ready")).click()
    expect(page.locator(".head")).to_contain_text("Ready for the claim")
    biller.close()


def add_code(page: Page, field: str, text: str, code: str) -> None:
    """Type, choose from the list, and see it on the sheet."""
    page.locator(f"#{field}").fill(text)
    page.locator(f"[role=option][data-code='{code}']").click()
    expect(page.locator("#sheet b", has_text=code).first).to_be_visible()


def print_everything(story: Story) -> None:
    """Each paper is a PDF that says what it should."""
    desk = story.desk
    records = story.clinic.read(
        lambda store: (
            store.search("Questionnaire", [("title", "New patient")], limit=1)[0]["id"],
            [row["id"] for row in store.search("QuestionnaireResponse", [("subject", f"Patient/{story.patient}")])],
        )
    )
    blank, answers = records
    papers = {
        f"/registration/{story.patient}/label": (FAMILY,),
        "/appointments/print-day?day=2027-03-09": (FAMILY, "Follow-up"),
        f"/cash/payments/{story.receipt}/pdf": ("Harbour Street Clinic", "30.00", "Noor Aziz"),
        f"/intake/blank/{blank}": ("New patient", "What worries you most today?"),
        f"/billing/visits/{story.encounter}/encounter-form": (FAMILY, "M25.562", "V-EST-15"),
    }
    for path, words in papers.items():
        text = pdf_text(desk, path)
        assert [word for word in words if word not in text] == [], path
    answered = "".join(pdf_text(desk, f"/intake/answers/{one}/print") for one in answers)
    for word in (FAMILY, "My left knee hurts on stairs", "Paracetamol", "Consent to care", "Privacy notice"):
        assert word in answered, word


def look_at_the_audit_trail(story: Story) -> None:
    """The manager sees who saw and changed this record."""
    manager = story.as_("manager")
    page = manager.go("/management/audit")
    page.locator("[name=patient]").fill(NAME)
    page.get_by_role("button", name="Search").last.click()
    expect(page.locator("tbody tr").first).to_contain_text(FAMILY)
    for word in ("Noor Aziz", "Bea Lindgren", "Tablet 2"):
        page.locator("[name=person]").fill(word)
        page.get_by_role("button", name="Search").last.click()
        expect(page.locator("tbody tr").first).to_contain_text(word)
    manager.close()


def change_working_hours(story: Story) -> None:
    """A provider starts later on Wednesdays; the calendar shows it at once."""
    provider = story.clinic.made.providers[0]
    manager = story.as_("manager")
    page = manager.go(f"/management/providers/{provider}/hours")
    page.locator("[name=wed_1_from]").fill("10:15")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="hours")).to_be_visible()
    manager.go("/appointments/day?day=2027-03-10")
    expect(page.locator(f"[data-provider='{provider}'] .shut").first).to_contain_text("10:15")
    manager.close()
