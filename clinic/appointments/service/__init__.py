"""What people can do with appointments; nothing here commits, sends or reads the clock."""

from clinic.appointments.service.absences import add_absence, remove_absence, visits_hit
from clinic.appointments.service.booking import book, book_walk_in, record
from clinic.appointments.service.changes import cancel, move, no_show, resize, set_status, undo

__all__ = [
    "add_absence",
    "book",
    "book_walk_in",
    "cancel",
    "move",
    "no_show",
    "record",
    "remove_absence",
    "resize",
    "set_status",
    "undo",
    "visits_hit",
]
