"""Is this still right? A few tiles from the record instead of sixty questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from flask import redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.fhir.store import Store
from clinic.intake.questionnaire import Form, Item, Page, pages
from clinic.intake.record import field_of, instances_of, value_for
from clinic.intake.routes import blueprint
from clinic.intake.routes.frame import Progress, is_check, parts_of, progress, remember, speak, tablet_page
from clinic.intake.routes.questions import finish_form, seat
from clinic.intake.service import answers as service
from clinic.intake.service import packets
from clinic.intake.service.answers import Sitting
from clinic.intake.service.confirming import TILE, fresh_dates, values_asked
from clinic.web.transaction import look, transact

_ICONS = {"home": "home", "reach": "phone", "mail": "mail", "emergency": "people"}


@dataclass(frozen=True)
class Tile:
    """One thing on record, and whether it was confirmed."""

    link: str
    title: str
    icon: str
    lines: tuple[str, ...]
    note: str
    state: str
    next: bool
    change_at: str
    ltr: bool
    since: datetime | None = None
    """Of what need not be asked: since when it is known to be right."""


def marked(store: Store, found: packets.Packet, link: str, state: str) -> packets.Packet:
    """Note that a tile was confirmed or changed."""
    view = {**found.view, TILE + link: state}
    packets.change(store, found.id, view=view)
    return replace(found, view=view)


def tiles_of(sitting: Sitting, known: Mapping[str, str], fresh: Mapping[str, datetime]) -> tuple[Tile, ...]:
    """The tiles of a check: what was answered here, or else what the record says; what is `fresh` is not asked."""
    found: list[Tile] = []
    language = sitting.packet.language or "en"
    for page in pages(sitting.settled):
        group = page.group
        if group is None or any(tile.link == group.link_id for tile in found):
            continue
        since = _since(sitting, group, fresh)
        state = sitting.packet.view.get(TILE + group.link_id, "fresh" if since else "")
        lines = _lines(sitting, group, known, language)
        is_next = not state and not any(tile.next for tile in found)
        found.append(
            Tile(
                link=group.link_id,
                title=group.text.say(language),
                icon=_ICONS.get(group.link_id, "info"),
                lines=lines or (_("Nothing on record"),),
                note=_("We send visit reminders here") if group.link_id == "reach" else "",
                state=state,
                next=is_next,
                change_at=page.key,
                ltr=group.link_id in ("reach", "mail"),
                since=since,
            )
        )
    return tuple(found)


def _since(sitting: Sitting, group: Item, fresh: Mapping[str, datetime]) -> datetime | None:
    """Since when all that a tile shows is known to be right; None when some of it has to be asked."""
    inside = [one for one in instances_of(sitting.form, sitting.answers, group) if sitting.answers.get(one.name)]
    names = values_asked(field_of(one.item) for one in inside)
    return min(fresh[name] for name in names) if names and names <= set(fresh) else None


def _lines(sitting: Sitting, group: Item, known: Mapping[str, str], language: str) -> tuple[str, ...]:
    words: list[str] = []
    for one in instances_of(sitting.form, sitting.answers, group):
        values = sitting.answers.get(one.name) or value_for(one.item, known.get(field_of(one.item), ""))
        for value in values:
            option = next((o for o in one.item.options if o.value == value), None)
            words.append(option.text.say(language) if option else str(value))
    if group.link_id == "home" and len(words) > 1:
        return (words[0], " ".join(words[1:]))
    if group.link_id == "emergency" and len(words) > 1:
        return (" ".join(words[:2]), *words[2:])
    return tuple(words)


@blueprint.get("/tablet/form/<int:position>/still-right")
@requires("intake.answer")
def still_right(position: int) -> Response:
    """The tiles of a check of the record."""
    sitting, tiles, place = look(lambda store: _load(store, position))
    speak(sitting.packet)
    if sitting.packet.forms[position].done or not is_check(sitting):
        return redirect(url_for("intake.tablet"), 303)
    return _tile_page(sitting, tiles, place)


def _load(store: Store, position: int) -> tuple[Sitting, Callable[[], tuple[Tile, ...]], Progress]:
    sitting = seat(store, position)
    counts = parts_of(sitting.packet, sitting)
    known, fresh = _known(store, sitting), _fresh(store, sitting)
    return sitting, lambda: tiles_of(sitting, known, fresh), progress(counts, position, 1)


def _fresh(store: Store, sitting: Sitting) -> dict[str, datetime]:
    return fresh_dates(store, sitting.packet.patient_id) if sitting.packet.prefill else {}


def _known(store: Store, sitting: Sitting) -> dict[str, str]:
    return service.record_of(store, sitting.packet.patient_id) if sitting.packet.prefill else {}


def _tile_page(sitting: Sitting, draw: Callable[[], tuple[Tile, ...]], place: Progress, error: str = "") -> Response:
    tiles = draw()
    checked = sum(bool(tile.state) for tile in tiles)
    count = ngettext("%(num)s of %(total)s checked", "%(num)s of %(total)s checked", checked, total=len(tiles))
    return tablet_page(
        "intake/still_right.html",
        422 if error else 200,
        sitting=sitting,
        tiles=tiles,
        progress=place,
        counted=count,
        error=error,
        back_here=url_for("intake.still_right", position=sitting.position),
    )


@blueprint.post("/tablet/form/<int:position>/still-right")
@requires("intake.answer")
def check_tile(position: int) -> Response:
    """Yes to one tile, or on to the next part when all are checked."""
    do, _colon, link = request.form.get("do", "next").partition(":")

    def work(store: Store) -> tuple[Sitting, str]:
        sitting = seat(store, position, lock=True)
        if sitting.packet.forms[position].done or not is_check(sitting):
            return sitting, url_for("intake.tablet")
        if do == "yes":
            return _confirm(store, sitting, link), url_for("intake.still_right", position=position)
        open_tiles = [tile for tile in tiles_of(sitting, {}, _fresh(store, sitting)) if not tile.state]
        if open_tiles:
            return sitting, ""
        drawn, target = finish_form(store, sitting, Page(sitting.form.title, ()))
        return drawn.sitting, target or (drawn.missing[0][2] if drawn.missing else "")

    sitting, target = transact(work)
    speak(sitting.packet)
    if not target:
        sitting, tiles, place = look(lambda store: _load(store, position))
        return _tile_page(sitting, tiles, place, _("Please look at every tile first: Yes or Change."))
    if target == url_for("intake.thanks"):
        remember(sitting.packet)
    return redirect(target, 303)


def _confirm(store: Store, sitting: Sitting, link: str) -> Sitting:
    group = _group(sitting.form, link)
    if group is None:
        return sitting
    known = _known(store, sitting)
    answers = sitting.answers
    for one in instances_of(sitting.form, answers, group):
        value = answers.get(one.name) or value_for(one.item, known.get(field_of(one.item), ""))
        answers = answers.with_value(one.name, value)
    packet = marked(store, sitting.packet, link, "yes")
    sitting = service.with_answers(replace(sitting, packet=packet), answers)
    service.keep_draft(store, sitting)
    return sitting


def _group(form: Form, link: str) -> Item | None:
    found = form.by_link.get(link)
    return found if found and found.kind == "group" else None
