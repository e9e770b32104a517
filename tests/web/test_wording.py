"""Words and addresses that are kept are the same as those made anew."""

from __future__ import annotations

import pytest
from flask import Flask, url_for
from flask_babel import force_locale
from markupsafe import Markup

from clinic.web.wording import address, gettext, remembered


@pytest.mark.parametrize("values", [{"day": "2027-03-09"}, {"day": "a b&c"}, {"day": ""}, {"day": None}, {"day": 3}])
@pytest.mark.parametrize("mounted", ["", "/desk"])
def test_an_address_is_what_flask_makes_of_it(app: Flask, values: dict[str, object], mounted: str) -> None:
    with app.test_request_context("/", environ_overrides={"SCRIPT_NAME": mounted}):
        for _again in range(2):
            assert address("appointments.day", **values) == url_for("appointments.day", **values)
            assert address("appointments.day") == url_for("appointments.day")


def test_ids_and_whole_numbers_stand_in_their_own_places(app: Flask) -> None:
    with app.test_request_context("/"):
        for values in ({"encounter_id": "v-1", "version": "3"}, {"encounter_id": "v-2", "version": 4}):
            assert address("visits.undo", **values) == url_for("visits.undo", **values)


def test_a_view_that_takes_only_some_words_is_left_to_flask(app: Flask) -> None:
    with app.test_request_context("/"):
        assert address("management.things", name="sites") == url_for("management.things", name="sites")


def test_a_word_follows_the_language_and_escapes_its_values(app: Flask) -> None:
    with app.test_request_context("/"):
        assert gettext("Today") == gettext("Today") == Markup("Today")
        with force_locale("nl"):
            assert gettext("Today") == "Vandaag"
        assert gettext("Today") == "Today"
        assert gettext("Day %(day)s", day="<b>") == Markup("Day &lt;b&gt;")
        assert gettext("100%%") == "100%"


def test_a_drawing_is_made_once_for_the_same_arguments() -> None:
    made: list[str] = []
    draw = remembered(lambda name, size=1: made.append(f"{name}{size}") or f"{name}{size}")
    assert [draw("a"), draw("a"), draw("a", size=2), draw("a")] == ["a1", "a1", "a2", "a1"]
    assert made == ["a1", "a2"]
