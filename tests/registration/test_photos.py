"""Photos of a patient: kept with those before, removed and put back, and never another record's picture."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from clinic.core.errors import Missing
from clinic.fhir.store import Store
from clinic.registration.service.photos import (
    current_photo,
    past_photo,
    photos_of,
    put_photo,
    remove_photo,
    use_photo,
)
from tests.registration.factories import a_patient
from tests.registration.test_routes import ENTRY, post, text, write


def jpeg(colour: str = "teal", size: tuple[int, int] = (480, 480)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return out.getvalue()


def address(data: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(data).decode()


@pytest.fixture
def desk(client_of: Callable[[str], FlaskClient]) -> FlaskClient:
    return client_of("receptionist")


@pytest.fixture
def mafe(app: Flask) -> str:
    return str(write(app, lambda store: a_patient(store, "Mafe", "Garcia Ochoa"))["id"])


def test_earlier_photos_stay_and_are_used_again(any_store: Store):
    patient = a_patient(any_store, "Mafe", "Garcia")["id"]
    for colour in ("teal", "plum"):
        put_photo(any_store, patient, jpeg(colour), "image/jpeg")
    plum, teal = (one.binary_id for one in reversed(photos_of(any_store, patient)))
    current = current_photo(any_store, patient)
    assert {plum, teal} == {one.binary_id for one in photos_of(any_store, patient)}
    other = next(one.binary_id for one in photos_of(any_store, patient) if not one.current)
    remove_photo(any_store, patient)
    assert current_photo(any_store, patient) == ""
    assert len(photos_of(any_store, patient)) == 2
    use_photo(any_store, patient, other)
    assert current_photo(any_store, patient) == other != current


def test_another_records_picture_is_no_photo_of_this_one(store: Store):
    mine, theirs = (a_patient(store, name, "Garcia")["id"] for name in ("Mafe", "Bruno"))
    put_photo(store, theirs, jpeg(), "image/jpeg")
    foreign = current_photo(store, theirs)
    for act in (past_photo, use_photo):
        with pytest.raises(Missing):
            act(store, mine, foreign)


def test_a_new_photo_is_shown_and_undone(desk: FlaskClient, mafe: str):
    assert "No photo yet" in text(desk.get(f"/registration/{mafe}/portrait"))
    answer = post(desk, f"/registration/{mafe}/photo", {"portrait": address(jpeg())})
    assert answer.status_code == 303
    page = text(desk.get(f"/registration/{mafe}"))
    assert f"/registration/{mafe}/photo?v=" in page
    assert f"/registration/{mafe}/photo/remove" in page
    assert desk.get(f"/registration/{mafe}/photo").mimetype == "image/jpeg"
    post(desk, f"/registration/{mafe}/photo/remove", {})
    page = text(desk.get(f"/registration/{mafe}"))
    assert "The photo is removed" in page
    assert "/use" in page
    assert desk.get(f"/registration/{mafe}/photo").status_code == 404
    past = text(desk.get(f"/registration/{mafe}/portrait"))
    binary = past.partition(f"/registration/{mafe}/photos/")[2].partition('"')[0]
    assert desk.get(f"/registration/{mafe}/photos/{binary}").mimetype == "image/jpeg"
    post(desk, f"/registration/{mafe}/photos/{binary}/use", {})
    assert desk.get(f"/registration/{mafe}/photo").status_code == 200


def test_a_photo_taken_in_the_form_is_kept_with_the_new_record(desk: FlaskClient):
    answer = post(desk, "/registration/new", {**ENTRY, "portrait": address(jpeg())})
    assert answer.status_code == 303
    assert desk.get(answer.headers["Location"] + "/photo").mimetype == "image/jpeg"


def test_a_photo_survives_a_form_that_has_to_be_corrected(desk: FlaskClient):
    sent = address(jpeg(size=(40, 40)))
    answer = post(desk, "/registration/new", {**ENTRY, "given": "", "portrait": sent})
    assert answer.status_code == 422
    assert sent in text(answer).replace("&#43;", "+")


@pytest.mark.parametrize("sent", ["data:image/svg+xml;base64,PHN2Zz4=", "data:image/jpeg;base64,%%%", "rubbish"])
def test_what_is_no_photo_is_said_and_nothing_is_kept(desk: FlaskClient, mafe: str, sent: str):
    answer = post(desk, f"/registration/{mafe}/photo", {"portrait": sent})
    assert answer.status_code == 422
    assert "no picture" in text(answer)
    assert post(desk, "/registration/new", {**ENTRY, "portrait": sent}).status_code == 422


def test_a_photo_of_100_megapixels_is_refused_from_its_header(desk: FlaskClient, mafe: str):
    out = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(out, "PNG")
    data = {"photo": (io.BytesIO(out.getvalue()), "huge.png")}
    answer = post(desk, f"/registration/{mafe}/photo", data, content_type="multipart/form-data")  # type: ignore[arg-type]
    assert answer.status_code == 422
    assert "25 megapixels" in text(answer)
