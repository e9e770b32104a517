"""Communication: calls, messages and reminders, replies, and what waits for a person."""

from clinic.communication.wiring import slice_

__all__ = ["slice_"]
