"""Who writes next: by turns, and nobody's place is lost."""

from __future__ import annotations

import threading
import time

import pytest

from clinic.db.turnstile import Turnstile


def waits(turnstile: Turnstile, count: int) -> None:
    """Give the others time to queue up."""
    end = time.monotonic() + 10
    while len(turnstile._waiting) < count and time.monotonic() < end:
        time.sleep(0.001)
    assert len(turnstile._waiting) == count


def test_those_who_wait_are_let_in_in_the_order_in_which_they_came() -> None:
    turnstile, came = Turnstile(1), []

    def enter(number: int) -> None:
        with turnstile:
            came.append(number)

    threads = [threading.Thread(target=enter, args=(number,)) for number in range(12)]
    with turnstile:
        for number, thread in enumerate(threads):
            thread.start()
            waits(turnstile, number + 1)
    for thread in threads:
        thread.join()
    assert came == list(range(12))


def test_no_more_than_its_places_are_inside_at_once() -> None:
    turnstile, guard = Turnstile(3), threading.Lock()
    inside, most = 0, 0

    def enter() -> None:
        nonlocal inside, most
        for _ in range(20):
            with turnstile:
                with guard:
                    inside += 1
                    most = max(most, inside)
                time.sleep(0.0001)
                with guard:
                    inside -= 1

    threads = [threading.Thread(target=enter) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (inside, most) == (0, 3)
    with turnstile, turnstile, turnstile:
        pass


def test_a_place_is_given_back_by_an_error() -> None:
    turnstile = Turnstile(1)
    with pytest.raises(ValueError, match="odd"), turnstile:
        raise ValueError("odd")
    with turnstile:
        pass


def test_who_is_interrupted_while_waiting_leaves_the_queue_and_a_place_handed_over_goes_on() -> None:
    turnstile = Turnstile(1)
    gone, handed = threading.Lock(), threading.Lock()
    turnstile.__enter__()
    turnstile._waiting.append(gone)
    turnstile._give_up(gone)
    assert not turnstile._waiting
    turnstile._give_up(handed)
    with turnstile:
        pass
