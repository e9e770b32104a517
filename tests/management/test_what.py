"""What an event was about is said in the reader's language; what was stored stays."""

from __future__ import annotations

import pytest
from flask import Flask
from flask_babel import force_locale

from clinic.management.routes.what import what_words


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("label", "patient label"),
        ("calendar of 2027-03-09", "calendar of 2027-03-09"),
        ("appointments of 2027-03-01 to 2027-03-07", "appointments of 2027-03-01 to 2027-03-07"),
        ("Coverage", "Coverage"),
        ("noor %(x)s", "noor %(x)s"),
    ],
)
def test_what_was_stored_is_said_in_words(app: Flask, stored: str, shown: str) -> None:
    with app.test_request_context("/"), force_locale("en"):
        assert what_words(stored) == shown


def test_words_and_their_places_go_through_the_catalogue(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from clinic.management.routes import what

    monkeypatch.setattr(what, "_", lambda text, **params: f"<{text % params}>")
    with app.test_request_context("/"):
        assert what.what_words("day schedule of 2027-03-09") == "<day schedule of 2027-03-09>"
