"""The search list, and the printed day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import current_actor, requires
from clinic.appointments.forms import known_day
from clinic.appointments.printing import day_schedule, week_schedule
from clinic.appointments.queries.listing import PAGE, Visit, Wanted, list_visits
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.routes import blueprint
from clinic.appointments.routes.calendar import read_asked
from clinic.appointments.routes.shown import STATUS_WORDS, tools
from clinic.appointments.rules.setup import Setup
from clinic.fhir.store import Store
from clinic.pdf import Printed, print_pdf
from clinic.pdf.render import pdf_response
from clinic.web.filters import day as day_words
from clinic.web.filters import today
from clinic.web.respond import page
from clinic.web.transaction import look

_LAST_PAGE = 10_000


@blueprint.get("/list", endpoint="list")
@requires("appointments.read")
def search_list() -> Response:
    """Appointments by time, searched by day, provider, state and name."""
    wanted = _wanted(today())

    def read(store: Store) -> tuple[Sequence[Visit], int, Setup]:
        store.did("search", f"appointments of {wanted.first} to {wanted.last}")
        return *list_visits(store, wanted), calendar_setup(store)

    visits, total, setup = look(read)
    return page(
        "appointments/list.html",
        visits=visits,
        total=total,
        wanted=wanted,
        setup=setup,
        statuses=STATUS_WORDS,
        first=(wanted.page - 1) * PAGE + 1,
        pages=-(-total // PAGE),
        **tools(),
    )


def _wanted(now: date) -> Wanted:
    args = request.args
    first = known_day(args.get("first", ""), now)
    last = known_day(args.get("last", ""), first + timedelta(days=6))
    return Wanted(
        first=min(first, last),
        last=max(first, last),
        provider=args.get("provider", "")[:64],
        status=args.get("status", "") if args.get("status", "") in STATUS_WORDS else "",
        words=args.get("q", "")[:80].strip(),
        page=page_number(),
    )


def page_number() -> int:
    """Which page of a list the address asks for."""
    number = request.args.get("page", "1")
    return min(max(int(number), 1), _LAST_PAGE) if number.isascii() and number.isdigit() and len(number) < 6 else 1


@blueprint.get("/print-day")
@requires("print.read")
def print_day() -> Response:
    """The day on paper, as it stands now."""
    shown = known_day(request.args.get("day", ""), today())
    site = request.args.get("site", "")[:64]
    schedule = look(lambda store: day_schedule(store, shown, site))
    title = _("Day schedule, %(day)s", day=day_words(shown, "EEEE, d MMMM y"))
    actor = current_actor()
    printed = Printed(title, by=actor.name, at=schedule.at)
    return pdf_response(print_pdf("day_schedule.html", printed, schedule=schedule), f"schedule-{shown}")


@blueprint.get("/print-week")
@requires("print.read")
def print_week() -> Response:
    """The week of one column on paper, day by day."""
    shown, asked = known_day(request.args.get("day", ""), today()), read_asked(month=False)
    schedule = look(lambda store: week_schedule(store, shown, asked))
    title = _("Week schedule, %(day)s", day=day_words(schedule.day, "d MMMM y"))
    printed = Printed(title, by=current_actor().name, at=schedule.at)
    return pdf_response(print_pdf("day_schedule.html", printed, schedule=schedule), f"week-{schedule.day}")
