"""Appointments: the calendar, booking, moving and cancelling."""
