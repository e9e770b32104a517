"""What people can do with appointments; nothing here commits, sends or reads the clock."""

from clinic.appointments.service.absences import add_absence, close_time, remove_absence, take_back
from clinic.appointments.service.booking import book, book_walk_in, record
from clinic.appointments.service.changes import cancel, move, no_show, resize, set_status, undo

__all__ = [
    "add_absence",
    "book",
    "book_walk_in",
    "cancel",
    "close_time",
    "move",
    "no_show",
    "record",
    "remove_absence",
    "resize",
    "set_status",
    "take_back",
    "undo",
]
