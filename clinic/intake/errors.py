"""What can be refused in intake, in words a person can act on."""

from __future__ import annotations

from clinic.core.errors import ClinicError, Conflict, Invalid, Missing
from clinic.intake.questionnaire.messages import N_

FORMS_OUT = N_("Forms of %(name)s are in somebody's hands. Take them back first.")


class NoPacket(Missing):
    """There is nothing on this tablet any more: done, taken back, or too old."""

    def __init__(self) -> None:
        super().__init__(N_("There is no form on this tablet any more. Please ask reception."))


class TabletBusy(Conflict):
    """Somebody else has this tablet in hand."""

    def __init__(self, name: str) -> None:
        super().__init__(N_("%(name)s is in use. Choose another tablet, or take it back first."), name=name)


class PatientBusy(Conflict):
    """This patient already has forms in hand."""

    def __init__(self) -> None:
        super().__init__(N_("This patient already has forms in hand. Take them back first."))


class WrongCode(Invalid):
    """A pairing code that is unknown, used or too old."""

    def __init__(self) -> None:
        super().__init__(N_("This code is not valid. Ask a manager for a new one."), field="code")


__all__ = ["ClinicError", "NoPacket", "PatientBusy", "TabletBusy", "WrongCode"]
