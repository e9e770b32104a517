"""The tablet's question pages: one group at a time, kept as it is given, signed where it must be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.core.days import instant_text
from clinic.core.errors import Invalid, Missing
from clinic.core.practice import Practice
from clinic.fhir.store import Store
from clinic.intake.fields import FieldView, field_view
from clinic.intake.questionnaire import Entry, Fault, Item, Page, pages, read_page, validate_page
from clinic.intake.questionnaire.model import MOST_ROWS, WHOLE_FORM, Answers, locate
from clinic.intake.questionnaire.pages import after, page_at, page_of
from clinic.intake.routes import blueprint
from clinic.intake.routes.files import keep_files
from clinic.intake.routes.frame import (
    Progress,
    is_check,
    parts_of,
    progress,
    remember,
    sentence,
    showing,
    speak,
    tablet_page,
)
from clinic.intake.service import answers as service
from clinic.intake.service import packets
from clinic.intake.service.answers import Sitting
from clinic.intake.service.strokes import svg_of
from clinic.web.transaction import look, transact

MOST_SHOWN = 60


@dataclass(frozen=True)
class Drawn:
    """One page, ready for its template."""

    sitting: Sitting
    page: Page
    progress: Progress
    practice: Practice
    faults: tuple[Fault, ...] = ()
    missing: tuple[tuple[str, str, str], ...] = ()


def seat(store: Store, position: int, *, lock: bool = False) -> Sitting:
    """The form at a position of this tablet's packet. Raises NoPacket, Missing."""
    found = packets.require_on_device(store, lock=lock)
    if position >= len(found.forms):
        raise Missing("There is no such page or record.")
    return service.sit_down(store, found, position)


@blueprint.get("/tablet/form/<int:position>")
@requires("intake.answer")
def form_page(position: int) -> Response:
    """One page of questions; without `at` the first one of the form."""
    at = request.args.get("at", "")[:60]

    def work(store: Store) -> Drawn:
        sitting = seat(store, position)
        found = pages(sitting.settled)
        return _drawn(store, sitting, page_at(found, at) if found else Page(sitting.form.title, ()))

    drawn = look(work)
    speak(drawn.sitting.packet)
    if drawn.sitting.packet.forms[position].done:
        return redirect(url_for("intake.tablet"), 303)
    if is_check(drawn.sitting) and not at:
        return redirect(url_for("intake.still_right", position=position), 303)
    return draw(drawn)


def _drawn(store: Store, sitting: Sitting, page: Page, faults: tuple[Fault, ...] = ()) -> Drawn:
    counts = parts_of(sitting.packet, sitting)
    number = 1 if is_check(sitting) else page.number
    place = progress(counts, sitting.position, number)
    return Drawn(sitting, page, place, store.practice, faults)


def draw(drawn: Drawn) -> Response:
    """A page of questions, with what was typed when it was refused."""
    sitting = drawn.sitting
    said = {fault.name: sentence(fault) for fault in reversed(drawn.faults)}
    refused = request.method == "POST" and (drawn.faults or "X-Autosave" in request.headers)
    posted = request.form.to_dict(flat=False) if refused else None
    view = showing(sitting.packet, drawn.practice, posted=posted, faults=said)
    fields = {entry.anchor: field_view(entry, sitting.settled, view) for entry in drawn.page.questions}
    return tablet_page(
        "intake/_sheet.html" if "X-Autosave" in request.headers else "intake/form_page.html",
        422 if drawn.faults else 200,
        sitting=sitting,
        page=drawn.page,
        fields=fields,
        progress=drawn.progress,
        said=said,
        faults=[(fault.name, sentence(fault)) for fault in drawn.faults],
        language=sitting.packet.language or "en",
        first=drawn.page.number == 1 and sitting.position == 0,
        signature=sitting.answers.signatures.get(drawn.page.signs),
        tool_form="answers",
        back_here=url_for("intake.form_page", position=sitting.position, at=drawn.page.key),
    )


@blueprint.post("/tablet/form/<int:position>")
@requires("intake.answer")
def answer_page(position: int) -> Response:
    """Next, Back, and adding or removing a row; every answer on the page is kept first."""
    drawn, target = transact(lambda store: _move(store, position))
    speak(drawn.sitting.packet)
    if target:
        if target == url_for("intake.thanks"):
            remember(drawn.sitting.packet)
        return redirect(target, 303)
    if drawn.missing:
        return tablet_page("intake/missing.html", 422, missing=drawn.missing, drawn=drawn)
    return draw(drawn)


def _move(store: Store, position: int) -> tuple[Drawn, str]:
    sitting = seat(store, position, lock=True)
    if sitting.packet.forms[position].done:
        return _drawn(store, sitting, Page(sitting.form.title, ())), url_for("intake.tablet")
    do, _colon, name = request.form.get("do", "next").partition(":")
    sitting, unread = read_request(store, sitting)
    page = page_at(pages(sitting.settled), request.form.get("at", "")[:60])
    steps: dict[str, Callable[[], tuple[Drawn, str]]] = {
        "back": lambda: _back(store, sitting, page),
        "add": lambda: _rows(store, sitting, page, name),
        "more": lambda: _again(store, sitting, page),
        "remove": lambda: _rows(store, sitting, page, name, remove=True),
    }
    step = steps.get(do)
    return step() if step else _next(store, sitting, page, unread)


def shown_entries(sitting: Sitting) -> list[Entry]:
    """The questions that were on the page that was sent, as the form knows them."""
    found = (locate(sitting.form, name) for name in request.form.getlist("shown")[:MOST_SHOWN])
    places = [place for place in found if place and place[0].question and _has_row(sitting, *place)]
    return [Entry("question", item, row) for item, row in places]


def _has_row(sitting: Sitting, item: Item, row: tuple[int, ...]) -> bool:
    groups = [sitting.form.every[number] for number in item.level]
    rows = (sitting.answers.row_count(group, row[:at]) for at, group in enumerate(groups))
    return all(index < count for index, count in zip(row, rows, strict=True))


def read_request(store: Store, sitting: Sitting) -> tuple[Sitting, tuple[Fault, ...]]:
    """The sitting with what was sent, and what could not be read."""
    entries = shown_entries(sitting)
    read = read_page(entries, request.form.to_dict(flat=False), zone=store.practice.zone)
    answers = sitting.answers
    for name, value in read.values.items():
        answers = answers.with_value(name, value)
    answers, refused = keep_files(store, entries, answers, request.files)
    sitting = service.with_answers(sitting, answers)
    sitting, unsigned = _signed(store, sitting)
    return sitting, (*read.faults, *refused, *unsigned)


def _signed(store: Store, sitting: Sitting) -> tuple[Sitting, tuple[Fault, ...]]:
    name = request.form.get("signs", "")
    points, signer = request.form.get("signature", ""), request.form.get("signer", "")
    place = locate(sitting.form, name)
    wanted = name == WHOLE_FORM or bool(place and place[0].signature)
    if not wanted or not (points or signer.strip()):
        return sitting, ()
    try:
        svg = svg_of(points)
    except Invalid as error:
        return sitting, (Fault(name, sitting.form.title, error.message),)
    return service.sign(sitting, name, svg=svg, signer=signer, when=instant_text(store.now)), ()


def keep_from_request(store: Store, found: packets.Packet, position: int) -> None:
    """Keep what stands on a question page as a draft."""
    if position < len(found.forms) and not found.forms[position].done:
        sitting, _unread = read_request(store, service.sit_down(store, found, position))
        service.keep_draft(store, sitting)


@blueprint.post("/tablet/form/<int:position>/answer")
@requires("intake.answer")
def answer(position: int) -> Response:
    """Keep answers as they are given. 204, or the sheet again when other questions are asked now."""

    def work(store: Store) -> Drawn | None:
        sitting = seat(store, position, lock=True)
        if sitting.packet.forms[position].done:
            return None
        sitting, _unread = read_request(store, sitting)
        service.keep_draft(store, sitting)
        page = page_at(pages(sitting.settled), request.form.get("at", "")[:60])
        same = [entry.name for entry in page.questions] == request.form.getlist("shown")
        fixed = any(field.item.logic.calculated for field in page.questions)
        return None if same and not fixed else _drawn(store, sitting, page)

    drawn = transact(work)
    if drawn is None:
        return Response(status=204)
    speak(drawn.sitting.packet)
    return draw(drawn)


def _next(store: Store, sitting: Sitting, page: Page, unread: tuple[Fault, ...]) -> tuple[Drawn, str]:
    shown = frozenset(request.form.getlist("shown"))
    unreadable = {fault.name for fault in unread}
    wrong = [fault for fault in validate_page(sitting.settled, page) if fault.name not in unreadable]
    faults = tuple(fault for fault in (*unread, *wrong) if fault.name in shown or fault.name == page.signs)
    if faults:
        service.keep_draft(store, sitting)
        return _drawn(store, sitting, page, faults), ""
    if is_check(sitting):
        return _back_to_tiles(store, sitting, page)
    following = after(pages(sitting.settled), shown, page.key)
    if following is not None:
        sitting = service.keep_page(store, sitting)
        target = url_for("intake.form_page", position=sitting.position, at=following.key)
        return _drawn(store, sitting, page), target
    return finish_form(store, sitting, page)


def _back_to_tiles(store: Store, sitting: Sitting, page: Page) -> tuple[Drawn, str]:
    from clinic.intake.routes.still_right import marked

    group = page.group
    sitting = service.keep_page(store, sitting)
    packet = marked(store, sitting.packet, group.link_id, "changed") if group else sitting.packet
    done = _drawn(store, replace(sitting, packet=packet), page)
    return done, url_for("intake.still_right", position=sitting.position)


def finish_form(store: Store, sitting: Sitting, page: Page) -> tuple[Drawn, str]:
    """Complete the form, or say what is still missing and on which page."""
    sitting, faults = service.complete(store, sitting)
    if faults:
        service.keep_draft(store, sitting)
        found = pages(sitting.settled)
        listed = []
        for fault in faults:
            there = page_of(found, fault.name) or page
            url = url_for("intake.form_page", position=sitting.position, at=there.key)
            listed.append((fault.label.say(sitting.packet.language or "en"), sentence(fault), url))
        return replace(_drawn(store, sitting, page), missing=tuple(listed)), ""
    position = sitting.packet.next_form
    target = url_for("intake.thanks") if position is None else url_for("intake.form_page", position=position)
    return Drawn(sitting, page, Progress(1, 1), store.practice), target


def _back(store: Store, sitting: Sitting, page: Page) -> tuple[Drawn, str]:
    service.keep_draft(store, sitting)
    drawn = _drawn(store, sitting, page)
    if is_check(sitting):
        return drawn, url_for("intake.still_right", position=sitting.position)
    found = pages(sitting.settled)
    if page.number > 1:
        before = found[page.number - 2]
        return drawn, url_for("intake.form_page", position=sitting.position, at=before.key)
    return drawn, url_for("intake.welcome")


def _again(store: Store, sitting: Sitting, page: Page) -> tuple[Drawn, str]:
    """One more empty line: a repeating question always has one after its last answer."""
    service.keep_draft(store, sitting)
    target = url_for("intake.form_page", position=sitting.position, at=page.key)
    return _drawn(store, sitting, page), target


def _rows(store: Store, sitting: Sitting, page: Page, name: str, *, remove: bool = False) -> tuple[Drawn, str]:
    """Add an empty row to a repeating group, or take one away with its answers."""
    answers = _without_row(sitting, name) if remove else _with_row(sitting, name)
    sitting = service.with_answers(sitting, answers)
    service.keep_draft(store, sitting)
    found = pages(sitting.settled)
    anchor = request.form.get("at", "")[:60]
    if not remove:
        place = locate(sitting.form, name)
        count = answers.row_count(*place) if place else 1
        anchor = "-".join([f"h{place[0].number}", *map(str, (*place[1], count - 1))]) if place else anchor
    target = url_for("intake.form_page", position=sitting.position, at=page_at(found, anchor).key)
    return _drawn(store, sitting, page), target


def _with_row(sitting: Sitting, name: str) -> Answers:
    place = locate(sitting.form, name)
    if not place or place[0].kind != "group" or not place[0].repeats or not _has_row(sitting, *place):
        return sitting.answers
    group, row = place
    most = min(group.limits.max_occurs or MOST_ROWS, MOST_ROWS)
    count = sitting.answers.row_count(group, row)
    return sitting.answers.with_rows(name, min(count + 1, most))


def _without_row(sitting: Sitting, target: str) -> Answers:
    """Take away row n of a group (`q7:n`) and move the later rows up."""
    name, _colon, index = target.partition(":")
    place = locate(sitting.form, name)
    if not place or not index.isdigit() or not place[0].repeats or not _has_row(sitting, *place):
        return sitting.answers
    group, row = place
    count, gone = sitting.answers.row_count(group, row), int(index[:4])
    if gone >= count:
        return sitting.answers
    return _shifted(sitting, group, row, gone).with_rows(name, count - 1)


def _shifted(sitting: Sitting, group: Item, row: tuple[int, ...], gone: int) -> Answers:
    depth = len(group.level)

    def moved(name: str) -> str | None:
        place = locate(sitting.form, name)
        if not place or group.number not in place[0].level or place[1][:depth] != row:
            return name
        item, at = place
        if at[depth] == gone:
            return None
        up = at[depth] - (at[depth] > gone)
        return item.name((*at[:depth], up, *at[depth + 1 :]))

    answers = sitting.answers
    values = {moved(name): value for name, value in answers.values.items()}
    rows = {moved(name): value for name, value in answers.rows.items()}
    return Answers(
        {name: value for name, value in values.items() if name},
        {name: value for name, value in rows.items() if name},
        answers.signatures,
    )


__all__ = ["FieldView", "draw", "keep_from_request"]
