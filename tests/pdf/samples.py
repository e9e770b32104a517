"""Values to print."""

from __future__ import annotations

from datetime import UTC, date, datetime

from clinic.appointments.printing import DaySchedule, Line, ProviderDay
from clinic.billing.printing import EncounterForm, TickLine, TickSection
from clinic.cash.queries import PaymentRow, Till
from clinic.cash.rules import PIECES
from clinic.pdf import Printed
from clinic.registration.printing import Label
from tests.conftest import NOW

CODE = "01933f1e-7aa0-7cc0-8000-0123456789ab"
TENDERS = {"cash": "Cash", "card": "Card", "cheque": "Cheque", "link": "Paid by link"}
HOSTILE = (
    '<script>alert(1)</script><img src="http://bad.example.org/x.png"><link rel=stylesheet href="file:///etc/passwd">'
    "<style>@import url(http://bad.example.org/x.css)</style>{{ 7*7 }} \u202egnp.exe \u2067אב\u2069 👩‍⚕️ 漢字 \x08\x00"
)


def printed(title: str = "A document", **more: str) -> Printed:
    """A footer."""
    return Printed(title, by="Mae Ode", at=NOW, **more)


def label(name: str = "SOLER, Ana R.") -> Label:
    """A patient label."""
    return Label(name, name, "1986-04-17", "female", "HS-00001", CODE, "Harbour Street Clinic")


def visit(hour: int, patient: str, **more: object) -> Line:
    """A visit of half an hour on the schedule."""
    start = datetime(2027, 3, 9, hour + 5, 0, tzinfo=UTC)
    end = start.replace(minute=30)
    return Line(
        "visit",
        start,
        end,
        patient=patient,
        birth_date="1949-02-11",
        what="Blood pressure",
        **{"coverage": "Meadow PPO", "due": 2500, **more},
    )  # type: ignore[arg-type]


def schedule(*names: str) -> DaySchedule:
    """One provider's day."""
    lines = tuple(visit(8 + place % 9, name, room="Room 2", status="booked") for place, name in enumerate(names))
    return DaySchedule(date(2027, 3, 9), NOW, "Main desk", (ProviderDay("Dr. Vermeer", "Room 2", lines),))


_FOUND = TickSection(
    "Heart", (TickLine("I10", "Hypertension", None, ticked=True, letters="A"), TickLine("R07.9", "Pain"))
)
_DONE = TickSection("Visit", (TickLine("OV-E3", "Known patient, usual", 10500, ticked=True, letters="A"),))


def tick_sheet(
    diagnoses: tuple[TickSection, ...] = (_FOUND,), charges: tuple[TickSection, ...] = (_DONE,)
) -> EncounterForm:
    """A visit with one diagnosis and one charge coded."""
    return EncounterForm(
        encounter_id=CODE,
        patient_id="p1",
        day=date(2027, 3, 9),
        start=NOW,
        reason="Blood pressure",
        provider="Dr. Vermeer",
        room="Room 2",
        coverage="Meadow PPO",
        copay=2500,
        diagnoses=diagnoses,
        charges=charges,
    )


def payment(cents: int = 3000, **more: str) -> PaymentRow:
    """A payment."""
    reason = more.get("reason", "")
    return PaymentRow(CODE, "p1", more.get("name", "Ana Soler"), "R-00012", "cash", cents, NOW, "", reason, None)


def till(**more: object) -> Till:
    """A closed drawer, 25 dollars short."""
    values: dict[str, object] = {
        "id": CODE, "user_id": "u1", "user_name": "Mae Ode", "state": "closed", "version": 3, "opened": NOW,
        "float_cents": 20000, "counts": 2, "sealed": NOW, "pieces": {"10000": 2, "100": 73},
        "counted_cents": 27300, "expected_cents": 29800, "reason": "One receipt was booked as cash.", "closed": NOW,
    }  # fmt: skip
    return Till(**{**values, **more})  # type: ignore[arg-type]


def close_values() -> dict[str, object]:
    """What the closed drawer is printed from."""
    means = [
        {"code": code, "word": word, "entries": 1, "cents": 3000, "difference": 0} for code, word in TENDERS.items()
    ]
    return {"mine": till(), "rows": [payment()], "means": means, "pieces": PIECES["USD"], "tenders": TENDERS}
