"""Appointments: the calendar, booking, moving and cancelling."""

from clinic.appointments.wiring import slice_

__all__ = ["slice_"]
