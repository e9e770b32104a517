"""Which insurance policy counts on which day: pure decisions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from clinic.core.errors import Detail, Invalid

RANKS = (1, 2, 3)
"""Primary, secondary, tertiary."""

RELATIONSHIPS = ("self", "spouse", "child", "parent", "common", "other", "injured")
"""FHIR's subscriber-relationship codes (R4) that a desk uses."""

SELF_PAY = "self-pay"
_MEMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./-]{0,39}")


@dataclass(frozen=True)
class Policy:
    """One insurance policy of one patient, as the desk enters it."""

    payer_name: str = ""
    payer_id: str = ""
    """The Organization of the payer, when it is in the directory."""
    plan: str = ""
    member_id: str = ""
    group: str = ""
    relationship: str = "self"
    subscriber_id: str = ""
    """The RelatedPerson or Patient who holds the policy; empty for `self`."""
    subscriber_name: str = ""
    subscriber_birth_date: str = ""
    rank: int = 1
    starts: date | None = None
    ends: date | None = None
    """The last day on which it is in force."""
    copay_cents: int | None = None
    filing: str = ""
    """X12 claim filing indicator, for example `CI` or `MB`."""
    self_pay: bool = False
    cancelled: bool = False


@dataclass(frozen=True)
class Term:
    """When a policy is in force, and its rank: what two policies are compared by."""

    id: str
    rank: int
    starts: date | None = None
    ends: date | None = None
    cancelled: bool = False
    payer: str = field(default="", compare=False)


def in_force(term: Term, on: date) -> bool:
    """Whether a policy counts on a day; an open end never ends, an open start always began."""
    if term.cancelled:
        return False
    return (term.starts is None or term.starts <= on) and (term.ends is None or on <= term.ends)


def chosen(terms: Iterable[Term], on: date) -> list[Term]:
    """The policies in force on a day, primary first."""
    return sorted((term for term in terms if in_force(term, on)), key=lambda term: (term.rank, term.id))


def overlaps(one: Term, other: Term) -> bool:
    """Whether two policies would both be, say, primary on some day."""
    if one.cancelled or other.cancelled or one.rank != other.rank or one.id == other.id:
        return False
    starts_in_time = one.starts is None or other.ends is None or one.starts <= other.ends
    ends_late_enough = one.ends is None or other.starts is None or one.ends >= other.starts
    return starts_in_time and ends_late_enough


def check(policy: Policy, today: date) -> None:
    """Refuse a policy that could not be billed. Raises Invalid with every fault beside its field."""
    faults = list(_faults(policy, today))
    if faults:
        raise Invalid("Please correct the marked fields.", details=tuple(faults))


def _faults(policy: Policy, today: date) -> Iterable[Detail]:
    if policy.rank not in RANKS:
        yield Detail("rank", "Choose first, second or third.")
    if policy.relationship not in RELATIONSHIPS:
        yield Detail("relationship", "Choose how the patient is related to the policy's holder.")
    if policy.starts and policy.ends and policy.ends < policy.starts:
        yield Detail("ends", "It ends before it starts.")
    if policy.starts and policy.starts.year > today.year + 5:
        yield Detail("starts", "This is more than five years ahead.")
    if not policy.self_pay:
        yield from _card_faults(policy)


def _card_faults(policy: Policy) -> Iterable[Detail]:
    if not policy.payer_name.strip():
        yield Detail("payer", "Name the payer, as it stands on the card.")
    if not _MEMBER.fullmatch(policy.member_id.strip()):
        yield Detail("member_id", "Copy the member number from the card: letters, digits, dashes.")
    if policy.relationship != "self" and not (policy.subscriber_id or policy.subscriber_name.strip()):
        yield Detail("subscriber_name", "Name the person who holds the policy.")
    if policy.copay_cents is not None and not 0 <= policy.copay_cents <= 1_000_000:
        yield Detail("copay", "A co-pay lies between 0 and 10,000.")
