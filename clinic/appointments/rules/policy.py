"""What a practice decided about missed and late cancelled visits, and about visits by video."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from urllib.parse import urlsplit

from clinic.core.errors import N_, Detail, Invalid

Breach = Literal["", "noshow", "late-cancel"]

ROOM: Final = "{room}"
"""What stands for the visit in the address of its video room."""
LONGEST_GRACE, LONGEST_NOTICE, HIGHEST_FEE = 24 * 60, 14 * 24, 100_000_00
AUTOMATIC: Final = N_("Did not come, noted automatically")
KINDS: Final = ("patient", "practice", "noshow")
"""Lists of reasons: of a cancellation by the patient, of one by the practice (never late), of a missed visit."""
SHIPPED: Final = {
    "patient": (
        N_("Patient asked"), N_("Patient is ill"), N_("Transport or weather"), N_("Insurance or cost"),
    ),
    "practice": (N_("Provider is away"), N_("Booked by mistake")),
    "noshow": (N_("No reason known"), N_("Forgot"), N_("Could not get here"), N_("Phoned afterwards")),
}  # fmt: skip
"""What can be chosen until a manager writes other reasons; the desk may always write its own."""
MOST_REASONS: Final = 20
LONGEST_REASON: Final = 100
LOOKS_BACK: Final = timedelta(hours=36)
"""A visit longer ago is left as it is: a rule that is new says nothing about the days before it."""


@dataclass(frozen=True)
class VisitPolicy:
    """The rules of one visit type, or of every type without rules of its own (`visit_type` empty).

    `grace` minutes after the start a visit without an arrival is a no-show (0: the desk says so itself); a
    cancellation less than `notice` hours before is late (0: never); `free` breaches within a year cost nothing.
    Fees are in minor units. `follow_up` makes a task of each missed visit; `video` is the address of the video
    room, `{room}` standing for a word that nobody can guess.
    """

    visit_type: str = ""
    grace: int = 0
    notice: int = 0
    no_show_fee: int = 0
    late_fee: int = 0
    free: int = 0
    follow_up: bool = True
    video: str = ""
    version: int = 0

    def is_late(self, start: datetime, cancelled: datetime) -> bool:
        """Whether a cancellation comes too late for the time to be given away."""
        return bool(self.notice) and start - cancelled < timedelta(hours=self.notice)

    def fee(self, breach: Breach, before: int) -> int:
        """What a breach costs after so many others within a year."""
        if before < self.free:
            return 0
        return {"noshow": self.no_show_fee, "late-cancel": self.late_fee}.get(breach, 0)


def check_policy(policy: VisitPolicy) -> None:
    """Refuse rules that mean nothing. Raises Invalid with each fault beside its field."""
    faults = []
    for name, most in (("grace", LONGEST_GRACE), ("notice", LONGEST_NOTICE), ("free", 99)):
        if not 0 <= getattr(policy, name) <= most:
            fault = "Write a number from 0 to %(most)s."
            faults.append(Detail(name, fault % {"most": most}, fault, {"most": most}))
    faults += [
        Detail(name, "Write an amount from 0 to 100,000.")
        for name in ("no_show_fee", "late_fee")
        if not 0 <= getattr(policy, name) <= HIGHEST_FEE
    ]
    if policy.video and not _is_address(policy.video):
        faults.append(
            Detail("video", "Write an https address with {room} in it once, such as https://video.example/{room}.")
        )
    if faults:
        raise Invalid("Please correct the marked fields.", details=tuple(faults))


def _is_address(text: str) -> bool:
    parts = urlsplit(text)
    host, _, rest = text.removeprefix("https://").partition("/")
    plain = text.isascii() and text.isprintable() and not set(text) & set(" \"'<>\\") and len(text) <= 300
    return plain and parts.scheme == "https" and bool(host) and ROOM not in host and rest.count(ROOM) == 1


def check_reasons(kind: str, lines: tuple[str, ...]) -> tuple[str, ...]:
    """The reasons of a list as they are kept, each once. Raises Invalid beside the list."""
    kept = tuple(dict.fromkeys(" ".join(line.split()) for line in lines if line.strip()))
    if len(kept) > MOST_REASONS or any(len(line) > LONGEST_REASON for line in kept):
        raise Invalid("Twenty reasons of at most 100 letters are enough.", field=kind)
    return kept


def chosen_policy(policies: dict[str, VisitPolicy], visit_type: str) -> VisitPolicy:
    """The rules of a type: its own, else those of all, else none."""
    return policies.get(visit_type) or policies.get("") or VisitPolicy()
