"""Reading the barcode of a card from a photo, within a bounded time.

One pass reads a straight photo in a hundredth of a second; a card laid down crooked, far away or out of focus is
tried again turned, smaller, larger and sharper until it is read or the time is up.
"""

from __future__ import annotations

import io
import math
import threading
import time
import warnings
from collections.abc import Iterator
from typing import Any

from PIL import Image, ImageFilter, ImageOps, ImageStat, UnidentifiedImageError

from clinic.core.errors import N_, Conflict, Invalid
from clinic.web.images import FORMATS, MOST_BYTES, MOST_PIXELS, NOT_A_PICTURE, TOO_BIG

NO_BARCODE = N_(
    "No barcode could be read in this picture. Hold the back of the card flat, in good light, so that the wide "
    "striped code fills the frame, or type what the card says."
)
BUSY = N_("Other cards are being read at this moment; please try once more.")
SECONDS = 4.0
_AT_ONCE = threading.BoundedSemaphore(2)
_WAIT = 5.0
_TURNS = (3, -3, 6, -6, 9, -9, 13, -13, 17, -17, 22, -22, 27, -27, 32, -32, 38, -38, 44)
_SHARP = ImageFilter.UnsharpMask(radius=3, percent=300, threshold=0)
_DIFFERENCES = (
    (0, 0, 0, -1, 0, 1, 0, 0, 0),
    (0, -1, 0, 0, 0, 0, 0, 1, 0),
    (-1, 0, 0, 0, 0, 0, 0, 0, 1),
    (0, 0, -1, 0, 0, 0, 1, 0, 0),
)
_LONGEST = 2400
_MARK = "DAQ"
"""In every licence. A symbol far out of focus is at times read wrongly in spite of its check words; then it goes on."""


def read_card(data: bytes, *, seconds: float = SECONDS) -> str:
    """The text of the PDF417 barcode in a picture.

    Raises Invalid when it is no picture, too large or has no readable barcode, Conflict when too many are read at once.
    """
    if not data or len(data) > MOST_BYTES:
        raise Invalid(TOO_BIG if data else NOT_A_PICTURE, field="photo")
    if not _AT_ONCE.acquire(timeout=_WAIT):
        raise Conflict(BUSY, field="photo")
    try:
        text = _read(_grey(data), time.monotonic() + seconds)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, MemoryError) as fault:
        raise Invalid(NOT_A_PICTURE, field="photo") from fault
    finally:
        _AT_ONCE.release()
    if text is None:
        raise Invalid(NO_BARCODE, field="photo")
    return text


def _grey(data: bytes) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
        width, height = picture.size
        if width * height > MOST_PIXELS or min(width, height) < 1:
            raise Invalid(TOO_BIG, field="photo")
        picture.draft("L", (_LONGEST, _LONGEST))
        picture.load()
        grey = ImageOps.grayscale(picture)
    grey.thumbnail((_LONGEST, _LONGEST))
    return grey


def _read(picture: Image.Image, until: float) -> str | None:
    import zxingcpp

    other = ""
    formats: Any = zxingcpp.BarcodeFormat.PDF417
    for attempt in _attempts(picture):
        found = zxingcpp.read_barcodes(attempt, formats=formats, text_mode=zxingcpp.TextMode.Plain, try_invert=False)
        texts = [str(one.text) for one in found]
        right = [text for text in texts if _MARK in text]
        if right:
            return right[0]
        other = other or "".join(texts[:1])
        if time.monotonic() > until:
            break
    return other or None


def _attempts(picture: Image.Image) -> Iterator[Image.Image]:
    """The picture as it is, sharpened, turned to where its bars seem to stand, then by every angle and size."""
    yield picture
    yield picture.filter(_SHARP)
    sizes = [_fit(picture, side) for side in (1600, 1000) if side < max(picture.size)]
    if max(picture.size) < 1300:
        sizes.append(picture.resize((picture.width * 2, picture.height * 2), Image.Resampling.LANCZOS))
    yield from (shape.filter(_SHARP) for shape in sizes)
    lean = -_lean(picture)
    for turn in (lean, lean + 2, lean - 2, *_TURNS):
        for shape in (picture, *sizes):
            turned = shape.rotate(turn, expand=True, fillcolor=160, resample=Image.Resampling.BICUBIC)
            yield turned
            yield turned.filter(_SHARP)


def _lean(picture: Image.Image) -> float:
    """By how many degrees the bars lean: the direction in which brightness changes most, over the whole picture.

    From the energy of four differences (across, down and along both diagonals), which make up the structure tensor.
    """
    soft = picture.filter(ImageFilter.GaussianBlur(2))
    across, down, one, two = (
        ImageStat.Stat(soft.filter(ImageFilter.Kernel((3, 3), kernel, scale=1, offset=128))).var[0]
        for kernel in _DIFFERENCES
    )
    return math.degrees(0.5 * math.atan2((one - two) / 2, across - down))


def _fit(picture: Image.Image, side: int) -> Image.Image:
    smaller = picture.copy()
    smaller.thumbnail((side, side))
    return smaller
