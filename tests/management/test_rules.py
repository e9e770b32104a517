"""Weekly hours as people type them, cells that no spreadsheet runs, and who may change whom."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as some

from clinic.core.csvline import csv_line, neutral
from clinic.core.errors import Forbidden, Invalid
from clinic.management.rules import (
    Stretch,
    read_week,
    require_may_change,
    typed_week,
    weekly_minutes,
)


def test_a_week_is_read_as_people_type_it() -> None:
    week = read_week({"mon_1_from": "8", "mon_1_to": "12:30", "mon_2_from": "1pm", "mon_2_to": "17.00"})
    assert week == (Stretch("mon", time(8), time(12, 30)), Stretch("mon", time(13), time(17)))
    assert weekly_minutes(week) == 510
    assert read_week(typed_week(week)) == week


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"mon_1_from": "8"}, "mon_1_to"),
        ({"mon_1_to": "8"}, "mon_1_from"),
        ({"mon_1_from": "25", "mon_1_to": "8"}, "mon_1_from"),
        ({"mon_1_from": "9", "mon_1_to": "9"}, "mon_1_to"),
        ({"tue_1_from": "9", "tue_1_to": "8"}, "tue_1_to"),
        ({"tue_1_from": "9", "tue_1_to": "12", "tue_2_from": "11", "tue_2_to": "13"}, "tue_2_from"),
        ({"wed_1_from": "<b>", "wed_1_to": "13"}, "wed_1_from"),
    ],
)
def test_a_wrong_time_is_told_at_its_field(typed: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_week(typed)
    assert field in [detail.field for detail in caught.value.details]


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff20a"]
)
def test_a_cell_that_looks_like_a_formula_is_made_text(cell: str) -> None:
    assert neutral(cell) == "'" + cell


@given(some.text())
def test_no_text_leaves_its_cell(text: str) -> None:
    line = csv_line([text, "end"])
    assert line.startswith('"')
    assert line.endswith('","end"\r\n')
    assert line[1:].replace('""', "").count('"') == 3
    assert line[1] not in "=+-@\t"


def test_only_an_administrator_touches_administrators() -> None:
    require_may_change("administrator", "administrator", "manager")
    require_may_change("manager", "manager", "receptionist")
    for roles in (("administrator", "manager"), ("receptionist", "administrator")):
        with pytest.raises(Forbidden):
            require_may_change("manager", *roles)
