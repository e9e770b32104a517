"""An application that can only print: templates, languages and filters, no database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from flask_babel import Babel

from clinic.core.clock import FixedClock
from clinic.web import filters
from tests.conftest import NOW
from tests.factories import PRACTICE

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def printing_app(paper: str = "letter", language: str = "en") -> Iterator[Flask]:
    """The context in which a route prints."""
    app = Flask("clinic", root_path=str(ROOT / "clinic"), template_folder=str(ROOT / "templates"))
    app.extensions["clinic"] = SimpleNamespace(practice=replace(PRACTICE, paper=paper), clock=FixedClock(NOW))
    Babel(app, locale_selector=lambda: language)
    filters.install(app)
    with app.test_request_context("/"):
        yield app


@pytest.fixture
def on_paper() -> Callable[..., object]:
    """`with on_paper("a4", "es"):` then print."""
    return printing_app


@pytest.fixture
def printing() -> Iterator[Flask]:
    """Printing on Letter in English."""
    with printing_app() as app:
        yield app
