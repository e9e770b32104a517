"""A small application: the frame and the access screens, with a few views of its own to guard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Blueprint, Flask, session
from flask.testing import FlaskClient
from flask_babel import Babel

from clinic import access
from clinic.access.guard import by_token, public, requires
from clinic.access.users import NewUser, create_user
from clinic.audit.chain import use_key
from clinic.core.clock import FixedClock
from clinic.core.hooks import Hooks
from clinic.db.engine import Database
from clinic.fhir.practice import save_practice
from clinic.fhir.registry import Registry
from clinic.fhir.store import Setting
from clinic.web import context, errors, filters, gate, headers, wording
from clinic.web.state import State
from clinic.web.transaction import transact
from config import Settings
from tests import factories

ROOT = Path(__file__).resolve().parents[2]


def toy() -> Blueprint:
    """Views of every sort of mark, and one that forgot it."""
    blueprint = Blueprint("visits", __name__)

    @blueprint.get("/")
    @requires("patients.read")
    def today() -> str:
        return "today"

    @blueprint.route("/write", methods=["GET", "POST"])
    @requires("patients.write")
    def write() -> str:
        transact(lambda store: store.did("print", "toy", ""))
        return "written"

    @blueprint.get("/users")
    @requires("management.users")
    def users() -> str:
        return "users"

    @blueprint.get("/remember")
    @requires("patients.read")
    def remember() -> str:
        session["remembered"] = session.get("remembered", 0) + 1
        return str(session["remembered"])

    @blueprint.get("/open")
    @public
    def open_() -> str:
        return "open"

    @blueprint.post("/token")
    @by_token
    def token() -> str:
        transact(lambda store: None)
        return "by token"

    @blueprint.get("/forgotten")
    def forgotten() -> str:
        return "must never be seen"

    return blueprint


@pytest.fixture
def small_state(sqlite_database: Database, clock: FixedClock, tmp_path: Path) -> State:
    """The objects of the small application."""
    settings = Settings(data_dir=tmp_path, worker=False)
    use_key(sqlite_database.engine, b"a" * 32)
    with sqlite_database.write() as conn:
        save_practice(conn, factories.PRACTICE)
    setting = Setting(Registry(), Hooks(), factories.PRACTICE)
    return State(settings, sqlite_database, setting, clock, (), b"s" * 32, b"a" * 32)


@pytest.fixture
def small_app(small_state: State) -> Flask:
    """The small application."""
    folder = str(ROOT / "clinic" / "static")
    made = Flask("small", template_folder=str(ROOT / "templates"), static_folder=folder)
    made.config.update(SECRET_KEY=small_state.secret, TESTING=True)
    made.extensions["clinic"] = small_state
    Babel(made)
    for part in (errors, gate, filters, context, wording):
        part.install(made)
    headers.install(made, tls=False)
    access.install(made, small_state)
    made.register_blueprint(toy(), url_prefix="/visits")

    @made.get("/")
    @public
    def index() -> str:
        return "front door"

    return made


@pytest.fixture
def person(small_state: State) -> Callable[..., str]:
    """Makes a user; gives the id."""

    def make(username: str = "noor", role: str = "receptionist", *, must_change: bool = False) -> str:
        new = NewUser(username, username.title() + " Aziz", role, factories.PASSWORD, must_change=must_change)
        now = small_state.clock.now()
        return small_state.database.run_write(lambda conn: create_user(conn, new, now))

    return make


@pytest.fixture
def browser(small_app: Flask) -> FlaskClient:
    """A browser that nobody signed in with."""
    return small_app.test_client()


def send(client: FlaskClient, url: str, page: str = "", **data: str):  # type: ignore[no-untyped-def]
    """Post a form with the token of a page."""
    token = factories.token_in(client.get(page or url).get_data(as_text=True))
    return client.post(url, data={"csrf_token": token, **data})


def sign_in(client: FlaskClient, username: str = "noor", password: str = factories.PASSWORD, **more: str):  # type: ignore[no-untyped-def]
    """Sign in through the page."""
    return send(client, "/access/sign-in", username=username, password=password, **more)
