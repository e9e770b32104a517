"""Reading: every function is one statement into frozen rows."""

from clinic.appointments.queries.practice import absences_between, calendar_setup

__all__ = ["absences_between", "calendar_setup"]
