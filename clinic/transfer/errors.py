"""What can go wrong with an import, in words."""

from __future__ import annotations

from clinic.core.errors import N_, Conflict, Missing

NO_RUN = N_("There is no import with this number.")
NOT_NOW = N_("This import is not at this step any more; it is shown as it stands now.")


class NoRun(Missing):
    """There is no such import, or its rows are gone."""

    def __init__(self) -> None:
        super().__init__(NO_RUN)


class NotNow(Conflict):
    """The import is at another step: somebody else was there first, or the page was old."""

    def __init__(self) -> None:
        super().__init__(NOT_NOW)
