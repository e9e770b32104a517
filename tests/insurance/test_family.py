"""Insurance of a family: the same policy is offered, not copied, and its holder is a person on record."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.insurance.mapping import to_policy
from clinic.insurance.rules import Policy
from clinic.insurance.service import add_coverage, coverages_of, policy_for
from clinic.registration.rules.family import Bond, Facts
from clinic.registration.service.family import relate_patient, relate_person
from tests.registration.factories import a_patient
from tests.registration.test_routes import text, write


@pytest.fixture
def family(app: Flask) -> dict[str, str]:
    """A mother with a policy, her child, and a father who is no patient."""

    def make(store: Any) -> dict[str, str]:
        mother, child = (
            a_patient(store, name, "García", born) for name, born in (("María", "1980-08-14"), ("Inés", "2015-01-01"))
        )
        relate_patient(store, child["id"], mother["id"], Bond("MTH"))
        father = relate_person(store, child["id"], Facts("Andrés", "Ruiz"), Bond("FTH"))
        kept = add_coverage(
            store,
            mother["id"],
            Policy(payer_name="Meridian PPO", plan="Family", member_id="MRD1", starts=date(2026, 1, 1)),
        )
        return {"mother": mother["id"], "child": child["id"], "father": father["id"], "policy": kept["id"]}

    return write(app, make)  # type: ignore[no-any-return]


def post(client: FlaskClient, url: str, **data: str) -> Any:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text(client.get(url)))
    assert found
    return client.post(url, data={**data, "csrf_token": found[1]})


def test_the_policy_of_the_mother_is_offered_for_the_child_and_kept_with_her_as_its_holder(
    app: Flask, client_of: Callable[[str], FlaskClient], family: dict[str, str]
) -> None:
    desk = client_of("receptionist")
    url = f"/insurance/patients/{family['child']}"
    page = text(desk.get(url))
    assert "The same policy" in page
    assert "María García" in page
    filled = text(desk.get(f"{url}?like={family['policy']}"))
    assert 'value="Meridian PPO"' in filled
    assert re.search(
        rf'value="Patient/{family["mother"]}"[^>]*selected|selected[^>]*value="Patient/{family["mother"]}"', filled
    )
    assert write(app, lambda store: coverages_of(store, family["child"])) == []
    sent = {"payer": "Meridian PPO", "member_id": "MRD1", "plan": "Family", "relationship": "child", "rank": "1",
            "holder": f"Patient/{family['mother']}", "once": "c1"}  # fmt: skip
    assert post(desk, url, **sent).status_code == 303
    (kept,) = write(app, lambda store: coverages_of(store, family["child"]))
    assert kept["subscriber"] == {"reference": f"Patient/{family['mother']}", "display": "María García"}
    assert "The same policy" not in text(desk.get(url))


def test_a_holder_who_is_no_patient_is_chosen_and_a_stranger_is_not(
    app: Flask, client_of: Callable[[str], FlaskClient], family: dict[str, str]
) -> None:
    desk = client_of("receptionist")
    url = f"/insurance/patients/{family['child']}"
    sent = {"payer": "Northline", "member_id": "N1", "relationship": "child", "rank": "1"}
    assert post(desk, url, **sent, holder="Patient/stranger").status_code == 422
    assert post(desk, url, **sent, holder=f"RelatedPerson/{family['father']}").status_code == 303
    (kept,) = write(app, lambda store: coverages_of(store, family["child"]))
    policy = to_policy(kept)
    assert (policy.subscriber_id, policy.subscriber_name) == (f"RelatedPerson/{family['father']}", "Andrés Ruiz")
    change = f"/insurance/coverages/{kept['id']}"
    assert post(desk, change, **sent, holder=policy.subscriber_id, version="1").status_code == 303
    assert write(app, lambda store: to_policy(store.read("Coverage", kept["id"]))).subscriber_id == policy.subscriber_id


def test_a_policy_of_nobody_in_the_family_is_not_shown(
    app: Flask, client_of: Callable[[str], FlaskClient], family: dict[str, str]
) -> None:
    other = write(app, lambda store: a_patient(store, "Ana", "Prat"))["id"]
    desk = client_of("receptionist")
    assert desk.get(f"/insurance/patients/{other}?like={family['policy']}").status_code == 404
    assert desk.get(f"/insurance/patients/{other}?like=nothing").status_code == 404
    assert "The same policy" not in text(desk.get(f"/insurance/patients/{other}"))


@pytest.mark.parametrize(
    ("relation", "theirs", "mine"),
    [("MTH", "self", "child"), ("WIFE", "self", "spouse"), ("DAU", "self", "parent"), ("FRND", "self", "other"),
     ("MTH", "spouse", "child"), ("SIS", "child", "child"), ("FRND", "spouse", "other")],
)  # fmt: skip
def test_how_the_patient_stands_to_the_holder_follows_from_the_relation(
    store: Any, relation: str, theirs: str, mine: str
) -> None:
    one, other = a_patient(store, "María", "García"), a_patient(store, "Inés", "García")
    policy = Policy(
        payer_name="M", member_id="M1", relationship=theirs, subscriber_name="" if theirs == "self" else "X Y"
    )
    kept = add_coverage(store, one["id"], policy)
    found = policy_for(store, kept["id"], other["id"], relation)
    assert found.relationship == mine
    assert found.subscriber_name == ("María García" if theirs == "self" else "X Y")
