"""Decisions about calls, messages, reminders and what is due."""

from clinic.communication.rules.calls import HOT_AFTER, LONGEST_NOTE, OUTCOMES, REASONS, Call, check, read_due

__all__ = ["HOT_AFTER", "LONGEST_NOTE", "OUTCOMES", "REASONS", "Call", "check", "read_due"]
