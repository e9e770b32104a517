"""Programs: a secret shown once, scopes that mean something, and an end when it is revoked."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from clinic.access import clients
from clinic.access import tables as t
from clinic.core.errors import Invalid, Missing
from clinic.db.engine import Database
from tests.conftest import NOW


def test_the_secret_opens_and_is_not_kept(any_database: Database) -> None:
    with any_database.write() as conn:
        client_id, secret = clients.add_client(conn, "Lab bridge", ["system/Patient.rs"], now=NOW)
        found = clients.verify(conn, client_id, secret)
        assert found is not None
        assert (found.name, found.scopes) == ("Lab bridge", ("system/Patient.rs",))
        assert clients.verify(conn, client_id, secret + "x") is None
        assert clients.verify(conn, client_id, "") is None
        assert clients.verify(conn, "nobody", secret) is None
        assert secret not in str(conn.execute(sa.select(t.client)).all())


def test_a_revoked_program_is_refused_until_that_is_taken_back(any_database: Database) -> None:
    with any_database.write() as conn:
        client_id, secret = clients.add_client(conn, "Lab bridge", ["system/*.cruds"], now=NOW)
        clients.revoke_client(conn, client_id, NOW)
        assert clients.verify(conn, client_id, secret) is None
        assert clients.find_client(conn, client_id) is None
        clients.revoke_client(conn, client_id, None)
        assert clients.verify(conn, client_id, secret) is not None
        with pytest.raises(Missing):
            clients.revoke_client(conn, "nobody", NOW)


@pytest.mark.parametrize("scope", ["", "everything", "system/Patient", "system/Patient.", "system/patient.rs",
                                   "system/*.sc", "user/*.read write", "system/Patient.rs\n"])  # fmt: skip
def test_a_scope_that_means_nothing_is_refused(any_database: Database, scope: str) -> None:
    with any_database.write() as conn, pytest.raises(Invalid):
        clients.add_client(conn, "Lab bridge", [scope], now=NOW)


def test_a_program_needs_a_name_and_a_scope(any_database: Database) -> None:
    with any_database.write() as conn:
        with pytest.raises(Invalid):
            clients.add_client(conn, " ", ["system/*.rs"], now=NOW)
        with pytest.raises(Invalid):
            clients.add_client(conn, "Lab bridge", [], now=NOW)
