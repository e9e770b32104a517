"""`clinic import` takes lists too: by their columns' names, or by a mapping that was kept on the screen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from clinic.cli import data
from clinic.transfer.service import runs
from clinic.web.state import State
from tests.transfer.factories import a_csv, a_row, an_import

ROWS = (
    a_row("OC-1001", "Mafe", "García"),
    a_row("OC-1002", "", "Nobody"),
    a_row("OC-1003", "Noor", "Aziz", "12/25/1990"),
)


@pytest.fixture
def run(state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setattr(data, "open_state", lambda: state)

    def invoke(content: bytes, *options: str, name: str = "people.csv") -> Result:
        path = tmp_path / name
        path.write_bytes(content)
        return CliRunner().invoke(data.import_, [str(path), *options])

    return invoke


def test_a_list_is_brought_in_and_what_is_not_taken_is_said_by_line(run) -> None:  # type: ignore[no-untyped-def]
    first = run(a_csv(*ROWS), "--source", "Old Chart")
    assert first.exit_code == 1
    assert "people.csv:3: Give a first name" in first.output
    assert "2 new, 0 filled in, 0 unchanged, 0 left out, 1 not taken" in first.output
    again = run(a_csv(*ROWS[::2]), "--source", "Old Chart")
    assert again.exit_code == 0
    assert "0 new, 0 filled in, 2 unchanged" in again.output


def test_a_mapping_that_was_kept_is_used_by_its_name(state: State, run) -> None:  # type: ignore[no-untyped-def]
    heads = ("a", "b", "c", "d")
    rows = (("1", "Ann", "Berg", "01/02/1980"), ("2", "Bo", "Cruz", "03/04/1990"))
    one = an_import(state, a_csv(*rows, heads=heads))
    mapping = replace(one.now.mapping, columns=("key", "given", "family", "birth_date"), date_order="dmy")
    one.do(lambda store: runs.choose_mapping(store, one.id, mapping, "Four columns"))
    assert "2 new" in run(a_csv(*rows, heads=heads), "--mapping", "Four columns").output
    unknown = run(a_csv(*rows, heads=heads), "--mapping", "Five columns")
    assert unknown.exit_code == 1
    assert "there are: Four columns" in unknown.output


def test_what_is_no_list_or_lacks_a_column_ends_with_a_plain_reason(run) -> None:  # type: ignore[no-untyped-def]
    assert "one column only" in run(b"Name\nAnn\n", "--source", "Old").output
    assert (
        "no column of the file becomes: birth_date"
        in run(b"First name,Last name\nAnn,Berg\n", "--source", "Old").output
    )
    assert run(b"First name,Last name\nAnn,Berg\n").exit_code == 2
