"""What a visit type needs, as it is typed and on its screen."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from clinic.appointments.rules.resources import Need
from clinic.core.errors import Invalid
from clinic.management.needs import read_needs, typed_needs
from tests.management.conftest import send
from tests.management.test_screens import add


def test_needs_are_read_as_they_are_typed_and_typed_as_they_are_read() -> None:
    text = "person assistant\nroom laser 20-40"
    assert read_needs(text) == (Need("person", kind="assistant"), Need("room", kind="laser", offset=20, minutes=20))
    assert typed_needs(read_needs(text)) == text
    own = Need("device", id="one")
    assert read_needs("", known=[own]) == (own,)


@pytest.mark.parametrize("line", ["laser", "room", "room laser 40-20", "chair blue", "room a\n" * 9])
def test_a_line_that_cannot_be_read_is_refused(line: str) -> None:
    with pytest.raises(Invalid):
        read_needs(line)


def test_a_visit_type_keeps_what_it_needs(manager: FlaskClient) -> None:
    given = {"name": "Laser", "minutes": "60", "colour": "", "comment": "", "before": "0", "after": "10"}
    kind = add(manager, "visit-types", **given, needs="room laser 20-40")
    url = f"/management/visit-types/{kind}"
    assert "room laser 20-40" in manager.get(url).text
    bad = send(manager, url, **given, needs="something")
    assert bad.status_code == 422
    assert "cannot be read" in bad.text
