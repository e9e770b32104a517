"""Transfer: people come in from another system, and a patient takes the whole record along."""

from __future__ import annotations

from clinic.transfer.wiring import slice_

__all__ = ["slice_"]
