"""What a file said is forgotten some weeks after its import; taking it back still works."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic.cli.state import transact
from clinic.transfer.errors import NoRun
from clinic.transfer.service.tidy import KEPT, forget_imports
from clinic.web.state import State
from tests.transfer.factories import a_csv, a_row, an_import

ROWS = (a_row("OC-1001", "Mafe", "García"), a_row("OC-1002", "", "Nobody"))


def test_the_words_of_a_file_go_after_some_weeks_and_the_import_can_still_be_taken_back(any_state: State) -> None:
    one, idle = an_import(any_state, a_csv(*ROWS)), an_import(any_state, a_csv(*ROWS))
    one.check()
    one.run()
    any_state.clock.instant += KEPT - timedelta(hours=1)  # type: ignore[attr-defined]
    assert transact(any_state, forget_imports) == 0
    assert all(row.cells for row in one.rows())
    any_state.clock.instant += timedelta(hours=2)  # type: ignore[attr-defined]
    assert transact(any_state, forget_imports) == 2
    assert [(row.cells, row.said) for row in one.rows()] == [(None, []), (None, [])]
    with pytest.raises(NoRun):
        assert idle.now
    assert transact(any_state, forget_imports) == 0
    assert one.undo() == {"undone": 1, "fault": 1}
