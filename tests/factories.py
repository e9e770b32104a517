"""Things that tests need, each made by one function."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from clinic.core.practice import Practice

PRACTICE = Practice(
    name="Harbour Street Clinic",
    organization_id="org-harbour",
    site_id="site-main",
    site_name="Main desk, ground floor",
    zone="America/New_York",
)
PASSWORD = "correct horse battery staple"


def sign_in(app: Flask, client: FlaskClient, role: str, *, name: str) -> None:
    """Make a user of this role and sign the browser in as them, through the real sign-in page."""
    from clinic.access.users import NewUser, create_user
    from clinic.web.state import state_of

    state = state_of(app)
    now = state.clock.now()
    state.database.run_write(lambda conn: create_user(conn, NewUser(name, name.title(), role, PASSWORD), now))
    page = client.get("/access/sign-in")
    token = token_in(page.get_data(as_text=True))
    data = {"username": name, "password": PASSWORD, "csrf_token": token}
    answer = client.post("/access/sign-in", data=data)
    assert answer.status_code == 303, answer.get_data(as_text=True)


def token_in(page: str) -> str:
    """The CSRF token of a page."""
    before, found, after = page.partition('name="csrf_token"')
    assert found, "the page has no form with a token"
    tag = before.rpartition("<")[2] + found + after.partition(">")[0]
    return tag.partition('value="')[2].partition('"')[0]
