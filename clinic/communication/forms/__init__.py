"""The forms of calls, messages and reminders."""
