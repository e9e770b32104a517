"""What the tests of the tablet share."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.intake.factories import Tablet


@pytest.fixture
def tablet(app: Flask) -> Tablet:
    """A paired tablet, and a patient whose forms it may get."""
    return Tablet(app)
