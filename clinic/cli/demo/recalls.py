"""Orders for a next visit and recalls: some due, some late, some tried, one given to a person; and two rules."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from clinic.appointments.rules.recalls import MESSAGE, NO_ANSWER, ORDER, REACHED, RECALL, Recall, Rule, Tried
from clinic.appointments.service import recalls
from clinic.appointments.service.recall_rules import save_rule
from clinic.cli.demo.calendar import At
from clinic.cli.demo.people import Person
from clinic.cli.demo.practice import Made
from clinic.core.ids import new_id
from clinic.fhir.store import Store

_ASKED = (
    ("Follow-up", ORDER, -9, 7, "urgent", "See how the new tablets work"),
    ("Blood pressure", ORDER, -2, 7, "routine", ""),
    ("Follow-up", ORDER, 3, 3, "routine", "Before the holidays"),
    ("Follow-up", RECALL, -20, 14, "routine", ""),
    ("Blood pressure", RECALL, 1, 14, "routine", ""),
    ("Follow-up", ORDER, 12, 7, "asap", "Results of the scan are expected by then"),
    ("Blood pressure", ORDER, 25, 7, "routine", ""),
    ("Follow-up", RECALL, 30, 14, "routine", ""),
    ("", ORDER, 6, 2, "routine", "Bring the diary"),
    ("Follow-up", RECALL, 44, 14, "routine", ""),
)
"""What, of which kind, due in how many days, give or take, how urgent, and the note."""
_OUTCOMES = ((), (NO_ANSWER,), (NO_ANSWER, MESSAGE), (NO_ANSWER, NO_ANSWER, NO_ANSWER), (REACHED,))


def make_recalls(store: Store, at: At, random: Random, made: Made, people: list[Person]) -> None:
    """The call list of the demo, and the rules under Manage."""
    for type_name, months, ages in (("Follow-up", 12, (0, 0)), ("Blood pressure", 6, (40, 0))):
        rule = Rule(new_id(), made.types[type_name], months, age_from=ages[0], age_to=ages[1])
        save_rule(store, rule)
    today = store.now.date()
    whom = random.sample([one for one in people if one.id], len(_ASKED))
    for number, (person, asked) in enumerate(zip(whom, _ASKED, strict=True)):
        name, kind, days, around, priority, note = asked
        earlier = at(store.now - timedelta(days=60, minutes=7 * number))
        wanted = Recall(
            person.id, today + timedelta(days=days), kind, type_id=made.types.get(name, ""), days=around,
            what="" if name else "Remove the stitches", priority=priority, note=note,
            provider_id=random.choice(made.providers), requester_id=random.choice(made.providers),
        )  # fmt: skip
        id_ = str(recalls.add(earlier, wanted)["id"])
        for tried, outcome in enumerate(_OUTCOMES[number % len(_OUTCOMES)]):
            then = at(store.now - timedelta(days=4 - tried, hours=number % 5))
            recalls.log_attempt(then, id_, Tried(outcome, "Will call back after work" if outcome == REACHED else ""))
