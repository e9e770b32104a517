"""Intake: forms handed to patients on a tablet, their answers, and what the desk makes of them."""

from __future__ import annotations

from clinic.intake.wiring import slice_

__all__ = ["slice_"]
