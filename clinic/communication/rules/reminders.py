"""When patients are reminded: the stages before a visit, and the hours in which the practice texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from clinic.communication.rules.messages import CHANNELS
from clinic.core.errors import Detail, Invalid
from clinic.registration.rules.contacting import QUIET
from clinic.registration.rules.hours import read_hours

MOST_STAGES: Final = 6
LONGEST_LEAD: Final = timedelta(days=60)
CATCH_UP: Final = timedelta(hours=2)
"""A stage that came due while nothing ran is still said so much later, and no later."""
UNITS: Final = {"days": 1440, "hours": 60, "minutes": 1}


@dataclass(frozen=True, order=True)
class Stage:
    """One reminder: so many minutes before the visit, by these ways."""

    minutes: int
    channels: tuple[str, ...] = CHANNELS

    @property
    def lead(self) -> timedelta:
        """How long before the visit."""
        return timedelta(minutes=self.minutes)

    @property
    def unit(self) -> str:
        """The unit in which it is said."""
        return next(name for name, size in UNITS.items() if self.minutes % size == 0)

    @property
    def count(self) -> int:
        """How many of its unit."""
        return self.minutes // UNITS[self.unit]


@dataclass(frozen=True)
class Plan:
    """The reminders of a visit type; no stages means none are sent."""

    visit_type: str = ""
    stages: tuple[Stage, ...] = ()
    hours: str = QUIET
    version: int = 0


USUAL: Final = Plan("", (Stage(7 * 1440), Stage(2 * 1440), Stage(120, ("sms",))))
"""What holds until a manager decides: a week, two days and two hours before."""


def check_plan(plan: Plan) -> Plan:
    """The plan as it is kept: stages in order, each once. Raises Invalid with each fault beside its field."""
    faults = []
    if len(plan.stages) > MOST_STAGES:
        faults.append(Detail("stages", "Six stages are enough."))
    for number, stage in enumerate(plan.stages):
        if not timedelta(minutes=15) <= stage.lead <= LONGEST_LEAD:
            faults.append(Detail(f"stages-{number}-count", "Remind from 15 minutes to 60 days before."))
        if not stage.channels or not set(stage.channels) <= set(CHANNELS):
            faults.append(Detail(f"stages-{number}-channels", "Choose how it shall go."))
    try:
        hours = read_hours(plan.hours)
    except ValueError as error:
        faults.append(Detail("hours", str(error)))
        hours = plan.hours
    if faults:
        raise Invalid("Please correct the marked fields.", details=tuple(faults))
    once = {stage.minutes: stage for stage in plan.stages}
    return Plan(plan.visit_type, tuple(sorted(once.values(), reverse=True)), hours or QUIET, plan.version)


def plan_for(plans: Mapping[str, Plan], visit_type: str) -> Plan:
    """The plan of a type: its own, else that of all, else the usual one."""
    return plans.get(visit_type) or plans.get("") or USUAL


def leads(plans: Mapping[str, Plan]) -> tuple[timedelta, ...]:
    """Every lead time that any plan has, longest first."""
    known = [plans.get("", USUAL), *plans.values()]
    return tuple(sorted({stage.lead for plan in known for stage in plan.stages}, reverse=True))


def is_due(stage: Stage, start: datetime, now: datetime, booked: datetime) -> bool:
    """Whether a stage's moment has come, not long ago, and not before the visit was booked.

    Somebody who books for tomorrow is not told at once what a reminder of two days before would say.
    """
    moment = start - stage.lead
    return booked < moment <= now < min(moment + CATCH_UP, start)


def reminder_key(appointment_id: str, start: datetime, stage: Stage) -> str:
    """What a reminder is about: the same visit at another time is another one."""
    return f"{key_begins(appointment_id, start)}{stage.minutes}"


def key_begins(appointment_id: str, start: datetime) -> str:
    """How the keys of all reminders of a visit at this time begin."""
    return f"reminder:{appointment_id}:{start:%Y%m%dT%H%M}:"
