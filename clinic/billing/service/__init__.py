"""What people do with charges: open a sheet, save it, take it back, say it is ready; keep the fees."""

from __future__ import annotations

from clinic.billing.service.codes import Offer, find_procedure, offers, today
from clinic.billing.service.fees import FeeLine, fees, import_fees, read_fee_lines, retire_fee, save_fee
from clinic.billing.service.sheets import (
    VisitSheet,
    copy_previous,
    make_ready,
    open_again,
    open_sheet,
    save_sheet,
    undo,
)
from clinic.billing.service.work import Change, Outcome, Question, work
from clinic.billing.service.writers import CLAIMS, FEES

__all__ = [
    "CLAIMS",
    "FEES",
    "Change",
    "FeeLine",
    "Offer",
    "Outcome",
    "Question",
    "VisitSheet",
    "copy_previous",
    "fees",
    "find_procedure",
    "import_fees",
    "make_ready",
    "offers",
    "open_again",
    "open_sheet",
    "read_fee_lines",
    "retire_fee",
    "save_fee",
    "save_sheet",
    "today",
    "undo",
    "work",
]
