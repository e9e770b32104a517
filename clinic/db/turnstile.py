"""A way in for so many at a time, in the order in which they came."""

from __future__ import annotations

import threading
from collections import deque
from types import TracebackType


class Turnstile:
    """Lets a number of threads in at a time; who waits is let in by turns.

    A plain lock goes to whoever asks at the right moment, so that at fifty writers some wait ten times as long
    as the others. Here a place is handed on to the one who has waited longest.
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._waiting: deque[threading.Lock] = deque()
        self._guard = threading.Lock()

    def __enter__(self) -> None:
        with self._guard:
            if self._places:
                self._places -= 1
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        inside = False
        try:
            inside = turn.acquire()
        finally:
            if not inside:
                self._give_up(turn)

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        with self._guard:
            self._hand_on()

    def _hand_on(self) -> None:
        if self._waiting:
            self._waiting.popleft().release()
        else:
            self._places += 1

    def _give_up(self, turn: threading.Lock) -> None:
        """Somebody was interrupted while waiting; a place that was handed over meanwhile goes on."""
        with self._guard:
            if turn in self._waiting:
                self._waiting.remove(turn)
            else:
                self._hand_on()
