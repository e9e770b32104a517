"""The billing screens: who may see them, what they do without script, what they answer to odd input."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.core.actor import SYSTEM
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.web.state import state_of
from tests.billing import factories as f
from tests.factories import token_in


@pytest.fixture
def visit(app: Flask) -> Json:
    """A finished visit of a patient with coverage, codes and fees loaded."""
    state = state_of(app)

    def make(conn: object) -> Json:
        store = Store(conn, state.setting, actor=SYSTEM, now=state.clock.now())  # type: ignore[arg-type]
        f.few_codes(store)
        f.price_list(store)
        patient = f.a_person(store)
        f.a_coverage(store, patient)
        return f.a_visit(store, patient, provider=f.a_provider(store))

    return state.database.run_write(make)


@pytest.fixture
def biller(client_of: Callable[[str], FlaskClient]) -> FlaskClient:
    """A browser of the billing office."""
    return client_of("billing")


def url(visit: Json) -> str:
    return f"/billing/visits/{visit['id']}"


def hidden(page: str, name: str) -> str:
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page)
    assert found, name
    return found[1]


def press(client: FlaskClient, visit: Json, **fields: object) -> tuple[int, str]:
    """Open the sheet, add fields, press; gives the status and the page."""
    page = client.get(url(visit)).get_data(as_text=True)
    data: dict[str, object] = {name: hidden(page, name) for name in ("csrf_token", "once", "version")}
    answer = client.post(url(visit), data=data | fields)
    return answer.status_code, answer.get_data(as_text=True)


LINE = {
    "dx": ["I10"],
    "line": "1",
    "line-1-code": "V-EST-15",
    "line-1-units": "1",
    "line-1-fee": "105.00",
    "line-1-ptr": ["1"],
}


@pytest.mark.parametrize(
    ("role", "status"), [("billing", 200), ("manager", 200), ("administrator", 200), ("receptionist", 403)]
)
def test_diagnoses_are_for_the_office_only(
    client_of: Callable[[str], FlaskClient], visit: Json, role: str, status: int
) -> None:
    client = client_of(role)
    for path in (url(visit), "/billing/", "/billing/fees", "/billing/offers?kind=dx&q=pain"):
        assert client.get(path).status_code == status, path


def test_a_stranger_is_sent_to_sign_in(client_of: Callable[[str], FlaskClient], visit: Json) -> None:
    stranger = client_of("stranger")
    assert stranger.get(url(visit)).status_code == 303
    assert stranger.post(url(visit), data=LINE).status_code in (303, 401, 403)


def test_a_sheet_is_kept_and_shown_again(biller: FlaskClient, visit: Json) -> None:
    assert press(biller, visit, **LINE)[0] == 303
    page = biller.get(url(visit)).get_data(as_text=True)
    assert "Essential (primary) hypertension" in page
    assert "$105.00" in page
    assert "Ready for the claim" in page
    assert hidden(page, "version") == "1"


def test_a_code_typed_without_script_is_added_and_linked(biller: FlaskClient, visit: Json) -> None:
    assert press(biller, visit, **{"dx-new": "knee pain left"})[0] == 303
    assert press(biller, visit, dx="M25.562", **{"line-new": "v-est-15"})[0] == 303
    page = biller.get(url(visit)).get_data(as_text=True)
    assert 'id="line-1-ptr-1" value="1" checked' in page
    assert "$105.00" in page


def test_words_that_fit_several_codes_are_asked_about_and_the_choice_is_taken(biller: FlaskClient, visit: Json) -> None:
    status, page = press(biller, visit, **{"dx-new": "diabetes"})
    assert status == 200
    assert 'name="dx-pick" value="E11.65"' in page
    assert press(biller, visit, **{"dx-new": "diabetes", "dx-pick": "E11.65"})[0] == 303
    assert "E11.65" in biller.get(url(visit)).get_data(as_text=True)


def test_what_cannot_be_read_is_said_beside_its_cell_and_stays(biller: FlaskClient, visit: Json) -> None:
    status, page = press(
        biller, visit, **{**LINE, "line-1-units": "one", "line-1-fee": "12,345,6", "line-1-mod": ["??"]}
    )
    assert status == 422
    assert 'value="one"' in page
    assert page.count('aria-invalid="true"') >= 3
    assert "Write a number" in page
    assert hidden(page, "version") == "0"


def test_a_second_click_saves_once(biller: FlaskClient, visit: Json) -> None:
    page = biller.get(url(visit)).get_data(as_text=True)
    data = {name: hidden(page, name) for name in ("csrf_token", "once", "version")} | {"line-new": "LB-03"}
    assert [biller.post(url(visit), data=data).status_code for _ in range(2)] == [303, 303]
    assert biller.get(url(visit)).get_data(as_text=True).count('name="line" value') == 1


def test_a_stale_sheet_shows_both_and_loses_neither(biller: FlaskClient, visit: Json) -> None:
    old = biller.get(url(visit)).get_data(as_text=True)
    press(biller, visit, dx="E11.9")
    data = {name: hidden(old, name) for name in ("csrf_token", "once", "version")}
    answer = biller.post(url(visit), data={**data, **LINE})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "A E11.9" in page
    assert "A I10" in page
    again = {name: hidden(page, name) for name in ("csrf_token", "once", "version")}
    assert biller.post(url(visit), data={**again, **LINE}).status_code == 303


def test_a_repair_is_one_press_and_can_be_undone(biller: FlaskClient, visit: Json) -> None:
    unlinked = {name: value for name, value in LINE.items() if name != "line-1-ptr"}
    assert press(biller, visit, **unlinked)[0] == 303
    page = biller.get(url(visit)).get_data(as_text=True)
    assert "No link" in page
    assert press(biller, visit, **unlinked, do="link:1:1")[0] == 303
    assert "No link" not in biller.get(url(visit)).get_data(as_text=True)
    assert biller.post(f"{url(visit)}/undo", data={"csrf_token": hidden(page, "csrf_token")}).status_code == 303
    assert "No link" in biller.get(url(visit)).get_data(as_text=True)


def test_ready_closes_the_sheet_and_it_can_be_opened_again(biller: FlaskClient, visit: Json) -> None:
    assert press(biller, visit, **LINE, do="ready")[0] == 303
    page = biller.get(url(visit)).get_data(as_text=True)
    assert "Open again" in page
    assert 'name="dx-new"' not in page
    assert press(biller, visit, **LINE)[0] == 409
    assert press(biller, visit, do="reopen")[0] == 303
    assert 'name="dx-new"' in biller.get(url(visit)).get_data(as_text=True)


def test_an_unready_sheet_says_what_is_missing(biller: FlaskClient, visit: Json) -> None:
    status, page = press(biller, visit, do="ready")
    assert status == 422
    assert "Mend what the checks found first" in page


@pytest.mark.parametrize(
    "fields",
    [
        {"dx": ["<script>alert(1)</script>"]},
        {"dx": ["I10"] * 40},
        {"dx": ["'; DROP TABLE code; --"], "dx-new": "%_%"},
        {"line": [str(n) for n in range(1, 200)]},
        {"line": ["-1", "x", "1e9", "٣"]},
        {**LINE, "line-1-units": "9" * 400},
        {**LINE, "line-1-units": "NaN"},
        {**LINE, "line-1-units": "-1"},
        {**LINE, "line-1-fee": "1e9"},
        {**LINE, "line-1-fee": "99999999999999"},
        {**LINE, "line-1-day": "2027-02-30"},
        {**LINE, "line-1-ptr": ["99", "0", "x"]},
        {**LINE, "line-1-code": "=1+1"},
        {**LINE, "line-1-mod": ["LT"] * 9},
        {"place": "<b>"},
        {"place": "77"},
        {"do": "link:999999999999999999999:1"},
        {"do": "drop-dx:-1"},
        {"do": "x" * 500},
        {"do": "::::"},
        {"do": "units:1:99999999999999999999999999", **LINE},
        {"do": "fee:1:99999999999999999999999999", **LINE},
        {"do": "dx:1:<script>", **LINE},
        {"dx-new": "😀" * 500, "line-new": "😀"},
        {"version": "-1"},
        {"version": "99999999999999999999"},
        {"once": "x" * 5000},
    ],
)
def test_hostile_fields_get_an_answer_and_never_markup_or_a_crash(
    biller: FlaskClient, visit: Json, fields: dict[str, object]
) -> None:
    status, page = press(biller, visit, **fields)
    assert status < 500
    assert "<script>alert" not in page
    assert "<script>alert" not in biller.get(url(visit)).get_data(as_text=True)


@pytest.mark.parametrize("odd", ["\x00", "\u202e", "\x1b[31m"])
def test_control_characters_are_refused(biller: FlaskClient, visit: Json, odd: str) -> None:
    assert press(biller, visit, **{"dx-new": odd})[0] == 400


def test_a_form_without_its_token_changes_nothing(biller: FlaskClient, visit: Json) -> None:
    assert biller.post(url(visit), data=LINE).status_code in (403, 422)
    assert biller.post(f"{url(visit)}/undo").status_code in (400, 403, 422)
    assert "hypertension" not in biller.get(url(visit)).get_data(as_text=True)


@pytest.mark.parametrize(
    "path",
    ["/billing/visits/nothing", "/billing/visits/%00", "/billing/fees?fee=nothing", "/billing/offers?kind=gold&q=x"],
)
def test_what_is_not_there_is_said(biller: FlaskClient, path: str) -> None:
    assert biller.get(path).status_code in (400, 404)


def test_the_worklist_finds_pages_and_empties(biller: FlaskClient, visit: Json) -> None:
    page = biller.get("/billing/").get_data(as_text=True)
    assert url(visit) in page
    assert url(visit) not in biller.get("/billing/?q=nobody").get_data(as_text=True)
    press(biller, visit, **LINE, do="ready")
    assert "Every visit has its codes" in biller.get("/billing/").get_data(as_text=True)
    assert url(visit) in biller.get("/billing/?state=ready").get_data(as_text=True)
    for odd in ("page=0", "page=-1", "page=99999999", "page=x", "state=gold", "q=" + "x" * 900, "q=%25%25"):
        assert biller.get(f"/billing/?{odd}").status_code == 200, odd


def test_the_list_under_a_field_offers_codes_with_guidance(biller: FlaskClient, visit: Json) -> None:
    assert visit
    page = biller.get("/billing/offers?kind=dx&q=M25.56&day=2027-03-09").get_data(as_text=True)
    assert "choose the side" in page
    assert 'data-code="M25.562"' in page
    assert "$105.00" in biller.get("/billing/offers?kind=line&q=v-est").get_data(as_text=True)
    assert 'data-code="LT"' in biller.get("/billing/offers?kind=mod&q=l&day=nonsense").get_data(as_text=True)
    assert "No code fits" in biller.get("/billing/offers?kind=dx&q=%3Cscript%3Ealert").get_data(as_text=True)


def fee_page(client: FlaskClient, **fields: str) -> tuple[int, str]:
    page = client.get("/billing/fees").get_data(as_text=True)
    data = {"csrf_token": token_in(page), "once": hidden(page, "once"), **fields}
    answer = client.post("/billing/fees", data=data)
    return answer.status_code, answer.get_data(as_text=True)


def test_a_fee_is_added_changed_and_refused_beside_its_field(biller: FlaskClient, visit: Json) -> None:
    assert visit
    assert fee_page(biller, code="v-new-40", display="New patient", fee="$1,220.50")[0] == 303
    page = biller.get("/billing/fees").get_data(as_text=True)
    assert "V-NEW-40" in page
    assert "$1,220.50" in page
    for wrong in (
        {"code": ""},
        {"fee": "much"},
        {"code": "<b>"},
        {"code": "x" * 200},
        {"fee": "-5"},
        {"code": "V-EST-15"},
    ):
        status, page = fee_page(biller, **{"code": "Z-1", "display": "Z", "fee": "1", **wrong})
        assert status == 422, wrong
        assert 'class="error"' in page, wrong


def test_a_fee_file_is_taken_and_its_faults_are_named(biller: FlaskClient, visit: Json) -> None:
    assert visit

    def send(content: bytes) -> tuple[int, str]:
        token = token_in(biller.get("/billing/fees").get_data(as_text=True))
        data = {"csrf_token": token, "file": (io.BytesIO(content), "fees.csv")}
        answer = biller.post("/billing/fees/import", data=data, content_type="multipart/form-data")
        answer.request.environ["wsgi.input"].close()
        return answer.status_code, answer.get_data(as_text=True)

    status, page = send(b"code,description,fee\nX-1,One,10\nX-2,<b>Two</b>,20\nX-3,Three,lots\n")
    assert status == 200
    assert "2 new, 0 changed" in page
    assert "Row 4" in page
    assert "<b>Two</b>" not in page
    for bad in (
        b"",
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        b"a,b\n",
        b"x" * 2_000_001,
        b'code,description,fee\n"open,1,2',
    ):
        assert send(bad)[0] == 422


def test_a_sheet_is_opened_and_saved_in_few_statements(app: Flask, biller: FlaskClient, visit: Json) -> None:
    import sqlalchemy as sa

    press(biller, visit, **LINE)
    seen: list[str] = []
    engine = state_of(app).database.engine

    @sa.event.listens_for(engine, "before_cursor_execute")
    def count(_c: object, _k: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            seen.append(statement)

    biller.get(url(visit))
    few = len(seen)
    for _ in range(3):
        page = biller.get(url(visit)).get_data(as_text=True)
        data: dict[str, object] = {name: hidden(page, name) for name in ("csrf_token", "once", "version")}
        biller.post(url(visit), data={**data, **LINE, "dx": ["I10", "E11.65", "E53.8", "Z79.4"]})
    seen.clear()
    biller.get(url(visit))
    sa.event.remove(engine, "before_cursor_execute", count)
    assert len(seen) <= few + 1, "\n".join(seen)
    assert Decimal(len(seen)) <= 16
