"""Copies the browser libraries and fonts that `npm ci` installed to where the application serves them.

Run as `python -m clinic.web.vendor`; running it again copies only what changed.
"""

from __future__ import annotations

import filecmp
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "signature_pad.js": "signature_pad/dist/signature_pad.min.js",
    "idb-keyval.js": "idb-keyval/dist/index.js",
    "zxing/reader/index.js": "zxing-wasm/dist/es/reader/index.js",
    "zxing/share.js": "zxing-wasm/dist/es/share.js",
    "zxing/zxing_reader.wasm": "zxing-wasm/dist/reader/zxing_reader.wasm",
}
"""Name here -> file in node_modules. All but the first and the last are ES modules."""

FONTS = {
    "inter": (("latin", "latin-ext", "vietnamese", "greek", "greek-ext", "cyrillic", "cyrillic-ext"), (400, 500, 600)),
    "noto-sans": (("latin", "latin-ext", "vietnamese", "greek", "cyrillic"), (400, 500, 600, 700)),
    "noto-sans-arabic": (("arabic",), (400, 500, 600, 700)),
}
"""Family -> its scripts and weights."""


def wanted() -> Iterator[tuple[str, str]]:
    """Each file to serve, as (path in node_modules, path under static/vendor)."""
    for name, source in SCRIPTS.items():
        yield source, name
    for family, (scripts, weights) in FONTS.items():
        yield f"@fontsource/{family}/LICENSE", f"fonts/{family}.LICENSE.txt"
        for script in scripts:
            for weight in weights:
                name = f"{family}-{script}-{weight}-normal.woff2"
                yield f"@fontsource/{family}/files/{name}", f"fonts/{name}"


def copy(modules: Path, target: Path) -> int:
    """Copy what is missing or different; gives how many files were written. Raises FileNotFoundError."""
    written = 0
    for source_name, target_name in wanted():
        source, place = modules / source_name, target / target_name
        if place.exists() and filecmp.cmp(source, place, shallow=False):
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, place)
        written += 1
    return written


def main() -> int:
    """Copy for this checkout and say what was done."""
    try:
        written = copy(ROOT / "node_modules", ROOT / "clinic" / "static" / "vendor")
    except FileNotFoundError as missing:
        print(f"{missing.filename} is missing: run `npm ci` first.", file=sys.stderr)
        return 1
    print(f"{written} files copied to clinic/static/vendor.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
