"""New rows of several tables in one go, the same on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from clinic.access.tables import user
from clinic.db.rows import insert_all, insert_free, is_duplicate
from clinic.fhir.index_tables import ix_token
from clinic.fhir.store import Store
from clinic.fhir.tables import number_series, outbox, resource, slot_claim
from tests.benchmarks.measure import statements

NOW = datetime(2027, 3, 9, 15, 24, tzinfo=UTC)


def a_resource(id_: str) -> dict[str, Any]:
    return {"type": "Basic", "id": id_, "version": 1, "updated": NOW, "deleted": False, "json": "{}"}


def tokens(count: int) -> list[dict[str, Any]]:
    return [
        {"type": "Basic", "param": "code", "code": f"c{n:04}?%s$1", "system": "", "id": "one"} for n in range(count)
    ]


def test_values_arrive_as_the_column_types_mean_them(any_store: Store) -> None:
    work = {
        "id": "w", "kind": "letter", "key": "k", "payload": {"to": "Mafe", "n": [1]}, "not_before": NOW,
        "lease_until": None, "created": NOW,
    }  # fmt: skip
    insert_all(any_store.conn, [(resource, [a_resource("one")]), (ix_token, tokens(2)), (outbox, [work])])
    row = any_store.conn.execute(sa.select(outbox).where(outbox.c.id == "w")).one()
    assert (row.payload, row.not_before, row.lease_until) == ({"to": "Mafe", "n": [1]}, NOW, None)
    assert (row.state, row.attempts, row.error) == ("waiting", 0, "")
    codes = sa.select(ix_token.c.code).where(ix_token.c.type == "Basic").order_by(ix_token.c.code)
    assert list(any_store.conn.execute(codes).scalars()) == ["c0000?%s$1", "c0001?%s$1"]


def test_postgresql_takes_all_tables_in_one_statement(any_store: Store) -> None:
    with statements(any_store.conn.engine) as sent:
        insert_all(any_store.conn, [(resource, [a_resource("one")]), (ix_token, tokens(3)), (outbox, [])])
    assert len(sent) == (2 if any_store.conn.dialect.name == "sqlite" else 1)


def test_very_many_rows_go_in_too(any_store: Store) -> None:
    insert_all(any_store.conn, [(resource, [a_resource("one")]), (ix_token, tokens(300))])
    count = sa.select(sa.func.count()).select_from(ix_token).where(ix_token.c.type == "Basic")
    assert any_store.conn.execute(count).scalar_one() == 300


def test_nothing_to_insert_costs_nothing(any_store: Store) -> None:
    with statements(any_store.conn.engine) as sent:
        insert_all(any_store.conn, [(ix_token, [])])
    assert sent == []


def test_a_used_key_is_told_apart_from_other_refusals(any_store: Store) -> None:
    insert_all(any_store.conn, [(resource, [a_resource("one")])])
    with pytest.raises(IntegrityError) as used, any_store.conn.begin_nested():
        insert_all(any_store.conn, [(resource, [a_resource("one")]), (ix_token, tokens(1))])
    assert is_duplicate(used.value, resource)
    assert not is_duplicate(used.value, slot_claim)


def test_only_the_rows_whose_key_is_free_go_in(any_store: Store) -> None:
    rows = [{"actor": "a", "cell": cell, "lane": 0, "appointment": "x"} for cell in range(3)]
    assert insert_free(any_store.conn, slot_claim, rows[:2]) == 2
    assert insert_free(any_store.conn, slot_claim, rows) == 1
    assert insert_free(any_store.conn, number_series, [{"series": "s", "last": 2**40}]) == 1


def test_columns_left_out_take_their_default(any_store: Store) -> None:
    row = {
        "id": "x",
        "username": "x",
        "name": "X",
        "role": "billing",
        "password": "",
        "preferences": {},
        "created": NOW,
    }
    assert insert_free(any_store.conn, user, [row]) == 1
    kept = any_store.conn.execute(sa.select(user).where(user.c.id == "x")).one()
    assert (kept.must_change, kept.pin, kept.totp_step, kept.version, kept.last_seen) == (False, "", 0, 1, None)
