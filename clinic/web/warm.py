"""What the first visitor would wait for, done once after the server listens: templates, words, FHIR's definitions."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from flask import Flask
from flask_babel import force_locale, get_translations
from jinja2 import FileSystemBytecodeCache

from clinic.fhir.index import rows_of
from clinic.fhir.params import resource_types
from clinic.fhir.validate import check
from clinic.web.state import State, state_of

_PAUSE = 0.002
_YOUNG, _OLDER, _OLD = 20_000, 20, 50
"""Objects made before the collector looks at the young ones, and how many such looks before it looks at the rest."""


def keep_templates(app: Flask, folder: Path) -> None:
    """Keep compiled templates in a folder of this server's own, so that the next start only reads them."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(folder))


def begin(app: Flask, languages: tuple[str, ...], *, after: float) -> threading.Thread:
    """Warm in the background, some seconds after now, so that the first answer does not wait for it."""

    def run() -> None:
        time.sleep(after)
        warm(app, languages, pause=_PAUSE)

    thread = threading.Thread(target=run, name="warm", daemon=True)
    thread.start()
    return thread


def warm(app: Flask, languages: tuple[str, ...], *, pause: float = 0.0) -> None:
    """Do it now; between two steps others get their turn for `pause` seconds."""
    for step in _steps(app, languages):
        step()
        if pause:
            time.sleep(pause)
    settle()


def settle() -> None:
    """Leave everything that stays for good out of later garbage collections: they stop the whole process."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _OLDER, _OLD)


def _steps(app: Flask, languages: tuple[str, ...]) -> Iterator[Callable[[], object]]:
    state = state_of(app)
    yield resource_types
    for type_ in sorted({type_ for part in state.slices for model in part.read_models for type_ in model.types}):
        yield partial(_record, state, type_)
    for language in languages:
        yield partial(_words, app, language)
    for name in app.jinja_env.list_templates(extensions=["html"]):
        yield partial(app.jinja_env.get_template, name)


def _record(state: State, type_: str) -> None:
    """What a first record of a type makes the gate and the search index read."""
    empty = {"resourceType": type_, "id": "warm", "meta": {"lastUpdated": "2027-01-01T00:00:00Z"}}
    check(empty)
    rows_of(empty, state.setting.registry)


def _words(app: Flask, language: str) -> None:
    with app.test_request_context("/"), force_locale(language):
        get_translations()
