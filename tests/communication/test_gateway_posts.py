"""The text gateway's posts are believed only when they carry its signature."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from clinic.cli.state import transact
from clinic.communication.gateways.twilio import TwilioGateway
from clinic.communication.tables import desk_task, message_row
from clinic.web.state import state_of
from tests.communication.reminding import ana

INCOMING, REPORT = "/communication/gateway/incoming", "/communication/gateway/report"
PUBLIC = "https://desk.example"
GATEWAY = TwilioGateway("https://texts.example", "AC1", "secret", "+12025550100")
SAID = {"MessageSid": "SM9", "From": "+12025550177", "Body": "Shall I come fasting? é💥"}


@pytest.fixture
def house(app: Flask) -> Flask:
    state = state_of(app)
    state.settings = replace(
        state.settings, text_gateway="twilio", text_url=GATEWAY.url, text_account="AC1", text_token="secret",
        text_from=GATEWAY.sender, public_url=PUBLIC,
    )  # fmt: skip
    return app


def post(client: FlaskClient, path: str, fields: Any, signature: bytes | str | None = None) -> int:
    pairs = list(fields.items()) if isinstance(fields, dict) else fields
    known = GATEWAY.signature(PUBLIC + path, pairs) if signature is None else signature
    answer = client.post(
        path, data=urlencode(pairs), content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": known.decode() if isinstance(known, bytes) else known},
    )  # fmt: skip
    return answer.status_code


def count(app: Flask, table: sa.Table) -> int:
    with state_of(app).database.read() as conn:
        return int(conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def test_a_signed_text_is_kept_and_a_replay_of_it_changes_nothing(house: Flask) -> None:
    transact(state_of(house), ana)
    client = house.test_client()
    assert [post(client, INCOMING, SAID) for _ in range(3)] == [200, 200, 200]
    assert (count(house, message_row), count(house, desk_task)) == (1, 1)


@pytest.mark.parametrize("signature", ["", "nonsense", "é", GATEWAY.signature(PUBLIC + REPORT, SAID.items())])
def test_a_text_without_the_right_signature_is_refused(house: Flask, signature: bytes | str) -> None:
    assert post(house.test_client(), INCOMING, SAID, signature) == 403
    assert count(house, message_row) == 0


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        (INCOMING, SAID | {"Body": "2"}),
        (INCOMING, SAID | {"MessageSid": "SM10"}),
        (INCOMING, [*SAID.items(), ("From", "+12025550000")]),
        (f"{INCOMING}?x=1", SAID),
    ],
)
def test_a_signature_does_not_hold_for_changed_words_fields_or_addresses(house: Flask, path: str, fields: Any) -> None:
    signature = GATEWAY.signature(PUBLIC + INCOMING, SAID.items())
    assert post(house.test_client(), path, fields, signature) == 403
    assert count(house, message_row) == 0


def test_the_secret_of_another_account_signs_nothing(house: Flask) -> None:
    other = replace(GATEWAY, token="another")
    assert post(house.test_client(), INCOMING, SAID, other.signature(PUBLIC + INCOMING, SAID.items())) == 403


def test_without_a_gateway_nothing_is_taken(app: Flask) -> None:
    assert post(app.test_client(), INCOMING, SAID) == 404
    assert count(app, message_row) == 0


def test_a_signed_post_that_says_nothing_is_answered_and_kept_nowhere(house: Flask) -> None:
    client = house.test_client()
    assert post(client, INCOMING, {"Body": "1"}) == 200
    assert post(client, REPORT, {"MessageSid": "SM1", "MessageStatus": "dreaming"}) == 204
    assert post(client, REPORT, {"MessageSid": "unknown", "MessageStatus": "delivered"}) == 404
    assert count(house, message_row) == 0


def test_a_post_of_another_shape_is_no_fault(house: Flask) -> None:
    client = house.test_client()
    body = b'{"From": 1}'
    signed = GATEWAY.signature(PUBLIC + INCOMING, []).decode()
    answer = client.post(INCOMING, data=body, content_type="application/json", headers={"X-Twilio-Signature": signed})
    assert answer.status_code in (200, 400, 415)
    assert count(house, message_row) == 0
