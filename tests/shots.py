"""`make shots`: every screen as a picture under shots/, at three sizes, in light, dark and strong contrast.

With names as arguments (`python -m tests.shots today calendar`) only those.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from tests.e2e.browsing import DESK, SMALL_DESK, TABLET, TABLET_UPRIGHT, Window, chromium, open_window, sign_in
from tests.e2e.practice import Practice, running
from tests.e2e.screens import Screen, all_screens
from tests.e2e.tablet import hand_over, pair, tablet_pages

ROOT = Path(__file__).resolve().parents[1]
SHOTS = ROOT / "shots"
PHONE = (375, 740)
LOOKS = {
    "light": {"color_scheme": "light", "contrast": "no-preference"},
    "dark": {"color_scheme": "dark", "contrast": "no-preference"},
    "contrast": {"color_scheme": "light", "contrast": "more"},
}


def main(names: list[str]) -> None:
    """Make the pictures."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        place = Path(folder)
        with running(f"sqlite:///{place / 'clinic.sqlite3'}", place) as clinic:
            _desk(browser, clinic, names)
            if not names or "tablet" in names:
                _tablet(browser, clinic)
    print(f"{len(list(SHOTS.rglob('*.png')))} pictures in {SHOTS}")


def _desk(browser: Browser, clinic: Practice, names: list[str]) -> None:
    windows: dict[str, Window] = {}
    for screen in all_screens(clinic):
        if names and screen.name not in names:
            continue
        window = windows.get(screen.role) or windows.setdefault(screen.role, _window(browser, clinic, screen.role))
        for look, media in LOOKS.items():
            window.page.emulate_media(**media)  # type: ignore[arg-type]
            for wide, tall in (DESK, SMALL_DESK, TABLET_UPRIGHT, *([PHONE] if screen.public else [])):
                _take(window, screen, look, (wide, tall))
    for window in windows.values():
        window.close()


def _window(browser: Browser, clinic: Practice, role: str) -> Window:
    window = open_window(browser, clinic.address)
    if role != "stranger":
        sign_in(window, role)
    return window


def _take(window: Window, screen: Screen, look: str, size: tuple[int, int]) -> None:
    page = window.page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    window.go(screen.path)
    if screen.prepare:
        screen.prepare(page)
    page.wait_for_timeout(250)
    wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    if wider > 0:
        print(f"{screen.name} at {size[0]}: {wider} px wider than the window")
    page.screenshot(path=SHOTS / f"{look}-{size[0]}" / f"{screen.name}.png")


def _tablet(browser: Browser, clinic: Practice) -> None:
    desk = _window(browser, clinic, "manager")
    tablet = open_window(browser, clinic.address, TABLET, has_touch=True)
    pair(desk, tablet)
    hand_over(desk, clinic)
    for name in tablet_pages(tablet, clinic):
        for wide, tall in (TABLET, TABLET_UPRIGHT):
            tablet.page.set_viewport_size({"width": wide, "height": tall})
            tablet.page.wait_for_timeout(150)
            tablet.page.screenshot(path=SHOTS / f"tablet-{wide}" / f"{name}.png")
    tablet.close()
    desk.close()


if __name__ == "__main__":
    main(sys.argv[1:])
