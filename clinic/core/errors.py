"""What can go wrong, in words that a person can act on.

Every error that a person caused or can mend is a `ClinicError`. It is turned into a page by
`clinic/web/errors.py` and into an OperationOutcome by `clinic/fhir_api/errors.py`, nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any, Literal

Kind = Literal["missing", "conflict", "invalid", "forbidden"]


def N_(text: str) -> str:  # noqa: N802 the name that message extraction looks for
    """Mark a message for the translators; it is looked up in the language of whoever is shown it."""
    return text


@dataclass(frozen=True)
class Detail:
    """One fault, tied to the field (or FHIR element) that it is about.

    `message` is finished English; where it has places, `msgid` and `params` say it in other languages.
    """

    field: str
    message: str
    msgid: str = ""
    params: dict[str, Any] = dataclass_field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, field: str, error: ClinicError) -> Detail:
        """What an error says, at a field."""
        return cls(field, str(error), error.message, error.params)


class ClinicError(Exception):
    """A refusal with a plain message.

    `message` is an English gettext id and may hold `%(name)s` places that `params` fill.
    """

    kind: Kind = "invalid"

    def __init__(
        self,
        message: str,
        *,
        field: str = "",
        details: tuple[Detail, ...] = (),
        **params: Any,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.details = details
        self.params = params

    def __str__(self) -> str:
        return self.message % self.params if self.params else self.message


class Missing(ClinicError):
    """Nothing is there under this name, or this person may not know that it is."""

    kind: Kind = "missing"


class Gone(Missing):
    """It was there and has been deleted."""


class Invalid(ClinicError):
    """What was given breaks a rule; nothing was written."""

    kind: Kind = "invalid"

    def __init__(self, message: str, *, issues: tuple[Any, ...] = (), **rest: Any) -> None:
        super().__init__(message, **rest)
        self.issues = issues


class Conflict(ClinicError):
    """Somebody else was first, or the record is not in a state that allows this."""

    kind: Kind = "conflict"


class Stale(Conflict):
    """The record changed since it was loaded; `current` is what it says now."""

    def __init__(self, message: str, *, current: dict[str, Any], **rest: Any) -> None:
        super().__init__(message, **rest)
        self.current = current


class Taken(Conflict):
    """A claim (a time, a number, a key) is held by another record."""

    def __init__(self, message: str, *, holder: str = "", key: str = "", **rest: Any) -> None:
        super().__init__(message, **rest)
        self.holder = holder
        self.key = key


class Moved(Conflict):
    """The patient's record was merged into another one: `new` is where everything about the person is now."""

    def __init__(self, old: str, new: str) -> None:
        super().__init__("This record was merged into another one. Nothing was changed; please use that one.")
        self.old = old
        self.new = new


class Forbidden(ClinicError):
    """This person's role does not allow it."""

    kind: Kind = "forbidden"


class Restricted(Forbidden):
    """The record is restricted and closed to this person, who may open it by giving a reason."""

    def __init__(self, patient_id: str) -> None:
        super().__init__(RESTRICTED)
        self.patient_id = patient_id


RESTRICTED = N_("This record is restricted. It opens only for the people named on it, or with a reason.")
