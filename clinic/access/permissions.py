"""The one table of who may do what; the guard, the manual and the route walk all read it.

A role is a bundle of permissions; a view asks for a permission, never for a role. The front desk sees no
clinical text (diagnoses, charge lines, notes), a device sees the form handed to it and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask_babel import lazy_gettext as _l

RECEPTIONIST: Final = "receptionist"
BILLING: Final = "billing"
MANAGER: Final = "manager"
ADMINISTRATOR: Final = "administrator"
DEVICE: Final = "device"

STAFF: Final = (RECEPTIONIST, BILLING, MANAGER, ADMINISTRATOR)
DESK: Final = (RECEPTIONIST, MANAGER, ADMINISTRATOR)
OFFICE: Final = (BILLING, MANAGER, ADMINISTRATOR)
LEADERS: Final = (MANAGER, ADMINISTRATOR)

ROLES: Final = {
    RECEPTIONIST: _l("Receptionist"),
    BILLING: _l("Billing"),
    MANAGER: _l("Manager"),
    ADMINISTRATOR: _l("Administrator"),
    DEVICE: _l("Tablet"),
}
"""Every role and its name on the screen."""


@dataclass(frozen=True)
class Permission:
    """One right: its explanation for people, and the roles that hold it."""

    explanation: str
    roles: tuple[str, ...]


PERMISSIONS: Final[dict[str, Permission]] = {
    "patients.read": Permission("Find patients and see their contact data.", STAFF),
    "patients.write": Permission("Register patients and change their data.", DESK),
    "appointments.read": Permission("See the calendar.", STAFF),
    "appointments.write": Permission("Book, move and cancel appointments.", DESK),
    "appointments.overbook": Permission("Book a time that is already taken, with a reason.", LEADERS),
    "visits.read": Permission("See who is in the building and where.", STAFF),
    "visits.write": Permission("Check patients in and out and move them between stations.", DESK),
    "insurance.read": Permission("See insurance policies, numbers masked.", STAFF),
    "insurance.write": Permission("Add and change insurance policies.", STAFF),
    "insurance.reveal": Permission("Show a masked number in full; every time is recorded.", STAFF),
    "billing.read": Permission("See diagnoses and charge lines of a visit.", OFFICE),
    "billing.write": Permission("Code visits: diagnoses, charge lines, fees.", OFFICE),
    "clinical.read": Permission("Read clinical text such as diagnoses and notes.", OFFICE),
    "intake.read": Permission("See forms and answers.", STAFF),
    "intake.write": Permission("Hand a form to the tablet, import and retire forms.", DESK),
    "intake.review": Permission("Accept answers into the patient's record.", DESK),
    "intake.answer": Permission("Fill in the form handed to this tablet, and nothing else.", (DEVICE,)),
    "communication.read": Permission("See the call log and messages.", STAFF),
    "communication.write": Permission("Log calls and write messages.", STAFF),
    "cash.read": Permission("See payments, receipts and the till.", STAFF),
    "cash.write": Permission("Take payments, open and close a till.", STAFF),
    "print.read": Permission("Print forms, labels and lists.", STAFF),
    "management.users": Permission("Add, change and disable people who sign in.", LEADERS),
    "management.audit": Permission("Search who saw or changed what, and export it.", LEADERS),
    "management.setup": Permission("Change sites, providers, visit types, hours and forms.", LEADERS),
    "management.clients": Permission("See and revoke programs that use the interface.", (ADMINISTRATOR,)),
    "account.own": Permission("Change one's own password, PIN and preferences.", STAFF),
}


def permissions_of(role: str) -> frozenset[str]:
    """The permissions that a role holds; none for a role that does not exist."""
    return _BY_ROLE.get(role, frozenset())


_BY_ROLE: Final = {
    role: frozenset(name for name, permission in PERMISSIONS.items() if role in permission.roles) for role in ROLES
}
