"""Gateways: what takes a message and brings it to somebody's telephone or mailbox.

A gateway is any object with `channel` and `hand_over` (see `Gateway`). It is called by the background worker outside
of a transaction, may be called again for a message that it did not take, and says what happened by what it gives or
raises: `Handed` when it has the message, `NotNow` when it surely has not but may later, `Refused` when it never
will, `Unsure` when nobody can tell, so that a person looks before anything is said twice. A gateway for texts also
tells what became of a message later (`look_up`), and reads what it is sent (`clinic/communication/gateways/twilio.py`
shows one whole). Which one is used is a setting; without it nothing leaves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Outgoing:
    """A message as it is handed over. `id` is the same each time, for gateways that know repeats by it."""

    id: str
    to: str
    text: str
    subject: str = ""
    language: str = "en"
    sender_name: str = ""
    report_url: str = ""
    """Where the gateway tells what became of it; empty when it cannot reach us."""


@dataclass(frozen=True)
class Handed:
    """The gateway has it: under which name, and how far it is (`handed`, `sent`, `delivered`)."""

    gateway_id: str
    state: str = "handed"


class NotNow(Exception):
    """The gateway surely did not take the message; it may later."""


class Refused(Exception):
    """The gateway will never take this message. `opted_out` says that its owner wants no more texts."""

    def __init__(self, why: str, *, opted_out: bool = False) -> None:
        super().__init__(why)
        self.opted_out = opted_out


class Unsure(Exception):
    """The connection broke at a moment when the gateway may have taken it."""


@dataclass(frozen=True)
class Report:
    """What a gateway says later about a message."""

    gateway_id: str
    state: str
    why: str = ""


@dataclass(frozen=True)
class Incoming:
    """A text that somebody sent to the practice."""

    gateway_id: str
    sender: str
    text: str


class Gateway(Protocol):
    """Takes messages of one channel."""

    @property
    def channel(self) -> str:
        """`sms` or `email`."""

    def hand_over(self, message: Outgoing) -> Handed:
        """Take a message. Raises NotNow, Refused, Unsure."""

    def look_up(self, gateway_id: str) -> Report | None:
        """What became of a message, for a gateway that can be asked. Raises NotNow."""
