"""Photos taken on the tablet."""

from __future__ import annotations

import io

from flask import Flask
from PIL import Image

from clinic.core.json import Json
from tests.intake.factories import Tablet, shown, write


def found(app: Flask, type_: str) -> list[Json]:
    return write(app, lambda store: store.search(type_, [], limit=50))


def with_photo(app: Flask, tablet: Tablet) -> str:
    form = {
        "resourceType": "Questionnaire", "id": "photo", "status": "active", "title": "Photo", "url": "urn:example:photo",
        "item": [{"linkId": "p", "type": "attachment", "text": "Your card"}],
    }  # fmt: skip
    write(app, lambda store: store.create(form, id="photo"))
    tablet.give("photo")
    return tablet.sit_down()


def test_a_photo_is_cleaned_and_kept_as_a_record_of_its_own(app: Flask, tablet: Tablet) -> None:
    page = with_photo(app, tablet)
    picture = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(picture, "PNG")
    picture.seek(0)
    answer = tablet.send(**{shown(page)[0]: (picture, "../card.png")})
    assert answer.status_code == 303
    response = found(app, "QuestionnaireResponse")[0]
    value = response["item"][0]["answer"][0]["valueAttachment"]
    assert value["title"] == "card.png"
    assert write(app, lambda store: store.read(*value["url"].split("/")))["contentType"] == "image/jpeg"


def test_a_file_that_is_no_picture_is_told_beside_its_field(app: Flask, tablet: Tablet) -> None:
    page = with_photo(app, tablet)
    answer = tablet.send(**{shown(page)[0]: (io.BytesIO(b"MZ not a picture"), "card.png")})
    assert answer.status_code == 422
    assert "no picture" in tablet.page
