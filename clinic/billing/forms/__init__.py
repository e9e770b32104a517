"""What is typed on the billing screens."""

from __future__ import annotations

from clinic.billing.forms.fees import FeeFileForm, FeeForm
from clinic.billing.forms.sheet import RawLine, RawSheet, SheetForm

__all__ = ["FeeFileForm", "FeeForm", "RawLine", "RawSheet", "SheetForm"]
