"""Matching columns: what each becomes, how dates are written, what words mean; shown as it would be read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import current_app, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import require_own_form, requires
from clinic.core.errors import N_, ClinicError, Invalid
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.regions import read_phone, region_of, show_phone
from clinic.registration.queries.own import asked_fields
from clinic.registration.rules.checking import Desk
from clinic.transfer.forms import StepForm
from clinic.transfer.queries.imports import same_file_before
from clinic.transfer.routes import blueprint
from clinic.transfer.routes.words import ORDERS, meanings
from clinic.transfer.rules.analysis import Found, look_at
from clinic.transfer.rules.columns import FULL_ADDRESS, FULL_NAME, Target, targets_of
from clinic.transfer.rules.encoding import ENCODINGS
from clinic.transfer.rules.lines import DELIMITERS
from clinic.transfer.rules.person import Mapping
from clinic.transfer.rules.values import KINDS, day_text, is_figures, order_of, split_address, split_name
from clinic.transfer.service import runs
from clinic.transfer.service.people import desk_for, mapping_faults
from clinic.transfer.service.runs import Run
from clinic.web.filters import day
from clinic.web.respond import go, page
from clinic.web.state import state_of
from clinic.web.transaction import look, transact

LACKING = N_("No column becomes: %(fields)s. Nobody can be registered without.")
_MOST_WORDS = 40


@blueprint.post("/imports/<run_id>/columns")
@requires("patients.import")
def map_columns(run_id: str) -> Response:
    """Take the matching and check the file with it; or only show how it would be read."""
    require_own_form()
    form = StepForm.of_request()
    fine = form.validate()
    run, desk = look(lambda store: (runs.run_of(store, run_id), desk_for(store)))
    mapping = _sent(run, desk)
    if not fine or request.form.get("do") != "check":
        return columns_page(run, mapping, form, part=request.form.get("do") == "look")
    lacking = mapping_faults(mapping)
    if lacking:
        labels = {target.code: _(target.label) for target in targets_of(desk.region, desk.own)}
        form.show(Invalid(LACKING, fields=", ".join(labels[code] for code in lacking)))
        return columns_page(run, mapping, form, status=422)
    transact(lambda store: _check(store, run_id, mapping))
    return go(url_for("transfer.one_import", run_id=run_id))


@blueprint.post("/imports/<run_id>/reading")
@requires("patients.import")
def read_again(run_id: str) -> Response:
    """Read the file in another way: encoding, delimiter, header, sheet; or take a mapping that is kept."""
    form = StepForm.of_request()
    run = look(lambda store: runs.run_of(store, run_id))
    try:
        if not form.validate():
            return columns_page(run, run.mapping, form, status=422)
        found = _read(run)
        transact(lambda store: _reread(store, run, found))
    except ClinicError as error:
        form.show(error)
        return columns_page(run, run.mapping, form, status=422)
    return go(url_for("transfer.one_import", run_id=run_id))


def columns_page(
    run: Run, mapping: Mapping | None = None, form: StepForm | None = None, *, part: bool = False, status: int = 200
) -> Response:
    """The columns with what they hold and become."""
    mapping = mapping or run.mapping

    def load(store: Store) -> Json:
        return {
            "mapping": runs.with_words(mapping, run.found, store), "desk": desk_for(store),
            "names": runs.mapping_names(store), "before": same_file_before(store, run.id),
            "targets": targets_of(region_of(store.practice.region), asked_fields(store)),
        }  # fmt: skip

    values = look(load)
    shown: Mapping = values["mapping"]
    values |= {
        "run": run, "form": form or StepForm.of_request(), "orders": ORDERS, "encodings": ENCODINGS,
        "delimiters": DELIMITERS, "words": _words(run.found, shown, values["targets"]),
        "read_as": [_read_as(code, column.samples, shown, values["desk"]) for code, column in _pairs(run, shown)],
        "groups": _groups(values["targets"]), "dates": _dates(run, shown, values["desk"]),
        "dates_of": dates_of(shown.columns),
        "has_names": FULL_NAME in shown.columns or "emergency_given" in shown.columns,
    }  # fmt: skip
    return page("transfer/_columns.html" if part else "transfer/columns.html", status, **values)


def _check(store: Store, run_id: str, mapping: Mapping) -> None:
    name = " ".join(request.form.get("keep_as", "").split())[:80]
    runs.choose_mapping(store, run_id, mapping, name)
    runs.begin_phase(store, run_id, runs.CHECK)


def _reread(store: Store, run: Run, found: Found) -> None:
    if found.reading != run.reading:
        runs.read_again(store, run.id, found)
    name = request.form.get("named", "")
    mapping = runs.named_mapping(store, name, found, run.source) if name else None
    if mapping is not None:
        runs.choose_mapping(store, run.id, runs.with_words(mapping, found, store))


def _read(run: Run) -> Found:
    given, now = request.form, run.reading
    header = given.get("header", "")
    reading = replace(
        now,
        encoding=given.get("encoding", now.encoding)[:20],
        delimiter={"tab": "\t"}.get(given.get("delimiter", ""), given.get("delimiter", now.delimiter))[:1],
        quotes="no_quotes" not in given,
        sheet=given.get("sheet", now.sheet)[:80],
        header=int(header) if header.isascii() and header.isdigit() and len(header) < 7 else -1,
    )
    if reading == now:
        return run.found
    with runs.copy_of(lambda part: look(lambda store: runs.part_of(store, run.id, part))) as file:
        return look_at(file, reading, _region())


def _sent(run: Run, desk: Desk) -> Mapping:
    """The matching as it was sent; what is odd counts as not chosen."""
    given = request.form
    targets = {target.code: target for target in targets_of(desk.region, desk.own)}
    columns = tuple(given.get(f"c{place}", "") for place in range(len(run.found.columns)))
    columns = tuple(code if code in targets else "" for code in columns)
    order = given.get("date_order", "")
    mapping = Mapping(
        columns,
        source=run.source,
        date_order=order if order in ORDERS else run.mapping.date_order,
        name_order="family" if given.get("name_order") == "family" else "given",
        hold_back="hold_back" in given,
    )
    if given.get("dates_of") != dates_of(columns):
        mapping = replace(mapping, date_order=order_of(_values(run, columns), run.mapping.date_order)[0])
    return replace(mapping, words=_sent_words(run, mapping, targets))


def dates_of(columns: tuple[str, ...]) -> str:
    """Which columns the order of dates is about: when it becomes another, the order is guessed again."""
    return ",".join(str(place) for place, code in enumerate(columns) if code == "birth_date")


def _sent_words(run: Run, mapping: Mapping, targets: dict[str, Target]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for code, words in _words_of(run.found, mapping, targets).items():
        allowed = {*(meaning for meaning, _words in meanings(targets[code].kind, _region().languages)), "-"}
        sent = {word: request.form.get(f"w-{code}-{place}", "?") for place, word in enumerate(words)}
        found[code] = {word: meant for word, meant in sent.items() if meant in allowed}
    return found


def _words_of(found: Found, mapping: Mapping, targets: dict[str, Target]) -> dict[str, list[str]]:
    """The words of every column that holds words, by what it becomes."""
    words: dict[str, dict[str, None]] = {}
    for code, column in zip(mapping.columns, found.columns, strict=True):
        if code in targets and targets[code].kind in KINDS:
            words.setdefault(code, {}).update(dict.fromkeys(sorted(column.words or column.samples)))
    return {code: list(one)[:_MOST_WORDS] for code, one in words.items()}


def _words(found: Found, mapping: Mapping, targets: tuple[Target, ...]) -> list[Json]:
    by_code = {target.code: target for target in targets}
    counts = {code: column.words or {} for code, column in zip(mapping.columns, found.columns, strict=True)}
    return [
        {
            "target": by_code[code], "meanings": meanings(by_code[code].kind, _region().languages),
            "words": [(word, counts[code].get(word, 0), mapping.words.get(code, {}).get(word)) for word in words],
        }
        for code, words in _words_of(found, mapping, by_code).items()
    ]  # fmt: skip


def _read_as(code: str, samples: tuple[str, ...], mapping: Mapping, desk: Desk) -> str:
    """How the first value of a column would be read; empty where it is taken as it stands."""
    value = samples[0] if samples else ""
    if not code or not value:
        return ""
    labels = {target.code: target.label for target in targets_of(desk.region, desk.own)}
    if code == "birth_date":
        return _day_words(value, mapping.date_order, desk)
    if code in (FULL_NAME, FULL_ADDRESS):
        parts = split_name(value, mapping.name_order) if code == FULL_NAME else split_address(value)
        return "; ".join(f"{_(labels[name])}: {part}" for name, part in parts.items())
    if code.endswith("phone") or code == "mobile":
        try:
            return show_phone(read_phone(value, desk.region), desk.region)
        except ValueError as fault:
            return str(fault)
    return ""


def _dates(run: Run, mapping: Mapping, desk: Desk) -> list[tuple[str, str]]:
    """Some dates of the file, and how each would be read."""
    values = _values(run, mapping.columns)[:4]
    return [(value, _day_words(value, mapping.date_order, desk)) for value in values]


def _day_words(value: str, order: str, desk: Desk) -> str:
    text = day_text(value, order, desk.today) if is_figures(value) else value
    shown = day(text, "d MMMM y") if text and is_figures(text) else text
    return _("Read as %(date)s", date=shown) if text else _("does not fit this order")


def _values(run: Run, columns: tuple[str, ...]) -> list[str]:
    return [
        value for code, column in zip(columns, run.found.columns, strict=True) if code == "birth_date"
        for value in (column.samples if column.words is None else column.words)
    ]  # fmt: skip


def _pairs(run: Run, mapping: Mapping) -> list[tuple[str, Any]]:
    return list(zip(mapping.columns, run.found.columns, strict=True))


def _groups(targets: tuple[Target, ...]) -> list[tuple[str, list[Target]]]:
    found: dict[str, list[Target]] = {}
    for target in targets:
        found.setdefault(target.group, []).append(target)
    return list(found.items())


def _region() -> Any:
    return region_of(state_of(current_app).practice.region)
