"""What can go wrong at registration, in words."""

from __future__ import annotations

from clinic.core.errors import Conflict, Detail, Invalid


class NumberTaken(Conflict):
    """Another patient has this identity number already; `holder` is that patient's id."""

    def __init__(self, name: str, field: str, holder: str) -> None:
        text = f"{name}: another patient already has this number; open that record instead"
        super().__init__(
            "%(name)s: another patient already has this number", field=field, details=(Detail(field, text),), name=name
        )
        self.holder = holder


class BadPhoto(Invalid):
    """The file is no picture that can be kept."""
