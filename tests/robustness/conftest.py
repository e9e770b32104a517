"""The practice in the middle of its day, made once a module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.robustness.house import House, make_house


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, _template_file: Path) -> Iterator[House]:
    """The practice; `put_back` undoes what a test did."""
    made = make_house(_template_file, tmp_path_factory.mktemp("house"))
    yield made
    made.state.database.dispose()
