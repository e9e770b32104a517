"""Accounts, throttle and codes mean the same on SQLite and PostgreSQL, also when many try at once."""

from __future__ import annotations

import contextlib
import threading
from datetime import timedelta

import pytest

from clinic.access import setup_code, throttle, users
from clinic.access.users import NewUser, UserChange
from clinic.core.errors import Conflict, Invalid, Missing, Stale
from clinic.db.engine import Database
from tests import factories
from tests.conftest import NOW


def a_user(database: Database, username: str = "noor", role: str = "receptionist") -> str:
    new = NewUser(username, "Noor Aziz", role, factories.PASSWORD)
    return database.run_write(lambda conn: users.create_user(conn, new, NOW))


def test_a_sign_in_name_belongs_to_one_person_however_it_is_written(any_database: Database) -> None:
    a_user(any_database)
    for name in ("noor", "NOOR", " Noor "):
        with pytest.raises(Conflict):
            a_user(any_database, name)
    with any_database.read() as conn:
        found = users.find_user(conn, "NoOr")
    assert found is not None
    assert found.name == "Noor Aziz"


@pytest.mark.parametrize("username", ["", "-a", "a b", "ü" * 70, "a/b", "<b>", "a\x00b", "a" * 65])
def test_an_odd_sign_in_name_is_refused(any_database: Database, username: str) -> None:
    with pytest.raises(Invalid):
        a_user(any_database, username)


def test_twenty_people_want_the_same_name_and_one_gets_it(any_database: Database) -> None:
    won: list[str] = []

    def run() -> None:
        with contextlib.suppress(Conflict):
            won.append(a_user(any_database))

    threads = [threading.Thread(target=run) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1


def test_a_change_with_an_old_version_is_refused(any_database: Database) -> None:
    user_id = a_user(any_database)
    with any_database.write() as conn:
        users.change_user(conn, user_id, UserChange("Noor A.", "receptionist", version=1))
        with pytest.raises(Stale) as caught:
            users.change_user(conn, user_id, UserChange("Noor B.", "receptionist", version=1))
        assert caught.value.current["version"] == 2
        with pytest.raises(Missing):
            users.change_user(conn, "nobody", UserChange("X", "billing"))


def test_preferences_are_merged_and_do_not_count_as_a_change(any_database: Database) -> None:
    user_id = a_user(any_database)
    with any_database.write() as conn:
        users.set_preferences(conn, user_id, {"theme": "dark"})
        assert users.set_preferences(conn, user_id, {"keys": "off"}) == {"theme": "dark", "keys": "off"}
        assert users.get_user(conn, user_id).version == 1


def test_people_are_found_by_part_of_a_name_and_a_percent_sign_finds_nobody(any_database: Database) -> None:
    a_user(any_database)
    with any_database.read() as conn:
        assert len(users.list_users(conn, "azi")) == 1
        assert len(users.list_users(conn, "NOOR")) == 1
        assert users.list_users(conn, "%") == []
        assert users.list_users(conn, "_") == []


def test_attempts_are_counted_before_they_are_checked_and_forgotten_after_an_hour(any_database: Database) -> None:
    key = throttle.account("noor")

    def attempt(minutes: float = 0) -> float:
        now = NOW + timedelta(minutes=minutes)
        wait = any_database.run_write(lambda conn: throttle.attempt(conn, (key, throttle.network("::1")), now))
        return float(wait.total_seconds())

    assert [attempt() for _ in range(6)] == [0, 0, 0, 0, 0, 2]
    assert attempt(1) == 0
    assert attempt(1) == 4
    assert attempt(62) == 0
    assert attempt(62) == 0
    any_database.run_write(lambda conn: throttle.clear(conn, key))
    with any_database.read() as conn:
        assert throttle.failures(conn, key) == 0


def test_a_set_up_code_is_random_kept_as_a_hash_and_burnt(any_database: Database) -> None:
    with any_database.write() as conn:
        first = setup_code.create_setup_code(conn, NOW)
        second = setup_code.create_setup_code(conn, NOW)
        assert first != second
        assert not setup_code.is_right(conn, first, NOW), "the newest one counts"
        assert setup_code.is_right(conn, second.lower().replace("-", " "), NOW)
        assert not setup_code.is_right(conn, "", NOW)
        setup_code.burn(conn)
        assert not setup_code.is_right(conn, second, NOW)
        assert not setup_code.is_open(conn)
