"""Registration: find a person, or write a new one down."""

from __future__ import annotations

from clinic.registration.wiring import slice_

__all__ = ["slice_"]
