"""The tablet as somebody with bad intentions meets it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.intake.factories import Tablet, field, shown


def test_a_tablet_reaches_nothing_but_its_own_pages(app: Flask, tablet: Tablet) -> None:
    tablet.give()
    tablet.sit_down()
    refused = []
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.rule.startswith(("/intake/tablet", "/static")):
            continue
        view = app.view_functions[rule.endpoint]
        if getattr(view, "permission", "") in ("public", "token") or "<any" in rule.rule:
            continue
        path = re.sub(r"<(?:int:)?[^>]+>", "1", rule.rule)
        status = tablet.client.get(path).status_code
        refused.append((path, status))
    assert len(refused) > 20
    assert {status for _, status in refused} == {403}, [one for one in refused if one[1] != 403]


@pytest.mark.parametrize("role", ["receptionist", "manager", "administrator", "stranger"])
def test_people_do_not_get_the_tablets_pages(client_of: Callable[[str], FlaskClient], role: str) -> None:
    assert client_of(role).get("/intake/tablet/form/0").status_code in (303, 403)


def test_a_change_without_the_sessions_token_is_refused(tablet: Tablet) -> None:
    tablet.give("intake-new-patient")
    page = tablet.sit_down()
    data = {"shown": shown(page)[0], shown(page)[0]: "x", "csrf_token": "wrong"}
    assert tablet.client.post("/intake/tablet/form/0", data=data).status_code == 403


HOSTILE = ["<script>alert(1)</script>", "'; DROP TABLE resource; --", "=1+1", "😀" * 50, "x" * 100_000, "{{7*7}}"]


@pytest.mark.parametrize("text", HOSTILE, ids=["markup", "sql", "formula", "emoji", "endless", "template"])
def test_hostile_text_is_kept_as_text_or_refused(tablet: Tablet, text: str) -> None:
    tablet.give("intake-new-patient")
    page = tablet.sit_down()
    answer = tablet.send("back", **{shown(page)[0]: text})
    assert answer.status_code == 303
    page = tablet.get("/intake/tablet")
    assert "<script>alert(1)" not in page
    assert tablet.send(**{shown(page)[0]: text}).status_code in (303, 422)


@pytest.mark.parametrize("text", ["a\x00b", "a\u202eb", "\ud800"], ids=["control", "direction", "half"])
def test_characters_that_nobody_types_are_refused_at_the_gate(tablet: Tablet, text: str) -> None:
    tablet.give("intake-new-patient")
    page = tablet.sit_down()
    coded = text.encode("utf-8", "surrogatepass")
    data = {shown(page)[0].encode(): coded, b"csrf_token": field(page, "csrf_token").encode()}
    answer = tablet.client.post("/intake/tablet/form/0", data=data)
    assert answer.status_code in (303, 400, 422)


@pytest.mark.parametrize(
    ("do", "extra"),
    [
        ("add:q0", {}), ("add:../..", {}), ("remove:q1:99999", {}), ("remove:q1", {}), ("nonsense", {}), ("next", {"shown": "q99999"}),
        ("next", {"shown": "q0-0-0-0"}), ("next", {"signs": "q0", "signature": "[" * 999}), ("back", {"at": "x" * 5_000}),
    ],
)  # fmt: skip
def test_odd_requests_never_break_the_tablet(tablet: Tablet, do: str, extra: dict[str, str]) -> None:
    tablet.give("intake-new-patient")
    page = tablet.sit_down()
    data = {"csrf_token": field(page, "csrf_token"), "do": do, **extra}
    assert tablet.client.post("/intake/tablet/form/0", data=data).status_code in (303, 404, 422)


@pytest.mark.parametrize("path", ["/intake/tablet/form/99", "/intake/tablet/form/99/still-right"])
def test_a_form_that_is_not_in_the_packet_is_missing(tablet: Tablet, path: str) -> None:
    tablet.give("intake-new-patient")
    tablet.sit_down()
    assert tablet.client.get(path).status_code == 404
