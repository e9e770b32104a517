"""The screens of the measures: for managers, with their tables, files and the visits behind them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from clinic.audit.reader import Wanted, search
from clinic.fhir.practice import save_practice
from clinic.fhir.store import Store
from clinic.management.measures.reports import TOPICS
from clinic.web.state import state_of
from tests.benchmarks.measure import statements
from tests.management.conftest import in_app
from tests.management.measures.conftest import write_past

DAY = {"day": "2027-03-10"}
MOST_STATEMENTS = 6


@pytest.fixture
def manager(app: Flask, client_of: Callable[[str], FlaskClient]) -> FlaskClient:
    """The manager of a practice with two months behind it; it is the 9th of March."""

    def fill(store: Store) -> None:
        write_past(store, 300)
        save_practice(store.conn, store.practice)

    in_app(state_of(app), fill)
    return client_of("manager")


def text_of(client: FlaskClient, path: str, **args: str) -> str:
    answer = client.get(f"/management/measures{path}", query_string=args)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


@pytest.mark.parametrize("topic", TOPICS)
def test_every_measure_is_shown_by_each_of_its_lines_with_few_statements(
    app: Flask, manager: FlaskClient, topic: str
) -> None:
    known = TOPICS[topic]
    for by in known.by:
        for what in known.whats or ("",):
            text_of(manager, f"/{topic}", by=by, what=what, **DAY)
            with statements(state_of(app).database.engine) as sent:
                text_of(manager, f"/{topic}", by=by, what=what, **DAY)
            assert len([one for one in sent if "audit_" not in one]) <= MOST_STATEMENTS


def test_the_table_is_the_content_and_the_picture_says_that(manager: FlaskClient) -> None:
    page = text_of(manager, "/waiting", by="hour", **DAY)
    assert re.search(r'<svg class="measure"[^>]* role="img" aria-label="[^"]*table below"', page)
    assert page.count('<th scope="row">') > 3
    assert "compared with 1 Feb to 28 Feb" in page


def test_nothing_is_said_of_fewer_than_five_visits(manager: FlaskClient) -> None:
    page = text_of(manager, "/waiting", by="hour", period="day", day="2027-03-04")
    assert "fewer than 5 visits" in page


def test_days_without_visits_say_so(manager: FlaskClient) -> None:
    page = text_of(manager, "/missed", day="2020-03-04")
    assert "Nothing to count in these days" in page
    assert "<svg class=" not in page.split("<main", 1)[1].split("measure", 1)[0]


def test_a_long_range_is_fetched_by_itself(manager: FlaskClient) -> None:
    own = {"period": "own", "first": "2026-01-01", "last": "2027-03-31"}
    page = text_of(manager, "/missed", **own)
    assert '<th scope="row">' not in page
    address = re.search(r'hx-get="([^"]*/body[^"]*)"', page)
    assert address is not None
    body = manager.get(address[1].replace("&amp;", "&"), headers={"HX-Request": "true"}).get_data(as_text=True)
    assert '<th scope="row">' in body
    assert "<html" not in body
    assert manager.get("/management/measures/missed/body").status_code == 303


def test_the_overview_fetches_one_number_of_each(manager: FlaskClient) -> None:
    page = text_of(manager, "", **DAY)
    found = re.findall(r'hx-get="([^"]*/tile[^"]*)"', page)
    assert len(found) == len(TOPICS)
    for address in found:
        tile = manager.get(address.replace("&amp;", "&"), headers={"HX-Request": "true"})
        assert tile.status_code == 200
        assert "<html" not in tile.get_data(as_text=True)
    assert manager.get("/management/measures/use/tile").status_code == 303


def test_a_number_leads_to_its_visits_and_the_look_is_noted(app: Flask, manager: FlaskClient) -> None:
    page = text_of(manager, "/missed", by="weekday", **DAY)
    addresses = re.findall(r'href="([^"]*/missed/visits[^"]*only=noshow[^"]*)">(\d+)<', page)
    assert addresses
    address, number = addresses[0]
    behind = manager.get(address.replace("&amp;", "&")).get_data(as_text=True)
    assert f'<span class="count">{number}</span>' in behind
    assert behind.count("Did not come") >= int(number)
    with state_of(app).database.read() as conn:
        assert any("visits behind missed" in one for line in search(conn, Wanted(verb="search")) for one in line.things)


def test_what_has_no_list_behind_it_says_so(manager: FlaskClient) -> None:
    assert manager.get("/management/measures/promises/visits").status_code == 404


@pytest.mark.parametrize("topic", TOPICS)
def test_the_files_hold_the_table(manager: FlaskClient, topic: str) -> None:
    args = {"by": TOPICS[topic].by[-1], **DAY}
    text = text_of(manager, f"/{topic}.csv", **args)
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    answer = manager.get(f"/management/measures/{topic}.xlsx", query_string=args)
    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    cells = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert cells == rows
    assert len({len(row) for row in rows}) == 1
    assert rows[-1][0] == "All"
    shown = re.findall(r'<th scope="row"><bdi>([^<]*)</bdi>', text_of(manager, f"/{topic}", **args))
    assert [row[0] for row in rows[1:-1]] == shown


def test_figures_below_zero_stay_figures(manager: FlaskClient) -> None:
    sheet = load_workbook(io.BytesIO(manager.get("/management/measures/lateness.xlsx", query_string=DAY).data)).active
    assert sheet is not None
    assert {type(row[1]) for row in sheet.iter_rows(min_row=2, values_only=True)} == {int}
    assert "'-" not in text_of(manager, "/lateness.csv", **DAY)


@pytest.mark.parametrize(
    "args",
    [
        {"period": "century", "day": "yesterday"}, {"period": "own", "first": "2999-01-01", "last": "x"},
        {"by": "colour", "what": "soup"}, {"provider": "'; --", "type": "%", "site": "\\"},
        {"period": "own", "first": "1900-01-01", "last": "2099-01-01"}, {"page": "-4", "key": "x" * 500},
    ],
)  # fmt: skip
@pytest.mark.parametrize("topic", ["waiting", "missed", "use", "ahead"])
def test_an_address_that_makes_no_sense_shows_the_usual(manager: FlaskClient, topic: str, args: dict[str, str]) -> None:
    text_of(manager, f"/{topic}", **args)
    text_of(manager, f"/{topic}/visits", **args)


@pytest.mark.parametrize("role", ["receptionist", "billing"])
def test_the_measures_are_for_those_who_lead(
    manager: FlaskClient, client_of: Callable[[str], FlaskClient], role: str
) -> None:
    other = client_of(role)
    for path in ("", "/waiting", "/waiting/body", "/waiting/tile", "/waiting.csv", "/waiting.xlsx", "/waiting/visits"):
        assert other.get(f"/management/measures{path}").status_code == 403
    assert "Measures" in manager.get("/management/").get_data(as_text=True)
