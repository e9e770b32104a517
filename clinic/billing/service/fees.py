"""The practice's own codes and fees: kept one by one or taken from a CSV file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from clinic.billing import queries
from clinic.billing.mapping import Fee, definition_of, fee_in
from clinic.codes import HCPCS, OWN_PROCEDURES, URI, find_many
from clinic.codes.systems import key_of
from clinic.core.errors import Invalid, Missing
from clinic.core.json import Json
from clinic.core.money import parse_money
from clinic.fhir.store import Store

MOST_ROWS = 20_000
_CODE = re.compile(r"[A-Z0-9](?:[A-Z0-9.-]{0,22}[A-Z0-9])?")
_MOST_CENTS = 99_999_999
_COLUMNS = {"code", "description", "fee"}


@dataclass(frozen=True, slots=True)
class FeeLine:
    """One row of a fee file; `fault` says what is wrong with it."""

    number: int
    fee: Fee | None
    fault: str = ""


def fees(store: Store) -> list[Fee]:
    """The codes and fees in use, by section and code."""
    return queries.fees(store.conn)


def save_fee(store: Store, fee: Fee, *, version: int | None = None) -> Json:
    """Add a code with its fee, or change the one with this id. Raises Invalid beside the field, Stale."""
    checked = _checked(fee)
    same = queries.fees_of(store.conn, [checked.code]).get(key_of(checked.code))
    if same is not None and same.id != fee.id:
        raise Invalid("This code is in the list already.", field="code")
    listed = (HCPCS, key_of(checked.code)) in find_many(store.conn, [(HCPCS, checked.code)])
    checked = replace(checked, system=URI[HCPCS] if listed else OWN_PROCEDURES)
    return _write(store, checked, version)


def retire_fee(store: Store, fee_id: str) -> Json:
    """Take a code out of use, or back into it; sheets that hold it keep their price. Raises Missing."""
    resource = store.read("ChargeItemDefinition", fee_id)
    fee = fee_in(resource)
    if fee is None:
        raise Missing("This is not one of the practice's codes.")
    return store.update({**resource, "status": "retired" if fee.active else "active"})


def read_fee_lines(text: str) -> list[FeeLine]:
    """The rows of a CSV file with the columns code, description, fee and section, each with its fault."""
    text = text.removeprefix("\ufeff")
    separator = max(",;\t", key=text.partition("\n")[0].count)
    rows = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    lines: list[FeeLine] = []
    try:
        heads = [head.strip().casefold() for head in next(rows, [])]
        if not set(heads) >= _COLUMNS:
            raise Invalid("The first row must name the columns code, description and fee.", field="file")
        for number, row in enumerate(rows, 2):
            if any(cell.strip() for cell in row):
                lines.append(_fee_line(number, dict(zip(heads, row, strict=False))))
            if len(lines) > MOST_ROWS:
                raise Invalid("The file has more than 20,000 rows.", field="file")
    except csv.Error as error:
        raise Invalid("This file could not be read as CSV.", field="file") from error
    return lines


def import_fees(store: Store, lines: Sequence[FeeLine]) -> tuple[int, int]:
    """Take the rows without a fault; gives how many codes are new and how many have changed."""
    there = {key_of(fee.code): fee for fee in queries.fees(store.conn, all_of_them=True)}
    listed = find_many(store.conn, [(HCPCS, line.fee.code) for line in lines if line.fee])
    new = changed = 0
    for line in lines:
        if line.fee is None:
            continue
        key = key_of(line.fee.code)
        known = there.get(key)
        system = URI[HCPCS] if (HCPCS, key) in listed else OWN_PROCEDURES
        fee = replace(line.fee, system=system, id=known.id if known else "")
        if known is not None and replace(known, version=0) == fee:
            continue
        written = fee_in(_write(store, fee, None))
        if written is not None:
            there[key] = written
        new, changed = new + (known is None), changed + (known is not None)
    return new, changed


def _write(store: Store, fee: Fee, version: int | None) -> Json:
    resource = definition_of(fee, store.practice.currency)
    return store.update(resource, version=version) if fee.id else store.create(resource)


def _checked(fee: Fee) -> Fee:
    code, display = fee.code.strip().upper(), " ".join(fee.display.split())
    if not _CODE.fullmatch(code):
        raise Invalid("A code has 1 to 24 letters, digits, dots or hyphens.", field="code")
    if not display or len(display) > 200:
        raise Invalid("Say in at most 200 letters what is done.", field="display")
    if not 0 <= fee.cents <= _MOST_CENTS:
        raise Invalid("A fee lies between 0 and 999,999.99.", field="fee")
    return replace(fee, code=code, display=display, section=" ".join(fee.section.split())[:60])


def _fee_line(number: int, row: dict[str, str]) -> FeeLine:
    try:
        cents = parse_money(row.get("fee", "")).cents
    except ValueError:
        return FeeLine(number, None, "The fee cannot be read.")
    fee = Fee(row.get("code", ""), row.get("description", ""), cents, section=row.get("section", "") or "")
    try:
        return FeeLine(number, _checked(fee))
    except Invalid as error:
        return FeeLine(number, None, error.message)
