"""What can be refused on the way through the practice."""

from __future__ import annotations

from clinic.core.errors import Conflict

NO_PATIENT = "This appointment has no patient, so nobody can arrive for it."
NOT_EXPECTED = "This appointment is %(status)s, so nobody can arrive for it."
FINISHED = "This visit has ended. Undo the check-out first, or book a new visit."
NO_STATION = "There is no such station."
TOO_LATE = "It is more than a minute ago; move the visit to the right station instead."
OPEN_NEEDS = "Something is still open. Do it, or say why it is skipped."
WALK_IN_PATIENT = "Choose the patient first."


class NotNow(Conflict):
    """The visit is not in a state that allows this."""
