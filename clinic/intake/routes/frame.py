"""What every page of the tablet shares: who is on it, its language, text size, contrast and progress."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import g, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import safe_path
from clinic.intake.fields import Showing
from clinic.intake.questionnaire import Fault, pages
from clinic.intake.service.answers import Sitting
from clinic.intake.service.forms import CONTACT_CHECK
from clinic.intake.service.packets import Packet
from clinic.web.respond import page

LANGUAGES = {
    "en": ("English", "Continue in English"),
    "es": ("Español", "Continuar en español"),
    "nl": ("Nederlands", "Verder in het Nederlands"),
    "ar": ("العربية", "المتابعة بالعربية"),
}
"""Languages by their own names; the same order everywhere."""

VIEW = "tablet_view"
_PAGE_SECONDS = 35


@dataclass(frozen=True)
class Progress:
    """Where somebody is: part 3 of 7, about 2 minutes."""

    number: int
    total: int

    @property
    def minutes(self) -> int:
        """An honest guess: about half a minute a page, never less than one minute."""
        return max(1, round((self.total - self.number + 1) * _PAGE_SECONDS / 60))


def speak(found: Packet | None) -> None:
    """Use the language, text size and contrast that the person at the tablet chose."""
    view = dict(found.view) if found else dict(session.get(VIEW, {}))
    if found and found.language:
        view["language"] = found.language
    language = view.get("language", "")
    if language in LANGUAGES:
        g.language = language
    g.tablet_view = view


def remember(found: Packet) -> None:
    """Keep the look for the last page, after which everything is wiped."""
    session[VIEW] = {**found.view, "language": found.language}


def tablet_page(template: str, status: int = 200, **values: Any) -> Response:
    """A page of the tablet."""
    view = getattr(g, "tablet_view", {})
    language = view.get("language", "") if view.get("language") in LANGUAGES else ""
    values.setdefault("tool_form", "tools")
    return page(
        template,
        status,
        view=view,
        languages=LANGUAGES,
        spoken=LANGUAGES.get(language or "en", LANGUAGES["en"])[0],
        here=request.full_path.rstrip("?") if request.method == "GET" else values.pop("back_here", request.path),
        **values,
    )


def back_path() -> str:
    """Where a switch came from: only a page of the tablet."""
    path = safe_path(request.form.get("here", ""))
    return path if path.startswith(url_for("intake.tablet")) else url_for("intake.tablet")


def showing(found: Packet, store_practice: Any, **more: Any) -> Showing:
    """How questions are drawn for this person."""
    return Showing(
        language=found.language or "en",
        zone=store_practice.zone,
        order=store_practice.date_order,
        yes=_("Yes"),
        no=_("No"),
        **more,
    )


def sentence(fault: Fault) -> str:
    """The words of a fault in the language of the page."""
    return str(_(fault.message, **fault.params)) if fault.params else str(_(fault.message))


def parts_of(found: Packet, sitting: Sitting | None = None) -> list[int]:
    """How many parts each form of a packet has: the open one as it is answered now, the others as they start."""
    counts = [form.parts for form in found.forms]
    if sitting:
        counts[sitting.position] = 1 if is_check(sitting) else len(pages(sitting.settled))
    return counts


def is_check(sitting: Sitting) -> bool:
    """Whether a form is the one of "is this still right?"."""
    return sitting.form.url == CONTACT_CHECK


def progress(counts: list[int], position: int, number: int) -> Progress:
    """The part within the whole packet; the birth date is the first."""
    return Progress(1 + sum(counts[:position]) + number, 1 + sum(counts))
