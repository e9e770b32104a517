"""Management: people, audit, and the set-up of the practice."""

from __future__ import annotations

from clinic.management.wiring import slice_

__all__ = ["slice_"]
