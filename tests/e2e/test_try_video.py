"""Camera, microphone and loudspeaker are tried before a visit by video, and then somebody is here: by keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from clinic.appointments.service.links import visit_link_for
from clinic.cli.demo.video import Watched, make_video
from clinic.visits.service import undo, visit_of
from tests.e2e.browsing import ARGUMENTS, CHROMIUM, Window, open_window
from tests.e2e.entered import proven
from tests.e2e.practice import Practice
from tests.e2e.test_axe import AXE, violations

pytestmark = pytest.mark.e2e
FAKE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


@pytest.fixture(scope="module")
def watched(clinic: Practice) -> tuple[Watched, str]:
    """A visit by video in some minutes, nobody here yet, and the path of its link."""

    def make(store: object) -> tuple[Watched, str]:
        made = make_video(store, clinic.made, clinic.people[4:8])  # type: ignore[arg-type]
        encounter = visit_of(store, made.here)  # type: ignore[arg-type]
        assert encounter is not None
        undo(store, encounter["id"], version=1)  # type: ignore[arg-type]
        token = visit_link_for(store, store.read("Appointment", made.here))  # type: ignore[arg-type, attr-defined]
        return made, f"/appointments/own/{token}"

    return clinic.read(make)  # type: ignore[no-any-return]


@pytest.fixture(params=["allowed", "refused"])
def phone(request: pytest.FixtureRequest, browser: Browser, clinic: Practice) -> Iterator[Window]:
    """A telephone with a camera and a microphone that beeps, and one whose owner refuses both."""
    given = FAKE if request.param == "allowed" else (*FAKE[:1], "--deny-permission-prompts")
    own = browser.browser_type.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *given])
    window = open_window(own, clinic.address, (390, 844))
    yield window
    window.close()
    own.close()


def said(page: Page, trial: str) -> str:
    return page.locator(f"[data-try={trial}] [data-said]").inner_text()


def shown(page: Page, trial: str, words: str) -> None:
    expect(page.locator(f"[data-try={trial}] [data-said]")).to_contain_text(words, timeout=20_000)


def test_a_device_is_tried_and_the_patient_is_here(
    phone: Window, clinic: Practice, watched: tuple[Watched, str], request: pytest.FixtureRequest
) -> None:
    made, path = watched
    page = phone.go(path)
    born = next(one.born for one in clinic.people if one.id == made.patient)
    proven(str(born), "try")(page)
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    page.locator("[data-try=camera] [data-start]").focus()
    page.keyboard.press("Enter")
    if "refused" in request.node.name:
        shown(page, "camera", "may not use the camera")
        expect(page.locator("[data-try=camera] [data-start]")).to_be_focused()
        page.locator("[data-try=microphone] [data-start]").press("Enter")
        shown(page, "microphone", "may not use the microphone")
        return
    shown(page, "camera", "The camera works")
    expect(page.locator("[data-try=camera] [data-stop]")).to_be_focused()
    assert page.evaluate("document.querySelector('[data-picture]').videoWidth") > 0
    page.locator("[data-try=microphone] [data-start]").press("Enter")
    shown(page, "microphone", "it hears you")
    page.locator("[data-try=speaker] [data-start]").press("Enter")
    shown(page, "speaker", "Did you hear the tone?")
    expect(page.locator("[data-yes]")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    shown(page, "speaker", "Turn the sound up")
    expect(page.locator("[data-all]")).to_be_hidden()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    shown(page, "speaker", "The loudspeaker works")
    expect(page.locator("[data-all]")).to_be_visible()
    page.evaluate(AXE)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("[data-try=camera] [data-stop]").press("Enter")
    expect(page.locator("[data-picture]")).to_be_hidden()
    assert page.evaluate("document.querySelector('[data-picture]').srcObject === null")
    assert [url for url in asked if "/static/" not in url] == []
    page.get_by_role("link", name="Back to my visit").press("Enter")
    page.get_by_role("button", name="I am here").press("Enter")
    expect(page.get_by_role("link", name="Open the video room")).to_have_attribute(
        "href", re.compile(r"^https://video\.example/")
    )
    page.evaluate(AXE)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
