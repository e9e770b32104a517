"""Chromium as people use it: one window each, signed in, and the faults that a page made on the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Response,
    expect,
    sync_playwright,
)

from clinic.cli.demo.practice import SIGN_INS

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
DESK = (1440, 900)
SMALL_DESK = (1024, 768)
TABLET = (1024, 768)
TABLET_UPRIGHT = (768, 1024)
PASSWORDS = {role.lower(): (name, password) for name, role, password in SIGN_INS}
WAIT_MS = 8_000

expect.set_options(timeout=WAIT_MS)


_running: list[tuple[Playwright, int]] = []


@contextmanager
def playwright() -> Iterator[Playwright]:
    """The one Playwright of this process, until its last user ends: a second one beside it refuses to start."""
    play, users = _running.pop() if _running else (sync_playwright().start(), 0)
    _running.append((play, users + 1))
    yield play
    play, users = _running.pop()
    if users > 1:
        _running.append((play, users - 1))
    else:
        play.stop()


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser until the block ends."""
    with playwright() as play:
        browser = launch(play)
        yield browser
        browser.close()


def launch(play: Playwright) -> Browser:
    """Debian's Chromium, without a screen."""
    return play.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))


@dataclass
class Window:
    """One person's browser window on the clinic, and what went wrong in it."""

    context: BrowserContext
    page: Page
    address: str
    faults: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        """Open a page of the clinic."""
        answer = self.page.goto(self.address + path)
        status = answer.status if answer else 0
        assert 0 < status < 500, f"{path}: {status}"
        return self.page

    def fetch(self, path: str) -> Any:
        """An answer of the clinic with this person's session, without showing it."""
        return self.context.request.get(self.address + path, timeout=60_000)

    def close(self) -> None:
        """Close the window. Fails when a page in it had a script error, a refused style or an answer 500."""
        self.context.close()
        assert not self.faults, "\n".join(self.faults)


def open_window(browser: Browser, address: str, size: tuple[int, int] = DESK, **options: Any) -> Window:
    """A fresh window with its own cookies."""
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, locale="en-US", **options)
    context.set_default_timeout(WAIT_MS)
    window = Window(context, context.new_page(), address)
    _watch(window)
    return window


def _watch(window: Window) -> None:
    def answered(answer: Response) -> None:
        if answer.status >= 500:
            window.faults.append(f"{answer.request.method} {answer.url}: {answer.status}")

    def said(message: ConsoleMessage) -> None:
        text = message.text
        if message.type == "error" and "Failed to load resource" not in text:
            window.faults.append(f"{window.page.url}: {text}")

    window.context.on("response", answered)
    window.context.on("console", said)
    window.page.on("pageerror", lambda error: window.faults.append(f"{window.page.url}: {error}"))


def signed_in(browser: Browser, address: str, role: str, size: tuple[int, int] = DESK, **options: Any) -> Window:
    """The window of the demo person with this role, on Today."""
    window = open_window(browser, address, size, **options)
    sign_in(window, role)
    return window


def sign_in(window: Window, role: str, next_: str = "/visits/today") -> None:
    """Sign in by the page, with the keyboard."""
    name, password = PASSWORDS[role]
    page = window.page
    if "sign-in" not in page.url:
        window.go(f"/access/sign-in?next={next_}")
    page.fill("[name=username]", name)
    page.fill("[name=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)
