"""The one table of who may do what; the guard, the manual and the route walk all read it.

A role is a bundle of permissions; a view asks for a permission, never for a role. The front desk sees no
clinical text (diagnoses, charge lines, notes), a device sees the form handed to it and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

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

    explanation: Any
    roles: tuple[str, ...]


PERMISSIONS: Final[dict[str, Permission]] = {
    "patients.read": Permission(_l("Find patients and see their contact data."), STAFF),
    "patients.write": Permission(_l("Register patients and change their data."), DESK),
    "patients.restrict": Permission(
        _l("Restrict a record, name who may open it, and see who opened one with a reason."), LEADERS
    ),
    "patients.import": Permission(_l("Bring people in from another system, and take an import back."), LEADERS),
    "patients.export": Permission(_l("Give a patient the whole record as files; every time is recorded."), LEADERS),
    "documents.read": Permission(_l("See the documents of a patient; every look is recorded."), STAFF),
    "documents.write": Permission(_l("Scan and add documents, replace and retire them."), STAFF),
    "patients.merge": Permission(_l("Merge two records of one person, and undo it."), DESK),
    "appointments.read": Permission(_l("See the calendar."), STAFF),
    "appointments.write": Permission(_l("Book, move and cancel appointments."), DESK),
    "appointments.overbook": Permission(_l("Book a time that is already taken, with a reason."), LEADERS),
    "appointments.close": Permission(
        _l("Close time: leave, holidays, closures and maintenance, of people, rooms, devices and sites."), LEADERS
    ),
    "visits.read": Permission(_l("See who is in the building and where."), STAFF),
    "visits.write": Permission(_l("Check patients in and out and move them between stations."), DESK),
    "visits.override": Permission(
        _l("Let a patient through check-in without what the practice chose as a must, with a reason."), LEADERS
    ),
    "insurance.read": Permission(_l("See insurance policies, numbers masked."), STAFF),
    "insurance.write": Permission(_l("Add and change insurance policies."), STAFF),
    "insurance.reveal": Permission(_l("Show a masked number in full; every time is recorded."), STAFF),
    "billing.read": Permission(_l("See diagnoses and charge lines of a visit."), OFFICE),
    "billing.write": Permission(_l("Code visits: diagnoses, charge lines, fees."), OFFICE),
    "clinical.read": Permission(_l("Read clinical text such as diagnoses and notes."), OFFICE),
    "intake.read": Permission(_l("See forms and answers."), STAFF),
    "intake.write": Permission(_l("Hand a form to the tablet, import and retire forms."), DESK),
    "intake.review": Permission(_l("Accept answers into the patient's record."), DESK),
    "intake.answer": Permission(_l("Fill in the form handed to this tablet, and nothing else."), (DEVICE,)),
    "communication.read": Permission(_l("See the call log and messages."), STAFF),
    "communication.write": Permission(_l("Log calls and write messages."), STAFF),
    "cash.read": Permission(_l("See payments, receipts and the till."), STAFF),
    "cash.write": Permission(_l("Take payments, open and close a till."), STAFF),
    "print.read": Permission(_l("Print forms, labels and lists."), STAFF),
    "management.users": Permission(_l("Add, change and disable people who sign in."), LEADERS),
    "management.audit": Permission(_l("Search who saw or changed what, and export it."), LEADERS),
    "management.setup": Permission(_l("Change sites, providers, visit types, hours and forms."), LEADERS),
    "management.measures": Permission(
        _l("See and export the measures of the practice, and list the visits behind a number."), LEADERS
    ),
    "management.clients": Permission(_l("See and revoke programs that use the interface."), (ADMINISTRATOR,)),
    "account.own": Permission(_l("Change one's own password, PIN and preferences."), STAFF),
}


def permissions_of(role: str) -> frozenset[str]:
    """The permissions that a role holds; none for a role that does not exist."""
    return _BY_ROLE.get(role, frozenset())


_BY_ROLE: Final = {
    role: frozenset(name for name, permission in PERMISSIONS.items() if role in permission.roles) for role in ROLES
}
