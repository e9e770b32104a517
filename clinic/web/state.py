"""What one running application holds: its database, its slices, its clock."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Flask

from clinic.core.clock import Clock
from clinic.core.json import Json
from clinic.core.practice import Practice
from clinic.db.engine import Database
from clinic.fhir.store import Setting
from clinic.web.slice import Slice
from config import Settings


@dataclass
class State:
    """The application's own objects; made once in `create_app`."""

    settings: Settings
    database: Database
    setting: Setting
    clock: Clock
    slices: tuple[Slice, ...]
    secret: bytes
    audit_key: bytes
    extra: Json = field(default_factory=dict)

    @property
    def practice(self) -> Practice:
        """The practice's settings, as last read."""
        return self.setting.practice


def state_of(app: Flask) -> State:
    """The state of an application."""
    state: State = app.extensions["clinic"]
    return state
