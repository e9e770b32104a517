"""How the desk works: a short article for each task, found by `?` from the screen they are about and by their words.

An article is a template in `templates/help`, in plain words and at most one screen long. It is offered where this
application has the screen it is about.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, Flask, current_app, request, url_for
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from werkzeug.wrappers import Response

from clinic.access.guard import can, requires
from clinic.core.errors import N_, Missing
from clinic.web.respond import page
from clinic.web.wording import address, kept_part

LEAST_TYPED = 3
MOST_OFFERED = 3
_LONGEST = 80


@dataclass(frozen=True, eq=False)
class Article:
    """One task in short: its name in addresses, its title, what it answers, and the screens it is about.

    The first screen is where "Open" leads; `also` are words that people look for and the title does not hold.
    """

    name: str
    title: Any
    about: Any
    also: Any
    screens: tuple[str, ...]

    @property
    def body(self) -> Markup:
        """The article itself, in the language of who reads it."""
        return kept_part(f"help/{self.name}.html")


@dataclass(frozen=True, slots=True)
class Offered:
    """A line that leads to an article."""

    url: str
    title: str
    about: str


ARTICLES: Final = (
    Article(
        "ready",
        _l("Fix before they come"),
        _l("What the visits of the next days still lack"),
        _l("ready missing coverage consent eligibility referral call forms link gate"),
        ("visits.ready",),
    ),
    Article(
        "calendar",
        _l("The calendar"),
        _l("Seeing, moving, copying and printing visits"),
        _l("drag move copy longer shorter columns week rooms print phone"),
        ("appointments.day", "appointments.week", "appointments.feeds", "appointments.list"),
    ),
    Article(
        "booking",
        _l("Booking a visit"),
        _l("From the patient to the time in three steps"),
        _l("appointment new overbook twice cancel undo no-show"),
        ("appointments.book", "appointments.appointment", "appointments.overbooked"),
    ),
    Article(
        "find-time",
        _l("Finding a time"),
        _l("The next free times that fit the caller"),
        _l("free slot next search earlier language weekday"),
        ("appointments.find_time",),
    ),
    Article(
        "series",
        _l("Series, groups and families"),
        _l("Several visits in one action"),
        _l("repeat every week recurring seats course brothers sisters together"),
        (
            "appointments.new_series",
            "appointments.series",
            "appointments.series_list",
            "appointments.new_group",
            "appointments.group",
            "appointments.family",
        ),
    ),
    Article(
        "waiting-list",
        _l("The waiting list"),
        _l("Who wants an earlier time, and how freed times are offered"),
        _l("wish earlier offer freed cancelled rule"),
        ("appointments.waitlist", "appointments.new_wish", "appointments.wish", "appointments.waitlist_rules"),
    ),
    Article(
        "provider-out",
        _l("A provider is out"),
        _l("New times for all visits that are hit"),
        _l("ill sick doctor absent replan leave vacation"),
        ("appointments.new_replan", "appointments.replans", "appointments.replan"),
    ),
    Article(
        "closures",
        _l("Working hours, closures and rooms"),
        _l("When somebody works, and what happens to visits outside"),
        _l("holiday vacation absence schedule break template room device hours"),
        (
            "appointments.closings",
            "appointments.new_closing",
            "appointments.closing",
            "management.hours",
            "management.outside",
            "management.things",
            "management.thing",
        ),
    ),
    Article(
        "from-home",
        _l("Booking from home"),
        _l("What patients book, ask for and answer by link"),
        _l("online self request link portal internet"),
        ("appointments.requests", "appointments.request", "appointments.opening", "appointments.opening_of"),
    ),
    Article(
        "check-in",
        _l("Check-in"),
        _l("Asking only what is missing, also by the patient’s own telephone"),
        _l("arrive arrival walk-in ticket number telephone self today"),
        ("visits.today", "visits.check_in", "visits.check_in_patient", "visits.walk_in", "visits.ready_rules"),
    ),
    Article(
        "flow-board",
        _l("The flow board and the waiting room"),
        _l("Who is where, how long, and whose turn it is"),
        _l("station room waiting call screen ticket number minutes"),
        ("visits.flow", "visits.stations"),
    ),
    Article(
        "check-out",
        _l("Check-out"),
        _l("Next visit, money and charges before the patient leaves"),
        _l("leave next visit pay summary"),
        ("visits.check_out",),
    ),
    Article(
        "messages",
        _l("Messages and reminders"),
        _l("What is sent, what came back, what failed"),
        _l("text sms mail reminder confirm failed answer call"),
        (
            "communication.messages_to_do",
            "communication.messages",
            "communication.messages_not_sent",
            "communication.reminders",
            "communication.reminders_of",
            "communication.words",
        ),
    ),
    Article(
        "recalls",
        _l("Orders and recalls"),
        _l("Who is to be called for a next visit"),
        _l("order due call list reminder again weeks letter rule"),
        (
            "appointments.recalls",
            "appointments.recall_page",
            "appointments.new_recall",
            "appointments.recall_rules",
        ),
    ),
    Article(
        "waits",
        _l("Waits, told and kept"),
        _l("Where the expected wait comes from, and how often it came true"),
        _l("waiting time promise measure report figures"),
        ("visits.waits",),
    ),
    Article(
        "measures",
        _l("Measures"),
        _l("Waits, missed visits, use of time, and the visits behind each number"),
        _l("report figures statistics median no-show late utilisation chart export excel csv kpi analytics"),
        ("management.measures", "management.measure", "management.measure_visits"),
    ),
)

_ABOUT: Final = {screen: one for one in ARTICLES for screen in one.screens}
blueprint = Blueprint("help", __name__)


def install(app: Flask) -> None:
    """Give the application its help."""
    app.register_blueprint(blueprint, url_prefix="/help")


@blueprint.get("/")
@requires("account.own")
def index() -> Response:
    """All articles, or those that hold what is looked for."""
    typed = request.args.get("q", "")[:_LONGEST]
    return page("help/index.html", typed=typed, articles=known_articles(), found=_lines(_found(typed, _whole)))


@blueprint.get("/<name>")
@requires("account.own")
def show(name: str) -> Response:
    """One article."""
    shown = next((one for one in known_articles() if one.name == name), None)
    if shown is None:
        raise Missing(N_("There is no such help page."))
    return page("help/article.html", article=shown, articles=known_articles(), open_url=_open_url(shown))


def known_articles() -> list[Article]:
    """The articles whose screen this application has."""
    return [one for one in ARTICLES if one.screens[0] in current_app.view_functions]


def help_here() -> Offered | None:
    """The article about the screen of this request, if there is one."""
    article = _ABOUT.get(request.endpoint or "")
    return _lines([article])[0] if article else None


def offered(typed: str) -> list[Offered]:
    """What the command bar offers for these words; titles and search words only, and nothing for a letter or two."""
    if len(typed.strip()) < LEAST_TYPED or "help" not in current_app.blueprints:
        return []
    return _lines(_found(typed, _short)[:MOST_OFFERED])


def _lines(articles: list[Article]) -> list[Offered]:
    return [Offered(address("help.show", name=one.name), str(one.title), str(one.about)) for one in articles]


def _found(typed: str, text_of: Callable[[Article], str]) -> list[Article]:
    """The articles in which every typed word begins a word; those that say it in the title first."""
    words = _folded(typed).split()
    fit = [one for one in known_articles() if words and _holds(text_of(one), words)]
    return sorted(fit, key=lambda one: not _holds(str(one.title), words))


def _holds(text: str, words: list[str]) -> bool:
    parts = _folded(text).split()
    return all(any(part.startswith(word) for part in parts) for word in words)


def _short(one: Article) -> str:
    return f"{one.title} {one.also}"


def _whole(one: Article) -> str:
    return f"{one.title} {one.about} {one.also} {one.body.striptags()}"


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.casefold())
    kept = (sign for sign in plain if not unicodedata.combining(sign))
    return "".join(sign if sign.isalnum() else " " for sign in kept)


def _open_url(one: Article) -> str:
    """Where the screen is, for who may see it and when it is one that needs nothing chosen before."""
    for endpoint in one.screens:
        view = current_app.view_functions.get(endpoint)
        rules = list(current_app.url_map.iter_rules(endpoint)) if view else []
        if rules and not rules[0].arguments and can(getattr(view, "permission", "")):
            return url_for(endpoint)
    return ""
