"""The billing slice: what a visit is coded and charged with."""

from __future__ import annotations

from clinic.billing.wiring import slice_

__all__ = ["slice_"]
