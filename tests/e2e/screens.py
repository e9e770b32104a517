"""Every screen, by name: for pictures and for the accessibility check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import sqlalchemy as sa
from playwright.sync_api import Page

from clinic.appointments.queries.online import Asked, requests
from clinic.appointments.rules.recalls import Recall, Tried
from clinic.appointments.rules.waitlist import Entry, Wants
from clinic.appointments.service.recalls import add, log_attempt
from clinic.appointments.service.waitlist import add_wish
from clinic.appointments.tables import appointment_row
from clinic.fhir.store import Store
from clinic.registration.queries.pairs import open_pairs
from clinic.registration.rules.details import Address, PatientDetails
from clinic.registration.rules.documents import Described
from clinic.registration.service.documents import add_document
from clinic.registration.service.duplicates import compare_anew
from clinic.registration.service.patients import register_patient
from clinic.web.papers import Part, clean_paper
from tests.e2e.entered import Entered, enter, fallen, proven
from tests.e2e.practice import Practice
from tests.registration.licences import a_barcode, jpeg


@dataclass(frozen=True)
class Screen:
    """One screen: who looks at it, where it is, and what is pressed to bring it about."""

    name: str
    path: str
    role: str = "manager"
    prepare: Callable[[Page], None] | None = None
    public: bool = False
    """Whether people at home see it, on a telephone first."""


def _popover(page: Page) -> None:
    page.locator("[data-book]").click()
    page.locator("#booking [name=q]").wait_for()


def _find_time(page: Page) -> None:
    page.keyboard.press("s")
    page.locator("#find-time [data-patient-search]").fill("ma")
    page.locator("#find-time [name=patient]").first.wait_for()


def _a_wish(store: Store) -> str:
    """Somebody who waits for an afternoon, with what was offered to them."""
    kind, c = store.search("HealthcareService", limit=1)[0]["id"], appointment_row.c
    patient = store.conn.execute(sa.select(c.patient_id).where(c.patient_id != "").limit(1)).scalar()
    until = store.now + timedelta(days=20)
    wants = Wants(parts=frozenset({"afternoon"}))
    return str(add_wish(store, Entry(str(patient), kind, store.now, until, wants, note="Back pain"))["id"])


def _an_order(store: Store) -> str:
    """Somebody who was called in vain about an order that is due soon."""
    c = appointment_row.c
    patient = store.conn.execute(sa.select(c.patient_id).where(c.patient_id != "").limit(1)).scalar()
    wanted = Recall(str(patient), store.now.date() + timedelta(days=3), what="Blood test", days=2, priority="urgent")
    id_ = str(add(store, wanted)["id"])
    log_attempt(store, id_, Tried("no-answer", "Rang for long"))
    return id_


def _visit(page: Page) -> None:
    page.locator(".ev a[data-visit]").last.click()
    page.locator("#visit .ph").first.wait_for()


def _flow_menu(page: Page) -> None:
    page.locator("[data-lane=waiting] .card, [data-lane=arrived] .card, [data-lane=room] .card").first.click()
    page.keyboard.press("m")
    page.locator("#flow-menu h2").wait_for()


def _list_day(store: Store) -> str:
    """The day that has a list of home visits."""
    c = appointment_row.c
    wanted = sa.select(c.local_day).where(c.type_name.like("1. %"), c.start > store.now).order_by(c.start).limit(1)
    return str(store.conn.execute(wanted).scalar_one())


def _used(page: Page) -> None:
    page.get_by_role("button", name="Take out of use").click()
    page.get_by_text("These booked visits use it.").wait_for()


def _counted(page: Page) -> None:
    page.locator("[hx-trigger=load]").last.locator("b, .m:not(.s), table").first.wait_for()


def _command(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("ma")
    page.locator("#command [data-command-found] a").first.wait_for()


def _keys(page: Page) -> None:
    page.keyboard.press("?")
    page.locator("#keys h2").first.wait_for()


def _evidence(page: Page) -> None:
    page.keyboard.press("i")
    page.locator("#evidence h2").wait_for()


def all_screens(clinic: Practice) -> list[Screen]:
    """The screens of the staff, and those that people follow from home."""
    entered = enter(clinic)
    return [*desk_screens(clinic), *tied_screens(clinic, entered), *home_screens(clinic, entered)]


def tied_screens(clinic: Practice, entered: Entered) -> list[Screen]:
    """Visits that belong together, visits beside others and outside hours, and the set-up behind them."""
    patient, made = clinic.people[0].id, clinic.made
    return [
        Screen("series-list", "/appointments/series"),
        Screen("series-none", "/appointments/series?q=nobody"),
        Screen("series-new", f"/appointments/series/new?patient={patient}"),
        Screen("series", f"/appointments/series/{entered.series}"),
        Screen("group-new", "/appointments/groups/new"),
        Screen("group", f"/appointments/groups/{entered.group}?q=ma"),
        Screen("family-book", f"/appointments/family/{patient}"),
        Screen("family-at-once", f"/appointments/family/{patient}?arranged=once"),
        Screen("family-alone", f"/appointments/family/{clinic.people[2].id}"),
        Screen("replans", "/appointments/replans"),
        Screen("replan-new", "/appointments/replans/new"),
        Screen("lists", f"/appointments/lists?day={clinic.read(_list_day)}", "receptionist"),
        Screen("lists-none", "/appointments/lists?day=2027-01-02", "receptionist"),
        Screen("closings", "/appointments/closings"),
        Screen("closings-none", "/appointments/closings?q=nobody"),
        Screen("closing", f"/appointments/closings/{entered.closing}"),
        Screen("closing-new", f"/appointments/closings/new?who=Practitioner/{made.providers[0]}&day={entered.closed}"),
        Screen("overbooked", "/appointments/overbooked"),
        Screen("overbooked-none", "/appointments/overbooked?q=nobody"),
        Screen("outside", "/management/outside"),
        Screen("hours-fallen", f"/management/providers/{made.providers[1]}/hours", "manager", fallen),
        Screen("hours-part", f"/management/providers/{made.providers[1]}/hours?site={made.sites[1]}"),
        Screen("rooms", "/management/rooms/"),
        Screen("room-new", "/management/rooms/new"),
        Screen("room", f"/management/rooms/{entered.things.room}"),
        Screen("devices", "/management/devices/"),
        Screen("device-new", "/management/devices/new"),
        Screen("device", f"/management/devices/{entered.things.device}"),
        Screen("device-hours", f"/management/devices/{entered.things.device}/hours"),
        Screen("device-used", f"/management/devices/{entered.things.device}", "manager", _used),
        Screen("visit-type-needs", f"/management/visit-types/{entered.things.kind}"),
        Screen("visit-type-new", "/management/visit-types/new"),
        Screen("visit-type", f"/management/visit-types/{made.types['Follow-up']}"),
        Screen("messages-none", "/communication/messages?q=nobody"),
        Screen("messages-not-sent", "/communication/messages/not-sent"),
        Screen("reminders", "/communication/reminders"),
        Screen("reminders-of", f"/communication/reminders/{made.types['Follow-up']}"),
        Screen("words", "/communication/words/reminder"),
        Screen("missed-rules", "/appointments/missed-visits"),
        Screen("missed-rule", f"/appointments/missed-visits/{made.types['Follow-up']}"),
    ]


def home_screens(clinic: Practice, entered: Entered) -> list[Screen]:
    """What people see on their telephone, and the wall of the waiting room."""
    types = clinic.made.types
    slot, own, born = entered.slot, f"/appointments/own/{entered.own}", entered.born_own
    watched = f"/appointments/own/{entered.video}"

    def seen(name: str, path: str, prepare: Callable[[Page], None] | None = None) -> Screen:
        return Screen(name, path, "stranger", prepare, public=True)

    return [
        seen("from-home", "/appointments/online"),
        seen("from-home-times", f"/appointments/online/{types['Follow-up']}"),
        seen("from-home-looked", f"/appointments/online/{types['Results']}"),
        seen("from-home-book", f"/appointments/online/{types['Follow-up']}/book?slot={slot}"),
        seen("from-home-ask", f"/appointments/online/{types['New patient']}/book?slot={slot}"),
        seen("own", own),
        seen("own-over", "/appointments/own/nothing"),
        seen("own-visit", own, proven(born)),
        seen("own-move", own, proven(born, "move")),
        seen("own-video", watched, proven(entered.born_video)),
        seen("own-try", watched, proven(entered.born_video, "try")),
        seen("own-offer", f"/appointments/own/{entered.offer}", proven(entered.born_offer)),
        seen("here", "/visits/here"),
        seen("here-arabic", "/visits/here?lang=ar"),
        seen("my-number", f"/visits/my/{entered.mine}"),
        seen("wall", f"/visits/screen/{entered.wall}"),
    ]


def desk_screens(clinic: Practice) -> list[Screen]:
    """The screens of the staff."""
    patient = clinic.people[0].id
    other = clinic.people[1].id
    provider = clinic.made.providers[0]
    appointment, encounter = clinic.read(_visit_of_today)
    document = clinic.read(lambda store: _a_document(store, patient))
    clinic.read(_likely_pairs)
    return [
        Screen("sign-in", "/access/sign-in", "stranger"),
        Screen("today", "/visits/today", "receptionist"),
        Screen("flow-board", "/visits/flow", "receptionist"),
        Screen("flow-menu", "/visits/flow", "receptionist", _flow_menu),
        Screen("waits", "/visits/waits"),
        Screen("stations", "/visits/stations"),
        Screen("command", "/visits/today", "receptionist", _command),
        Screen("keys", "/visits/today", "receptionist", _keys),
        Screen("help", "/help/", "receptionist"),
        Screen("help-article", "/help/calendar", "receptionist"),
        Screen("help-none", "/help/?q=zebra", "receptionist"),
        Screen("walk-in", f"/visits/walk-in?patient={patient}", "receptionist"),
        Screen("calendar", "/appointments/day"),
        Screen("calendar-book", "/appointments/day", "manager", _popover),
        Screen("calendar-visit", "/appointments/day", "manager", _visit),
        Screen("week", "/appointments/week"),
        Screen("calendar-rooms", "/appointments/day?by=room"),
        Screen("calendar-feeds", "/appointments/feeds"),
        Screen("replans", "/appointments/replans"),
        Screen("replan-new", f"/appointments/replans/new?provider={provider}"),
        Screen("appointments", "/appointments/list"),
        Screen("book", f"/appointments/book?patient={patient}"),
        Screen("appointment", f"/appointments/{appointment}"),
        Screen("find-time", "/visits/today", "receptionist", _find_time),
        Screen("find-time-page", f"/appointments/find?patient={patient}&part=morning&weekday=1"),
        Screen("waitlist", "/appointments/waitlist"),
        Screen("wish-new", f"/appointments/waitlist/new?patient={patient}"),
        Screen("wish-who", "/appointments/waitlist/new?q=ma"),
        Screen("wish", f"/appointments/waitlist/{clinic.read(_a_wish)}"),
        Screen("waitlist-rules", "/appointments/waitlist/rules"),
        Screen("recalls", f"/appointments/recalls?open={(order := clinic.read(_an_order))}", "receptionist"),
        Screen("recall", f"/appointments/recalls/{order}"),
        Screen("recall-new", f"/appointments/recalls/new?patient={patient}"),
        Screen("recall-rules", "/appointments/recalls/rules"),
        Screen("finder", "/registration/?q=ma"),
        Screen("new-panel", "/registration/?q=Nora+Vance&new=1"),
        Screen("new-patient", "/registration/new?q=Nora+Vance"),
        Screen("patient", f"/registration/{patient}"),
        Screen("evidence", f"/registration/{patient}", "receptionist", _evidence),
        Screen("details", f"/registration/{patient}/edit"),
        Screen("people", f"/registration/{patient}/people?q=ma"),
        Screen("person", f"/registration/{patient}/people/new?q=Rosa+Prat"),
        Screen("family", f"/registration/{patient}/family"),
        Screen("family-done", f"/registration/{patient}/family/done?done={other}"),
        Screen("family-finder", "/registration/?next=family&q=ma"),
        Screen("unknown", "/registration/unknown", "receptionist"),
        Screen("newborn", f"/registration/{patient}/newborn", "receptionist"),
        Screen("to-complete", "/registration/unfinished", "receptionist"),
        Screen("history", f"/registration/{patient}/history"),
        Screen("scan", "/registration/scan"),
        Screen("documents", f"/registration/{patient}/documents"),
        Screen("document", f"/registration/{patient}/documents/{document}"),
        Screen("document-new", f"/registration/{patient}/documents/new"),
        Screen("documents-none", f"/registration/{clinic.people[2].id}/documents"),
        Screen("portrait", f"/registration/{patient}/portrait"),
        Screen("duplicates", "/registration/duplicates"),
        Screen("duplicates-none", "/registration/duplicates?q=nobody"),
        Screen("merge-with", f"/registration/{patient}/merge?q=ma", "receptionist"),
        Screen("merge", f"/registration/{patient}/merge/{clinic.people[1].id}", "receptionist"),
        Screen("flags", f"/registration/{patient}/flags"),
        Screen("consents", f"/registration/{patient}/consents"),
        Screen("consent-text", "/registration/consents/text/privacy"),
        Screen("access", f"/registration/{patient}/restriction"),
        Screen("insurance", f"/insurance/patients/{patient}"),
        Screen("ready", "/visits/ready", "receptionist"),
        Screen("ready-none", "/visits/ready?q=nobody", "receptionist"),
        Screen("ready-rules", "/visits/ready/rules"),
        Screen("check-in", f"/visits/appointments/{appointment}/check-in", "receptionist"),
        Screen("hand-over", f"/intake/hand-over/{appointment}", "receptionist"),
        Screen("check-out", f"/visits/visits/{encounter}/check-out"),
        Screen("check-out-times", f"/visits/visits/{encounter}/check-out?when=3+weeks"),
        Screen("forms", "/intake/"),
        Screen("tablets", "/intake/tablets"),
        Screen("billing", "/billing/?state=all", "billing"),
        Screen("codes", f"/billing/visits/{encounter}", "billing"),
        Screen("fees", "/billing/fees", "billing"),
        Screen("till", f"/cash/?patient={patient}", "billing"),
        Screen("calls", f"/communication/calls?patient={patient}"),
        Screen("messages", "/communication/messages"),
        Screen("messages-to-do", "/communication/messages/to-do"),
        Screen("manage", "/management/"),
        Screen("measures", "/management/measures", "manager", _counted),
        Screen("measure-waiting", "/management/measures/waiting?period=week"),
        Screen("measure-missed", "/management/measures/missed?by=provider"),
        Screen("measure-use", "/management/measures/use?what=room&period=day"),
        Screen("measure-none", "/management/measures/waitlist?day=2020-02-02"),
        Screen(
            "measure-own", "/management/measures/ahead?period=own&first=2027-01-01&last=2027-12-31", "manager", _counted
        ),
        Screen("measure-visits", "/management/measures/waiting/visits?by=provider&what=wait"),
        Screen("users", "/management/users"),
        Screen("user", "/management/users/new"),
        Screen("opened", "/management/opened"),
        Screen("flag-kinds", "/management/flags"),
        Screen("consent-kinds", "/management/consents"),
        Screen("consent-kind", "/management/consents/financial"),
        Screen("roles", "/management/roles"),
        Screen("audit", "/management/audit"),
        Screen("providers", "/management/providers/"),
        Screen("provider", f"/management/providers/{provider}"),
        Screen("hours", f"/management/providers/{provider}/hours"),
        Screen("visit-types", "/management/visit-types/"),
        Screen("requests", "/appointments/requests"),
        Screen("request", clinic.read(_request_path), "receptionist"),
        Screen("requests-none", "/appointments/requests?q=nobody", "receptionist"),
        Screen("opening", "/appointments/opening"),
        Screen("opening-of", f"/appointments/opening/{clinic.made.types['Follow-up']}"),
        Screen("own-fields", "/management/own-fields"),
        Screen("own-field", "/management/own-fields/new"),
        Screen("questionnaires", "/management/forms"),
        Screen("practice", "/management/practice"),
        Screen("imports", "/transfer/imports"),
        Screen("new-import", "/transfer/imports/new"),
        Screen("give-record", f"/transfer/patients/{patient}/record"),
        Screen("ages", "/registration/ages"),
        Screen("work", "/management/work"),
        Screen("programs", "/management/clients", "administrator"),
        Screen("account", "/access/account"),
        Screen("not-found", "/registration/nobody"),
        Screen("refused", "/management/users", "receptionist"),
    ]


def _a_document(store: Store, patient: str) -> str:
    said = Described("identity", "", "2022-03-01", "2027-02-28")
    paper = clean_paper([Part(jpeg(a_barcode())), Part(jpeg(a_barcode(turn=4)))])
    return str(add_document(store, patient, said, paper)["id"])


def _visit_of_today(store: object) -> tuple[str, str]:
    encounters = store.search("Encounter", [], limit=100)  # type: ignore[attr-defined]
    here = next(one for one in encounters if one["status"] == "in-progress")
    arrived = next(one for one in encounters if one["status"] == "arrived")
    return arrived["appointment"][0]["reference"].split("/")[1], here["id"]


def _request_path(store: Store) -> str:
    found, _total = requests(store, Asked("open"))
    return f"/appointments/requests/{found[0].id}"


def _likely_pairs(store: Store) -> None:
    """Somebody who was registered three times, unless that was done already."""
    if open_pairs(store):
        return
    home = Address(line="8 Mill Lane", postal_code="12207", city="Harbor")
    first = PatientDetails("Beatriz", "Garcia Leal", "1980-02-03", "female", mobile="+12025550177", address=home)
    again = replace(first, given="Beatris", family="García", birth_date="1980-03-02", email="bea@example.org")
    moved = replace(first, given="Bea", preferred="Bea", address=replace(home, line="40 Quay Row"))
    made = [register_patient(store, details)["id"] for details in (first, again, moved)]
    compare_anew(store, made)
