"""A practice with an organisation and a main site, and browsers of the manager and the administrator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.access.setup import organization_of
from clinic.core.actor import SYSTEM
from clinic.fhir.practice import save_practice
from clinic.fhir.store import Store
from clinic.management import service
from clinic.management.mapping import Address, Site
from clinic.web.state import State, state_of
from clinic.web.transaction import run
from tests import factories


def furnish(store: Store) -> None:
    """The organisation and the main site of the practice."""
    organization = store.create(organization_of("Harbour Street Clinic"))
    store.setting.practice = replace(factories.PRACTICE, organization_id=organization["id"])
    site = service.save_site(store, Site("Main desk", Address(phone="+1 603 555 0112")))
    store.setting.practice = replace(store.practice, site_id=site["id"], site_name="Main desk")
    save_practice(store.conn, store.practice)


@pytest.fixture
def practice(store: Store) -> Store:
    """A store of a practice with one site."""
    furnish(store)
    return store


@pytest.fixture
def any_practice(any_store: Store) -> Store:
    """The same, on both databases in turn."""
    furnish(any_store)
    return any_store


def in_app(state: State, fn: Callable[[Store], object]) -> object:
    """Run a function in the application's own transaction, as the system."""
    return run(state, fn, actor_store=lambda conn, st: Store(conn, st.setting, actor=SYSTEM, now=st.clock.now()))


@pytest.fixture
def furnished(app: Flask) -> Iterator[Flask]:
    """The application of a practice with one site."""
    in_app(state_of(app), furnish)
    return app


@pytest.fixture
def manager(furnished: Flask, client_of: Callable[[str], FlaskClient]) -> FlaskClient:
    """The manager's browser."""
    return client_of("manager")


@pytest.fixture
def administrator(furnished: Flask, client_of: Callable[[str], FlaskClient]) -> FlaskClient:
    """The administrator's browser."""
    return client_of("administrator")


def fields_of(page: str) -> dict[str, str]:
    """Every hidden value of the first writing form in the work of a page."""
    work = page.split("<main", 1)[1]
    form = work.split('method="post"', 1)[1].split("</form>", 1)[0]
    found = {}
    for tag in (part.split(">")[0] for part in form.split("<input")[1:]):
        if 'type="hidden"' in tag and 'name="' in tag:
            found[tag.split('name="')[1].split('"')[0]] = (
                tag.split('value="')[1].split('"')[0] if "value=" in tag else ""
            )
    return found


def send(client: FlaskClient, url: str, page: str = "", **data: object):  # type: ignore[no-untyped-def]
    """Open a page, fill in its form, send it."""
    hidden = fields_of(client.get(page or url).text)
    return client.post(url, data={**hidden, **data})
