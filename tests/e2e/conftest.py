"""A served practice and a browser, shared by the tests of a run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.e2e.browsing import Window, chromium, signed_in
from tests.e2e.practice import Practice, running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with chromium() as made:
        yield made


@pytest.fixture(scope="session")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    """A small practice on SQLite; tests in it make their own patients."""
    folder = tmp_path_factory.mktemp("clinic")
    with running(f"sqlite:///{folder / 'clinic.sqlite3'}", folder) as practice:
        yield practice


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def any_clinic(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    """A small practice on SQLite, then one on PostgreSQL."""
    if request.param == "sqlite":
        yield request.getfixturevalue("clinic")
        return
    folder: Path = tmp_path_factory.mktemp("postgresql")
    with running(request.getfixturevalue("cluster").fresh_url(), folder) as practice:
        yield practice


@pytest.fixture
def reception(browser: Browser, clinic: Practice) -> Iterator[Window]:
    """The receptionist's window, on Today."""
    window = signed_in(browser, clinic.address, "receptionist")
    yield window
    window.close()
