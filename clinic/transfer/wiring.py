"""What this slice gives to the application."""

from __future__ import annotations

from clinic.web.slice import Slice

slice_ = Slice("transfer")
