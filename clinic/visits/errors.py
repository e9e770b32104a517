"""What can be refused on the way through the practice."""

from __future__ import annotations

from clinic.core.errors import N_, Conflict

NO_PATIENT = N_("This appointment has no patient, so nobody can arrive for it.")
NOT_EXPECTED = N_("This appointment is %(status)s, so nobody can arrive for it.")
FINISHED = N_("This visit has ended. Undo the check-out first, or book a new visit.")
NO_STATION = N_("There is no such station.")
TOO_LATE = N_("It is more than a minute ago; move the visit to the right station instead.")
OPEN_NEEDS = N_("Something is still open. Do it, or say why it is skipped.")
STILL_OPEN = N_("Still open: %(names)s. Do it, or say why it is left.")
UNSIGNED = N_("This has to be signed before the patient is seen: %(names)s.")
GATED = N_("Nobody is seen here without it: %(names)s.")
MAY_NOT_OVERRIDE = N_("Your role may not let patients through. Ask somebody who may.")
OVERRIDE_REASON = N_("Say why the patient is let through.")
BEGUN = N_("This visit has begun, or is not to come any more.")
NO_DAY = N_("There is no such day.")
NO_OUTCOME = N_("Say what came of the call.")
SAID_ALREADY = N_("The patient was asked today already.")
NO_FORMS = N_("There is no form that this patient has to fill in.")
NOT_YOURS = N_("Only what was done from this list a moment ago can be taken back here.")
STILL_HERE = N_("%(name)s is still at a visit (%(station)s). End it first.")
WALK_IN_PATIENT = N_("Choose the patient first.")


class NotNow(Conflict):
    """The visit is not in a state that allows this."""


class StillOpen(Conflict):
    """Something has to be done, or left with a reason, before this patient goes."""
