"""The screens of orders and recalls: the call list, its actions, the rules, the letter."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pikepdf
import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.appointments.queries.recalls import attempts_of, open_for, recall, rules
from clinic.appointments.rules.recalls import LETTER, NO_ANSWER, RECALL, Policy, Recall, Tried
from clinic.appointments.service import recalls as service
from clinic.appointments.service.recall_rules import save_policy
from clinic.core.clock import FixedClock
from clinic.fhir.store import Store
from tests.appointments import factories as f
from tests.appointments.test_recalls import TODAY, an_order
from tests.appointments.test_routes import statements
from tests.appointments.test_waitlist_routes import in_store

LIST = "/appointments/recalls"


@pytest.fixture
def filled(app: Flask) -> Flask:
    """The application with the small practice in it; Ada can be called."""

    def fill(store: Store) -> None:
        f.a_practice(store)
        telecom = [{"system": "phone", "use": "mobile", "value": "+12025550123"}]
        for number, given in ((1, "Ada"), (2, "Bea"), (3, "Cleo")):
            f.a_patient(store, f"p{number}", given=given)
        address = [{"use": "home", "line": ["1 Harbour Street"], "city": "Salem", "state": "MA", "postalCode": "01970"}]
        more = {"telecom": telecom, "address": address}
        speaks = [{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "es"}]}, "preferred": True}]
        store.update(store.read("Patient", "p1") | more | {"communication": speaks})

    in_store(app, fill)
    return app


@pytest.fixture
def desk(filled: Flask, client_of: Callable[[str], FlaskClient]) -> Iterator[FlaskClient]:
    return client_of("receptionist")


def ordered(app: Flask, **changes: Any) -> str:
    return str(in_store(app, lambda store: service.add(store, an_order(**changes)))["id"])


def one(app: Flask, id_: str) -> Recall:
    found = in_store(app, lambda store: recall(store, id_))
    assert found
    return found


def sent(client: FlaskClient, path: str = LIST, **more: str) -> dict[str, str]:
    """The hidden values of the last form of a page, with what is typed."""
    text = client.get(path).text
    names = ("csrf_token", "once", "version", "id")
    found = {name: re.findall(rf'name="{name}"[^>]* value="([^"]*)"', text) for name in names}
    return {name: values[-1] for name, values in found.items() if values} | more


def test_an_order_is_written_down_as_people_say_it(desk: FlaskClient, filled: Flask) -> None:
    path = f"{LIST}/new?patient=p1"
    typed = {"patient": "p1", "kind": "order", "visit_type": "check", "due": "in 6 weeks", "days": "7"}
    values = sent(desk, path, **typed, priority="urgent", provider="adams", requester="baker")
    for _twice in range(2):
        assert desk.post(f"{LIST}/new", data=values).status_code == 303
    (made,) = in_store(filled, lambda store: open_for(store, "p1"))
    assert (made.due, made.days, made.priority) == (date(2027, 4, 20), 7, "urgent")
    page = desk.get(LIST).text
    assert "Ada Lovelace" in page
    assert "(202) 555-0123" in page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"due": "soon"}, "Write when"),
        ({"due": ""}, "Write when"),
        ({"due": "2027-01-02"}, "This day is over"),
        ({"days": "x"}, "Enter a whole number"),
        ({"visit_type": "", "what": ""}, "Say what is to be booked"),
        ({"patient": ""}, "Choose a patient"),
    ],
)
def test_a_wrong_order_comes_back_with_what_was_typed(desk: FlaskClient, changes: dict[str, str], said: str) -> None:
    typed = {"patient": "p1", "visit_type": "check", "due": "6 weeks", "note": "after the scan"} | changes
    answer = desk.post(f"{LIST}/new", data=sent(desk, f"{LIST}/new?patient=p1", **typed))
    assert answer.status_code in (422, 400)
    assert said in answer.text
    assert "after the scan" in answer.text or not changes.get("patient", "p1")


def test_a_call_is_noted_by_one_button_and_can_be_taken_back(desk: FlaskClient, filled: Flask) -> None:
    id_ = ordered(filled)
    values = sent(desk, outcome="no-answer", note="rang long", again="2 days", number="+12025550123")
    for _twice in range(2):
        assert desk.post(f"{LIST}/{id_}/attempt?view=due", data=values).status_code == 303
    assert (one(filled, id_).tally.attempts, one(filled, id_).tally.again) == (1, TODAY + timedelta(days=2))
    assert "Nobody is to be called" in desk.get(LIST).text
    assert "Ada Lovelace" in desk.get(f"{LIST}?view=ahead").text
    assert "rang long" in desk.get(f"{LIST}/{id_}/attempts").text
    calls = desk.get("/communication/calls").text
    assert "rang long" in calls
    assert desk.post(f"{LIST}/{id_}/undo/2", data=values).status_code == 303
    assert one(filled, id_).tally.attempts == 0
    assert "rang long" not in desk.get("/communication/calls").text


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"outcome": "maybe"}, "Choose what came of it"), ({"again": "yesterday"}, "Write when"),
     ({"again": "2027-01-01"}, "This day is over")],
)  # fmt: skip
def test_a_wrong_attempt_is_refused_and_nothing_is_noted(
    desk: FlaskClient, filled: Flask, changes: dict[str, str], said: str
) -> None:
    id_ = ordered(filled)
    answer = desk.post(f"{LIST}/{id_}/attempt", data=sent(desk, **({"outcome": "done", "note": "kept"} | changes)))
    assert answer.status_code == 422
    assert said in answer.text
    assert "kept" in answer.text
    assert in_store(filled, lambda store: attempts_of(store, id_)) == []


def test_a_colleague_was_first(desk: FlaskClient, filled: Flask) -> None:
    id_ = ordered(filled)
    values = sent(desk, outcome="done")
    in_store(filled, lambda store: service.log_attempt(store, id_, Tried(NO_ANSWER)))
    assert desk.post(f"{LIST}/{id_}/attempt", data=values).status_code == 409


def test_a_no_closes_it_and_it_can_be_opened_again(desk: FlaskClient, filled: Flask) -> None:
    id_ = ordered(filled)
    desk.post(f"{LIST}/{id_}/attempt", data=sent(desk, outcome="declined"))
    assert (one(filled, id_).status, one(filled, id_).closed) == ("revoked", "The patient said no")
    page = desk.get(f"{LIST}?view=closed").text
    assert "Open it again" in page
    desk.post(f"{LIST}/{id_}/again/2", data=sent(desk, f"{LIST}?view=closed"))
    assert one(filled, id_).open


def test_it_is_closed_with_a_reason_only(desk: FlaskClient, filled: Flask) -> None:
    id_ = ordered(filled)
    desk.post(f"{LIST}/{id_}/close", data=sent(desk, reason=" "))
    assert one(filled, id_).open
    desk.post(f"{LIST}/{id_}/close", data=sent(desk, reason="Done elsewhere"))
    assert (one(filled, id_).status, one(filled, id_).closed) == ("revoked", "Done elsewhere")


def test_a_message_leaves_through_communication_and_counts_as_an_attempt(desk: FlaskClient, filled: Flask) -> None:
    id_ = ordered(filled)
    values = sent(desk)
    for _twice in range(2):
        assert desk.post(f"{LIST}/{id_}/message", data=values).status_code == 303
    (message,) = in_store(filled, lambda store: store.search("Communication", [("patient", "p1")]))
    assert message["about"] == [{"reference": f"ServiceRequest/{id_}"}]
    assert [each.way for each in in_store(filled, lambda store: attempts_of(store, id_))] == ["message"]
    desk.post(f"{LIST}/{id_}/undo/2", data=values)
    assert in_store(filled, lambda store: attempts_of(store, id_)) == []
    assert one(filled, id_).tally.attempts == 0


def test_after_three_attempts_in_vain_it_is_a_task_of_the_desk_until_it_is_booked(
    desk: FlaskClient, filled: Flask
) -> None:
    id_ = ordered(filled)
    for _ in range(3):
        desk.post(f"{LIST}/{id_}/attempt", data=sent(desk, outcome="no-answer"))
    assert "Patient to reach" in desk.get("/communication/messages/to-do").text
    find = {"patient": "p1", "visit_type": "check", "slot": "2027-03-23T18:00:00Z|adams", "order": id_}
    page = desk.get(f"/appointments/find?patient=p1&visit_type=check&order={id_}&since=2027-03-20&until=2027-03-26")
    slot = re.search(r'name="slot" value="([^"]+)"', page.text)
    assert slot
    assert slot[1].startswith("2027-03-2")
    answer = desk.post("/appointments/find", data=sent(desk, "/appointments/find", **find | {"slot": slot[1]}))
    assert answer.status_code == 303, answer.text
    assert one(filled, id_).status == "completed"
    assert "Patient to reach" not in desk.get("/communication/messages/to-do").text
    assert "Open the visit" in desk.get(f"{LIST}/{id_}").text


def test_the_booking_form_asks_whether_this_was_ordered(desk: FlaskClient, filled: Flask) -> None:
    id_ = ordered(filled)
    path = f"{LIST}/fitting?patient=p1&visit_type=check"
    assert re.search(rf'value="{id_}" checked', desk.get(path).text)
    assert id_ not in desk.get(f"{LIST}/fitting?patient=p1&visit_type=chat").text
    assert re.search(rf'value="{id_}" checked', desk.get(f"{path}&ordered_for=p1:chat").text)
    unticked = desk.get(f"{path}&ordered_for=p1:check").text
    assert id_ in unticked
    assert "checked" not in unticked
    booking = {"patient": "p1", "visit_type": "check", "provider": "adams", "day": "2027-03-23", "time": "14:00"}
    values = sent(desk, "/appointments/book?patient=p1", **booking, minutes="30", ordered_for="p1:check", order=id_)
    assert desk.post("/appointments/book", data=values).status_code == 303
    assert one(filled, id_).status == "completed"


def test_a_recall_that_is_unticked_stays_open(desk: FlaskClient, filled: Flask) -> None:
    id_ = ordered(filled, kind=RECALL)
    booking = {"patient": "p1", "visit_type": "check", "provider": "adams", "day": "2027-03-23", "time": "14:00"}
    values = sent(desk, "/appointments/book?patient=p1", **booking, minutes="30", ordered_for="p1:check")
    assert desk.post("/appointments/book", data=values).status_code == 303
    assert one(filled, id_).open


def test_what_is_overdue_stands_on_the_patient_page(
    desk: FlaskClient, filled: Flask, clock: FixedClock, client_of: Callable[[str], FlaskClient]
) -> None:
    ordered(filled)
    assert f"{LIST}/of/p1" in desk.get("/registration/p1").text
    assert "Overdue" not in desk.get(f"{LIST}/of/p1").text
    clock.instant += timedelta(days=30)
    assert "Overdue" in client_of("receptionist").get(f"{LIST}/of/p1").text


def test_an_order_is_changed_and_the_change_can_be_taken_back(desk: FlaskClient, filled: Flask) -> None:
    id_ = ordered(filled)
    typed = {"patient": "p1", "kind": "order", "visit_type": "chat", "due": "3 months", "days": "", "provider": ""}
    assert desk.post(f"{LIST}/{id_}", data=sent(desk, f"{LIST}/{id_}", **typed, priority="stat")).status_code == 303
    assert (one(filled, id_).what, one(filled, id_).due) == ("Chat", date(2027, 6, 9))
    desk.post(f"{LIST}/{id_}/undo/2", data=sent(desk, f"{LIST}/{id_}"))
    assert one(filled, id_).what == "Check"


def test_a_letter_is_written_in_the_patients_language(desk: FlaskClient, filled: Flask) -> None:
    id_ = ordered(filled)
    answer = desk.get(f"{LIST}/{id_}/letter")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    with pikepdf.open(io.BytesIO(answer.data)) as pdf:
        assert str(pdf.Root.Lang)[:2] == "es"
    no_address = ordered(filled, patient_id="p2")
    assert desk.get(f"{LIST}/{no_address}/letter").status_code == 409


def test_letters_to_write_have_their_own_list(desk: FlaskClient, filled: Flask) -> None:
    in_store(filled, lambda store: save_policy(store, Policy(1, LETTER)))
    id_ = ordered(filled)
    desk.post(f"{LIST}/{id_}/attempt", data=sent(desk, outcome="wrong-number"))
    assert "A letter is proposed" in desk.get(f"{LIST}?view=letter").text


def test_a_manager_keeps_rules_and_what_follows(filled: Flask, client_of: Callable[[str], FlaskClient]) -> None:
    manager, path = client_of("manager"), f"{LIST}/rules"
    rule = {"type_id": "check", "months": "12", "age_from": "40", "ahead": "30", "days": "14", "priority": "routine"}
    values = sent(manager, path, **rule, active="y", version="0")
    for _twice in range(2):
        assert manager.post(path, data=values).status_code == 303
    (kept,) = in_store(filled, rules)
    assert (kept.months, kept.age_from, kept.active, kept.same_provider) == (12, 40, True, False)
    assert "12 months later" in manager.get(path).text
    wrong = manager.post(path, data=values | {"months": "0"})
    assert wrong.status_code == 422
    assert "Between 1 and 120 months" in wrong.text
    policy = sent(manager, path, most_failed="2", then="letter", version="0")
    assert manager.post(f"{LIST}/policy", data=policy).status_code == 303
    assert manager.post(f"{LIST}/policy", data=policy).status_code == 409


@pytest.mark.parametrize(
    ("role", "list_", "new", "rules_"),
    [("receptionist", 200, 200, 403), ("billing", 200, 403, 403), ("manager", 200, 200, 200),
     ("administrator", 200, 200, 200)],
)  # fmt: skip
def test_who_may_do_what(
    filled: Flask, client_of: Callable[[str], FlaskClient], role: str, list_: int, new: int, rules_: int
) -> None:
    client = client_of(role)
    found = [client.get(path).status_code for path in (LIST, f"{LIST}/new", f"{LIST}/rules")]
    assert found == [list_, new, rules_]


def test_the_call_list_asks_the_database_few_questions(desk: FlaskClient, filled: Flask) -> None:
    for number in (1, 2, 3):
        ordered(filled, patient_id=f"p{number}")
    own = ("recall_", "practice_setup", "FROM resource", "consent_row")
    said = [text for text in statements(filled, lambda: desk.get(LIST)) if any(name in text for name in own)]
    assert len(said) <= 4, "the rest are the menu's counters"


def test_filters_and_odd_addresses_are_harmless(desk: FlaskClient, filled: Flask) -> None:
    ordered(filled)
    for query in ("view=nothing", "page=0", "page=9999", "page=x", "kind=x&type=y&provider=z", "q=%25_%5C", "open=zz"):
        assert desk.get(f"{LIST}?{query}").status_code == 200
    assert "Nothing fits the search" in desk.get(f"{LIST}?q=nobody").text
    assert desk.get(f"{LIST}/nothing").status_code == 404
    assert desk.get(f"{LIST}/nothing/letter").status_code == 404
