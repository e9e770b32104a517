"""Every address of the application, for every member of the cast, by every method, with and without a token.

The permission table decides what is expected; nothing is listed by hand but the few open addresses. A new route is
walked from the moment it exists.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from clinic.access.guard import PUBLIC, TOKEN
from clinic.access.permissions import PERMISSIONS, STAFF, permissions_of
from clinic.access.users import NewUser, create_user
from clinic.core.clock import FixedClock
from clinic.db.engine import Database
from clinic.fhir.practice import save_practice
from clinic.tables import metadata
from clinic.web.state import state_of
from tests import factories
from tests.conftest import NOW, make_test_app

CHANGING = ("POST", "PUT", "PATCH", "DELETE")
SAMPLE = "0190a000-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory, _template_file) -> Iterator[Flask]:  # type: ignore[no-untyped-def]
    """One application for the whole walk."""
    folder = tmp_path_factory.mktemp("walk")
    path = folder / "clinic.sqlite3"
    path.write_bytes(_template_file.read_bytes())
    database = Database(f"sqlite:///{path}")
    with database.write() as conn:
        save_practice(conn, factories.PRACTICE)
    app = make_test_app(database, FixedClock(NOW), folder)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    state = state_of(app)
    for role in STAFF:
        new = NewUser(role, role.title(), role, factories.PASSWORD)
        state.database.run_write(lambda conn, new=new: create_user(conn, new, NOW))
    yield app
    database.dispose()


@pytest.fixture(scope="module")
def cast(walked: Flask) -> dict[str, FlaskClient]:
    """Everybody with a browser, signed in; and a stranger."""
    made = {"stranger": walked.test_client()}
    for role in STAFF:
        client = made[role] = walked.test_client()
        token = factories.token_in(client.get("/access/sign-in").text)
        data = {"username": role, "password": factories.PASSWORD, "csrf_token": token}
        assert client.post("/access/sign-in", data=data).status_code == 303
    return made


def rules(app: Flask) -> list[Rule]:
    return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))


def url(app: Flask, rule: Rule) -> str:
    """An address of this rule with made-up values."""
    made = {}
    for name in rule.arguments:
        converter = type(rule._converters[name]).__name__
        if converter == "AnyConverter":
            made[name] = min(rule._converters[name].items)
            continue
        made[name] = {"IntegerConverter": 1, "UUIDConverter": SAMPLE}.get(converter, SAMPLE)
    return app.url_map.bind("localhost").build(rule.endpoint, made, method=min(rule.methods or {"GET"}))


def mark(app: Flask, rule: Rule) -> str:
    return str(getattr(app.view_functions[rule.endpoint], "permission", ""))


def own(app: Flask) -> list[Rule]:
    """Rules behind a sign-in."""
    return [rule for rule in rules(app) if mark(app, rule) not in (PUBLIC, TOKEN)]


def test_every_view_says_for_whom_it_is(walked: Flask) -> None:
    known = {*PERMISSIONS, PUBLIC, TOKEN}
    assert [rule.endpoint for rule in rules(walked) if mark(walked, rule) not in known] == []


def test_only_few_views_are_open_to_everybody(walked: Flask) -> None:
    opened = {rule.endpoint for rule in rules(walked) if mark(walked, rule) == PUBLIC}
    from_home = {name for name in opened if name.startswith(("appointments.online", "appointments.own"))}
    assert {name.split(".")[0] for name in opened - from_home} <= {
        "access", "static", "index", "healthz", "intake", "fhir", "oauth", "web", "manifest", "service_worker",
        "appointments", "visits", "communication",
    }, opened  # fmt: skip


def test_a_stranger_reaches_no_guarded_view_by_any_method(walked: Flask, cast: dict[str, FlaskClient]) -> None:
    wrong = []
    for rule in own(walked):
        for method in sorted((rule.methods or set()) - {"OPTIONS"}):
            answer = cast["stranger"].open(url(walked, rule), method=method)
            sent_away = answer.status_code == 303 and answer.headers["Location"].startswith("/access/sign-in")
            if not (sent_away or answer.status_code in (401, 403)):
                wrong.append((method, rule.rule, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("role", STAFF)
def test_a_role_without_the_permission_is_refused(walked: Flask, cast: dict[str, FlaskClient], role: str) -> None:
    wrong = []
    for rule in own(walked):
        if mark(walked, rule) in permissions_of(role):
            continue
        for method in sorted((rule.methods or set()) - {"OPTIONS"}):
            answer = cast[role].open(url(walked, rule), method=method)
            if answer.status_code != 403:
                wrong.append((method, rule.rule, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("role", STAFF)
def test_a_role_with_the_permission_is_not_refused_and_nothing_breaks(
    walked: Flask, cast: dict[str, FlaskClient], role: str
) -> None:
    wrong = []
    for rule in own(walked):
        if mark(walked, rule) not in permissions_of(role) or "GET" not in (rule.methods or ()):
            continue
        answer = cast[role].get(url(walked, rule))
        if answer.status_code == 403 or answer.status_code >= 500:
            wrong.append((rule.rule, answer.status_code))
    assert wrong == []


def rows_kept(app: Flask) -> dict[str, int]:
    """How many rows each table holds, but for those that any look or try may write."""
    written_by_looking = {"access_session", "access_throttle", "audit_event", "audit_head"}
    with state_of(app).database.read() as conn:
        return {
            table.name: conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
            if table.name not in written_by_looking
        }


@pytest.mark.parametrize("role", STAFF)
def test_no_change_is_made_without_this_sessions_token(walked: Flask, cast: dict[str, FlaskClient], role: str) -> None:
    """A refusal (4xx), or the way to another page when there is nothing to do; never a row more or less."""
    before, wrong = rows_kept(walked), []
    for rule in own(walked):
        if mark(walked, rule) not in permissions_of(role):
            continue
        for method in sorted(set(CHANGING) & (rule.methods or set())):
            for data in ({}, {"csrf_token": "x" * 43}):
                answer = cast[role].open(url(walked, rule), method=method, data=data)
                if not 300 <= answer.status_code < 500:
                    wrong.append((method, rule.rule, answer.status_code))
    assert wrong == []
    assert rows_kept(walked) == before


def test_open_forms_refuse_a_missing_token_too(walked: Flask) -> None:
    wrong = []
    for rule in rules(walked):
        if mark(walked, rule) != PUBLIC or "POST" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        answer = walked.test_client().post(url(walked, rule), data={"username": "x"})
        kept = answer.headers.get("Set-Cookie", "")
        signed_in = kept.startswith("clinic_session=") and "=;" not in kept
        if answer.status_code >= 500 or signed_in:
            wrong.append((rule.rule, answer.status_code))
    assert wrong == []


def also_means_another_page(app: Flask, address: str, method: str) -> bool:
    """Whether another rule takes this address: `/appointments/hold` read as an appointment's number."""
    try:
        app.url_map.bind("localhost").match(address, method=method)
    except HTTPException:
        return False
    return True


def test_a_wrong_method_is_told_which_ones_there_are(walked: Flask, cast: dict[str, FlaskClient]) -> None:
    wrong = []
    taken: dict[str, set[str]] = {}
    for rule in rules(walked):
        taken.setdefault(rule.rule, set()).update(rule.methods or ())
    for rule in rules(walked):
        if mark(walked, rule) == TOKEN or rule.rule.startswith("/fhir"):
            continue  # the FHIR interface has its own contract tests
        for method in sorted({"GET", "POST", "PUT", "DELETE"} - taken[rule.rule]):
            if also_means_another_page(walked, url(walked, rule), method):
                continue
            answer = cast["administrator"].open(url(walked, rule), method=method)
            if answer.status_code != 405 or "Allow" not in answer.headers:
                wrong.append((method, rule.rule, answer.status_code))
    assert wrong == []


def test_no_view_of_a_page_keeps_its_answer_in_a_cache(walked: Flask, cast: dict[str, FlaskClient]) -> None:
    for rule in own(walked):
        if "GET" in (rule.methods or ()):
            answer = cast["administrator"].get(url(walked, rule))
            assert "no-store" in answer.headers.get("Cache-Control", ""), rule.rule
