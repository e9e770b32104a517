"""What billing refuses."""

from __future__ import annotations

from clinic.core.errors import Conflict, Invalid


class AlreadyReady(Conflict):
    """The sheet was said to be ready; it is opened again before it is changed."""

    def __init__(self) -> None:
        super().__init__("This sheet is ready for the claim. Open it again to change it.")


class NotReady(Invalid):
    """The checks found something that must be mended first."""

    def __init__(self, stops: int) -> None:
        super().__init__("Mend what the checks found first: %(count)s to fix.", count=stops)
