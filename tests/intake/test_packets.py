"""Tablets and packets: one device, one patient, half an hour; on both databases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from clinic.core.errors import Invalid, Missing
from clinic.core.json import loads
from clinic.fhir.store import Store
from clinic.intake.errors import NoPacket, PatientBusy, TabletBusy, WrongCode
from clinic.intake.service import answers, devices, packets
from clinic.intake.service.forms import add_form, form_for, install_library, library, list_forms, set_status
from tests.intake.factories import BORN, a_patient, a_tablet, as_tablet, handed
from tests.intake.forms import example_forms


def later(store: Store, **time: int) -> Store:
    return Store(store.conn, store.setting, actor=store.actor, now=store.now + timedelta(**time))


def test_a_pairing_code_works_once_and_for_ten_minutes(any_store: Store) -> None:
    device_id, code = devices.add_device(any_store, " Tablet  2 ")
    with pytest.raises(WrongCode):
        devices.pair(later(any_store, minutes=10), code)
    assert devices.pair(any_store, f" {code[:4].lower()}-{code[4:]} ") == (device_id, "Tablet 2")
    with pytest.raises(WrongCode):
        devices.pair(any_store, code)


@pytest.mark.parametrize("code", ["", "WRONG", "A" * 4_000, "' OR 1=1"], ids=["empty", "wrong", "endless", "sql"])
def test_a_code_that_nobody_gave_opens_nothing(store: Store, code: str) -> None:
    a_tablet(store)
    with pytest.raises(WrongCode):
        devices.pair(store, code)


def test_a_revoked_tablet_gets_no_code_and_no_forms(any_store: Store) -> None:
    device_id = a_tablet(any_store)
    devices.revoke(any_store, device_id)
    assert devices.list_devices(any_store, usable=True) == []
    with pytest.raises(Missing):
        devices.new_code(any_store, device_id)
    with pytest.raises(Invalid, match="not paired"):
        handed(any_store, device_id=device_id)


def test_one_tablet_holds_one_packet_and_one_patient_has_one(any_store: Store) -> None:
    first, second = a_tablet(any_store), a_tablet(any_store, "Tablet 3")
    patient, other = a_patient(any_store), a_patient(any_store, given="Eva")
    found = handed(any_store, "intake-privacy", device_id=first, patient=patient)
    with pytest.raises(TabletBusy):
        handed(any_store, "intake-privacy", device_id=first, patient=other)
    with pytest.raises(PatientBusy):
        handed(any_store, "intake-privacy", device_id=second, patient=patient)
    packets.take_back(any_store, found.packet.id)
    handed(any_store, "intake-privacy", device_id=a_tablet(any_store, "Tablet 4"), patient=patient)


def test_a_packet_is_over_after_half_an_hour_and_blocks_nobody(any_store: Store) -> None:
    device_id, patient = a_tablet(any_store), a_patient(any_store)
    handed(any_store, "intake-privacy", device_id=device_id, patient=patient)
    late = later(any_store, minutes=30)
    assert packets.on_device(late, device_id) is None
    handed(late, "intake-privacy", device_id=device_id, patient=patient)


def test_packets_whose_time_is_over_are_closed_with_what_was_typed(any_store: Store) -> None:
    packet = handed(any_store, "intake-new-patient", device_id=a_tablet(any_store)).packet
    sitting = answers.sit_down(any_store, packet, 0)
    answers.keep_draft(any_store, answers.with_answers(sitting, sitting.answers))
    assert packets.close_over(any_store) == 0
    assert packets.close_over(later(any_store, hours=4)) == 1
    assert any_store.search("QuestionnaireResponse", [("status", "in-progress")])


def test_somebody_at_work_gets_more_time_but_not_for_ever(store: Store) -> None:
    device_id = a_tablet(store)
    found = handed(store, device_id=device_id).packet
    packets.keep_alive(later(store, minutes=20), found)
    assert packets.on_device(later(store, minutes=45), device_id)
    packets.keep_alive(later(store, hours=4), found)
    assert packets.on_device(later(store, hours=3), device_id) is None


def test_three_wrong_birth_dates_end_the_packet(any_store: Store) -> None:
    device_id = a_tablet(any_store)
    handed(any_store, device_id=device_id)
    told = []
    for _ in range(3):
        found = packets.on_device(any_store, device_id)
        assert found
        told.append(packets.identify(any_store, found, "1972-04-18", "self"))
    assert told == ["wrong", "wrong", "refused"]
    assert packets.on_device(any_store, device_id) is None


def test_without_a_birth_date_on_record_nothing_is_handed_over(store: Store) -> None:
    patient = a_patient(store)
    store.update({**patient, "birthDate": "1972"})
    with pytest.raises(Invalid, match="birth date"):
        handed(store, patient=patient)


@pytest.mark.parametrize("forms", [("nowhere",), ("intake-privacy", "nowhere")])
def test_only_forms_in_use_are_handed_over(store: Store, forms: tuple[str, ...]) -> None:
    with pytest.raises(Invalid, match="in use"):
        handed(store, *forms)


def test_nobody_answers_before_the_birth_date_is_right(store: Store) -> None:
    device_id = a_tablet(store)
    handed(store, device_id=device_id)
    with pytest.raises(NoPacket):
        packets.require_on_device(as_tablet(store, device_id))


def test_a_link_opens_its_own_packet_only_while_it_lasts(any_store: Store) -> None:
    found = handed(any_store, "intake-privacy")
    assert found.token not in repr(found)
    opened = packets.by_link(any_store, found.token)
    assert opened
    assert opened.id == found.packet.id
    assert packets.by_link(any_store, "other") is None
    assert packets.by_link(later(any_store, minutes=31), found.token) is None
    packets.take_back(any_store, found.packet.id)
    assert packets.by_link(any_store, found.token) is None


def test_what_was_typed_survives_being_taken_back_and_goes_on_elsewhere(any_store: Store) -> None:
    first, second = a_tablet(any_store), a_tablet(any_store, "Tablet 3")
    patient = a_patient(any_store)
    packet = handed(any_store, "intake-new-patient", device_id=first, patient=patient).packet
    packets.identify(any_store, packet, BORN, "self")
    sitting = answers.sit_down(any_store, packet, 0)
    name = sitting.form.at("worry")
    answers.keep_draft(any_store, answers.with_answers(sitting, sitting.answers.with_value(name, ("My knee",))))
    packets.take_back(any_store, packet.id)
    again = handed(any_store, "intake-new-patient", device_id=second, patient=patient).packet
    assert answers.sit_down(any_store, again, 0).answers.get(name) == ("My knee",)


def test_the_record_shows_only_where_the_desk_allowed_it(store: Store) -> None:
    patient = a_patient(store)
    for prefill in (True, False):
        packet = handed(store, "intake-new-patient", patient=patient, prefill=prefill).packet
        sitting = answers.sit_down(store, packet, 0)
        assert bool(sitting.answers.get(sitting.form.at("mobile"))) is prefill
        packets.take_back(store, packet.id)


def test_the_library_is_installed_once_and_is_valid(any_store: Store) -> None:
    assert install_library(any_store) == len(library()) == 4
    assert install_library(any_store) == 0
    rows = list_forms(any_store, active=True)
    assert {row.notices for row in rows} == {0}
    assert {row.languages for row in rows} == {("en", "ar", "es", "nl")}


def test_a_form_from_elsewhere_is_kept_once(store: Store) -> None:
    form = {**library()[0], "url": "urn:example:form"}
    kept, _ = add_form(store, form)
    assert add_form(store, form)[0]["id"] == kept["id"]
    with pytest.raises(Invalid, match="new version"):
        add_form(store, {**form, "title": "Changed"})
    assert form_for(store, {"questionnaire": "urn:example:form|1"})
    assert form_for(store, {"questionnaire": "urn:example:nowhere"}) is None


@pytest.mark.parametrize("path", example_forms(), ids=lambda path: path.stem)
def test_every_example_form_is_kept_as_it_came_and_its_faults_are_told(store: Store, path: Path) -> None:
    raw = loads(path.read_bytes())
    kept, form = add_form(store, raw)
    assert {**kept, "id": "", "meta": {}} == {**raw, "id": "", "meta": {}}
    faulty = path.stem in ("lforms-enableWhen-test.R4", "lforms-phq9")
    assert any("quotation marks" in notice.message for notice in form.notices) is faulty
    set_status(store, kept["id"], "retired")
