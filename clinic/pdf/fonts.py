"""The fonts that printing needs: Debian's Noto, looked for where fontconfig looks."""

from __future__ import annotations

import functools
import os
from pathlib import Path

NEEDED = (
    "NotoSans-Regular.ttf",
    "NotoSans-Bold.ttf",
    "NotoSans-Italic.ttf",
    "NotoSerif-Regular.ttf",
    "NotoSansArabic-Regular.ttf",
    "NotoSansArabic-Bold.ttf",
)
"""The form's voice, the answers' voice and Arabic; other scripts fall back to what the machine has."""

ANSWER_FONT = "NotoSerif-Regular.ttf"
ARABIC_FONT = "NotoSansArabic-Regular.ttf"


def font_folders() -> tuple[Path, ...]:
    """Where fonts are installed on this machine."""
    data = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local/share")
    return (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path(data) / "fonts", Path.home() / ".fonts")


@functools.lru_cache(maxsize=4)
def _installed(folders: tuple[Path, ...]) -> dict[str, Path]:
    return {path.name: path for folder in folders if folder.is_dir() for path in folder.rglob("Noto*.ttf")}


def font_file(name: str, folders: tuple[Path, ...] | None = None) -> Path | None:
    """The file of a font, or None when it is not installed."""
    return _installed(folders or font_folders()).get(name)


def missing_fonts(folders: tuple[Path, ...] | None = None) -> str:
    """What is wrong with the fonts and how to cure it, in one line; empty when all are there."""
    lacking = [name.removesuffix(".ttf") for name in NEEDED if font_file(name, folders) is None]
    if not lacking:
        return ""
    names = ", ".join(lacking)
    return f"Printing lacks the fonts {names}; install them with: apt-get install fonts-noto-core"
