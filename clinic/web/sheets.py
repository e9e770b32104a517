"""A photographed sheet: cut out of the table it lies on, turned, and made small enough to keep."""

from __future__ import annotations

import io

from PIL import Image, ImageChops, ImageFilter, ImageOps, ImageStat

_LONGEST = 2000
_LOOK = 240
_LEAST, _MOST = 0.2, 0.97
"""Shares of the picture: a smaller bright part is no sheet, a larger one needs no cutting."""
_DENSE = 0.3
"""How much of a row or column has to differ from the table to belong to the sheet."""


def sheet_of(picture: Image.Image, turn: int = 0) -> tuple[bytes, tuple[int, int]]:
    """The sheet as a new JPEG, turned to the right by `turn` degrees (a multiple of 90), and its size."""
    found = trimmed(flat(picture))
    if turn % 360:
        found = found.rotate(-turn, expand=True)
    found.thumbnail((_LONGEST, _LONGEST))
    out = io.BytesIO()
    found.save(out, "JPEG", quality=80, optimize=True)
    return out.getvalue(), found.size


def flat(picture: Image.Image) -> Image.Image:
    """The pixels alone, painted onto a new white image."""
    seen = picture.convert("RGBA")
    fresh = Image.new("RGB", seen.size, "white")
    fresh.paste(seen, mask=seen.getchannel("A"))
    return fresh


def trimmed(picture: Image.Image) -> Image.Image:
    """Without the table around the sheet; as it is when no sheet stands out clearly."""
    box = sheet_box(picture)
    return picture.crop(box) if box else picture


def sheet_box(picture: Image.Image) -> tuple[int, int, int, int] | None:
    """Where the sheet lies: the rows and columns that differ from the edge of the picture."""
    small = ImageOps.grayscale(picture)
    small.thumbnail((_LOOK, _LOOK))
    small = small.filter(ImageFilter.MedianFilter(5))
    ground = _edge_level(small)
    if ground is None:
        return None
    apart = ImageChops.difference(small, Image.new("L", small.size, ground)).point(lambda value: 255 * (value > 40))
    across, down = _extent(apart, along="x"), _extent(apart, along="y")
    if not across or not down:
        return None
    share = (across[1] - across[0]) * (down[1] - down[0]) / (small.width * small.height)
    if not _LEAST <= share <= _MOST:
        return None
    right, below = picture.width / small.width, picture.height / small.height
    left, top, end, foot = across[0] + 1, down[0] + 1, across[1] - 1, down[1] - 1
    return round(left * right), round(top * below), round(end * right), round(foot * below)


def _edge_level(small: Image.Image) -> int | None:
    """How bright the table is; None when the edge of the picture is of many brightnesses."""
    width, height = small.size
    strips = [
        small.crop(box)
        for box in ((0, 0, width, 3), (0, height - 3, width, height), (0, 0, 3, height), (width - 3, 0, width, height))
    ]
    stats = [ImageStat.Stat(strip) for strip in strips]
    means = [stat.mean[0] for stat in stats]
    if max(means) - min(means) > 50 or max(stat.stddev[0] for stat in stats) > 45:
        return None
    return round(sum(means) / len(means))


def _extent(apart: Image.Image, *, along: str) -> tuple[int, int] | None:
    size = (apart.width, 1) if along == "x" else (1, apart.height)
    levels = list(apart.resize(size, Image.Resampling.BOX).tobytes())
    dense = [place for place, level in enumerate(levels) if level > 255 * _DENSE]
    return (dense[0], dense[-1] + 1) if dense else None
