"""What is done once after the server listens, so that nobody waits for it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from clinic import LANGUAGES
from clinic.fhir.gate import definitions
from clinic.web import warm


@pytest.fixture(autouse=True)
def _collector() -> Iterator[None]:
    """The collector of the tests goes on as it was."""
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


def test_every_template_and_definition_is_ready_after_warming(app: Flask) -> None:
    warm.warm(app, LANGUAGES)
    loaded = {key[1] for key in app.jinja_env.cache}
    assert set(app.jinja_env.list_templates(extensions=["html"])) <= loaded
    before = definitions.node.cache_info().misses
    definitions.node("Patient")
    definitions.node("Appointment")
    assert definitions.node.cache_info().misses == before
    assert gc.get_freeze_count() > 100_000


def test_compiled_templates_are_kept_for_the_next_start(app: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    warm.keep_templates(app, folder)
    app.jinja_env.get_template("registration/patient.html")
    (kept,) = folder.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    written = kept.stat().st_mtime_ns
    app.jinja_env.cache.clear()
    app.jinja_env.get_template("registration/patient.html")
    assert kept.stat().st_mtime_ns == written


def test_warming_waits_in_the_background(app: Flask) -> None:
    thread = warm.begin(app, ("en",), after=0.0)
    assert thread.daemon
    thread.join(60)
    assert not thread.is_alive()
    assert any(key[1] == "registration/patient.html" for key in app.jinja_env.cache)
