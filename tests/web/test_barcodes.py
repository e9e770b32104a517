"""Barcodes in photos: turned, blurred, small; and pictures that are none."""

from __future__ import annotations

import io
import time

import pytest
from PIL import Image

from clinic.core.errors import Invalid
from clinic.web.barcodes import NO_BARCODE, read_card
from clinic.web.images import NOT_A_PICTURE, TOO_BIG
from tests.registration.licences import V8, V10, a_barcode, jpeg


@pytest.mark.parametrize(
    ("turn", "blur"), [(0, 0), (0, 2), (180, 1.2), (90, 0), (4, 1.2), (20, 0), (-33, 1.2), (61, 0)]
)
def test_a_card_is_read_at_every_angle_and_somewhat_out_of_focus(turn: float, blur: float):
    assert read_card(jpeg(a_barcode(V10, turn=turn, blur=blur)), seconds=60) == V10


def test_a_small_and_a_large_photo_are_read():
    assert read_card(jpeg(a_barcode(V8, scale=2, card=(1000, 700), turn=4)), seconds=60) == V8
    assert read_card(jpeg(a_barcode(V8, scale=6, card=(4000, 3000), turn=7)), seconds=60) == V8


def test_a_picture_without_a_barcode_is_refused_in_time():
    blank = jpeg(Image.effect_noise((3000, 2000), 60))
    began = time.monotonic()
    with pytest.raises(Invalid, match=NO_BARCODE[:30]):
        read_card(blank, seconds=0.5)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"\xff\xd8\xff" + b"\x00" * 50, b"GIF89a" + b"\x01" * 20])
def test_what_is_no_picture_is_refused(data: bytes):
    with pytest.raises(Invalid, match=NOT_A_PICTURE[:20]):
        read_card(data)


def test_a_picture_of_100_megapixels_is_refused_from_its_header():
    out = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(out, "PNG")
    with pytest.raises(Invalid, match=TOO_BIG[:20]):
        read_card(out.getvalue())
