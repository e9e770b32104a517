"""What is on record, shown to the patient again: a yes, a change, and what it is worth afterwards."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask

from clinic.registration.mapping.consents import signed_of
from clinic.registration.queries.evidence import evidence_of
from clinic.registration.rules.consents import ConsentText
from clinic.registration.rules.evidence import Evidence
from clinic.registration.service.evidence import confirm_values
from tests.intake.factories import Tablet, every, found, shown, write


def confirmed(app: Flask, *names: str) -> None:
    """Somebody at the desk was told that these values are right."""
    (patient,) = every(app, "Patient")
    write(app, lambda store: confirm_values(store, patient["id"], names))


def confirm_all(tablet: Tablet) -> Any:
    for link in ("home", "reach", "mail", "emergency"):
        tablet.follow(tablet.post("/intake/tablet/form/0/still-right", do=f"yes:{link}"))
    return tablet.post("/intake/tablet/form/0/still-right", do="next")


def test_a_returning_patient_confirms_four_tiles_and_signs(tablet: Tablet) -> None:
    tablet.give("intake-contact-check", "intake-consent")
    page = tablet.sit_down()
    assert "1420 Alder Court, Apt 6" in page
    assert tablet.post("/intake/tablet/form/0/still-right", do="next").status_code == 422
    tablet.follow(confirm_all(tablet))
    assert "Please read and sign" in tablet.page
    name = shown(tablet.page)[0]
    answer = tablet.send(**{name: "true", "signer": "Ana Soler"})
    assert answer.headers["Location"].endswith("/intake/tablet/thanks")
    page = tablet.follow(answer)
    assert "Thank you, all done" in page
    check, consent = sorted(
        found(tablet.app, "QuestionnaireResponse"), key=lambda one: one["questionnaire"], reverse=True
    )
    assert {check["status"], consent["status"]} == {"completed"}
    signed = found(tablet.app, "Provenance")[0]
    assert (
        signed["target"][0]["reference"]
        == f"QuestionnaireResponse/{consent['id']}/_history/{consent['meta']['versionId']}"
    )
    assert signed["signature"][0]["who"]["display"] == "Ana Soler"
    kept = found(tablet.app, "Consent")[0]
    assert kept["sourceReference"] == signed["target"][0]
    agreed = signed_of(kept)
    assert (agreed.kind, agreed.number, agreed.language, agreed.how) == ("treatment", 1, "en", "tablet")
    assert "I agree to be examined" in agreed.text
    assert ConsentText(agreed.title, agreed.text).sha256 == agreed.sha256
    assert kept["verification"][0]["verifiedWith"]["reference"] == kept["patient"]["reference"]


def test_a_changed_tile_is_kept_and_marked(tablet: Tablet) -> None:
    tablet.give("intake-contact-check")
    page = tablet.sit_down()
    change = re.findall(r'href="(/intake/tablet/form/0\?at=[^"]+)"', page)[1]
    tablet.get(change.replace("&amp;", "&"))
    name = shown(tablet.page)[0]
    page = tablet.follow(tablet.send(**{name: "202 555 0143"}))
    assert "Changed" in page
    assert "202 555 0143" in page


def test_what_was_confirmed_lately_is_not_asked_on_the_tablet(tablet: Tablet) -> None:
    tablet.give("intake-contact-check")
    confirmed(tablet.app, "address", "mobile", "home_phone", "contact_by")
    page = tablet.sit_down()
    assert re.findall(r'value="yes:(\w+)"', page) == ["mail", "emergency"]
    assert page.count("9 Mar 2027") == 2, "what is not asked says since when it is known"
    for link in ("mail", "emergency"):
        tablet.follow(tablet.post("/intake/tablet/form/0/still-right", do=f"yes:{link}"))
    assert tablet.post("/intake/tablet/form/0/still-right", do="next").headers["Location"].endswith("/thanks")


def test_a_yes_on_the_tablet_is_evidence_for_the_value_and_a_change_is_none(tablet: Tablet) -> None:
    def known() -> dict[str, Evidence]:
        (patient,) = every(tablet.app, "Patient")
        found: dict[str, Evidence] = write(tablet.app, lambda store: evidence_of(store, patient["id"]))
        return found

    tablet.give("intake-contact-check")
    confirmed(tablet.app, "address")
    before = known()["address"]
    page = tablet.sit_down()
    change = re.findall(r'href="(/intake/tablet/form/0\?at=[^"]+)"', page)[1]
    tablet.get(change.replace("&amp;", "&"))
    tablet.follow(tablet.send(**{shown(tablet.page)[0]: "202 555 0143"}))
    for link in ("mail", "emergency"):
        tablet.follow(tablet.post("/intake/tablet/form/0/still-right", do=f"yes:{link}"))
    tablet.post("/intake/tablet/form/0/still-right", do="next")
    found = known()
    (answers,) = every(tablet.app, "QuestionnaireResponse")
    for name in ("email", "emergency"):
        verified = found[name].verified
        assert verified is not None, name
        assert (verified.source, verified.by_name) == ("tablet", "Tablet 2")
        assert verified.document.startswith(f"QuestionnaireResponse/{answers['id']}/_history/")
    assert found["mobile"].verified is None
    assert found["address"] == before, "what was not asked is not confirmed by being shown"
