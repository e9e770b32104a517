"""Pictures that people upload, made safe: decoded within limits and painted onto a new image.

Saving a decoded picture again keeps a script in its comment, so the pixels are pasted into a fresh image; the size
is read from the header before decoding, since a 20 kB file may decode to 800 MB.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from clinic.core.errors import N_, Invalid

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
MOST_BYTES = 20 * 1024 * 1024
MOST_PIXELS = 25_000_000

NOT_A_PICTURE = N_("This is no picture that can be read; use a JPEG or PNG file")
TOO_BIG = N_("This picture is too large; 20 MB and 25 megapixels are the most")


@dataclass(frozen=True)
class CleanImage:
    """A picture without anything but its pixels."""

    data: bytes
    content_type: str
    width: int
    height: int


def clean_image(data: bytes, *, longest: int = 1600, square: bool = False, field: str = "file") -> CleanImage:
    """The picture as a new JPEG, turned upright, at most `longest` pixels wide and high.

    `square` cuts the middle out, for portraits. Raises Invalid for what is too large or no picture.
    """
    if not data or len(data) > MOST_BYTES:
        raise Invalid(TOO_BIG if data else NOT_A_PICTURE, field=field)
    try:
        return _painted(ImageOps.exif_transpose(_decoded(data, field)), longest, square)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, MemoryError) as fault:
        raise Invalid(NOT_A_PICTURE, field=field) from fault


def pictures_of(data: bytes, *, field: str = "file", most: int = 100) -> Iterator[Image.Image]:
    """Each picture of a file, upright: one, or the pages of a fax in TIFF. Raises Invalid as `clean_image` does."""
    if not data or len(data) > MOST_BYTES:
        raise Invalid(TOO_BIG if data else NOT_A_PICTURE, field=field)
    try:
        first = _decoded(data, field)
        if first.format != "TIFF" or getattr(first, "n_frames", 1) == 1:
            yield ImageOps.exif_transpose(first)
            return
        for number, frame in enumerate(ImageSequence.Iterator(first)):
            if number >= most or frame.width * frame.height > MOST_PIXELS:
                raise Invalid(TOO_BIG, field=field)
            yield frame.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, MemoryError) as fault:
        raise Invalid(NOT_A_PICTURE, field=field) from fault


def _decoded(data: bytes, field: str) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
        width, height = picture.size
        if width * height > MOST_PIXELS or min(width, height) < 1:
            raise Invalid(TOO_BIG, field=field)
        picture.load()
        return picture


def _painted(picture: Image.Image, longest: int, square: bool) -> CleanImage:
    if square:
        side = min(picture.size)
        left, upper = (picture.width - side) // 2, (picture.height - side) // 3
        picture = picture.crop((left, upper, left + side, upper + side))
    picture = picture.convert("RGBA")
    picture.thumbnail((longest, longest))
    fresh = Image.new("RGB", picture.size, "white")
    fresh.paste(picture, mask=picture.getchannel("A"))
    out = io.BytesIO()
    fresh.save(out, "JPEG", quality=85, optimize=True)
    return CleanImage(out.getvalue(), "image/jpeg", *fresh.size)
