"""The cash slice: what patients owe, payments, receipts and tills."""

from __future__ import annotations

from clinic.cash.wiring import slice_

__all__ = ["slice_"]
