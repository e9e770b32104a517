"""The catalogues say everything the screens say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
PLACE = re.compile(r"%\(\w+\)[sd]")
PATIENT_SIDE = (
    *(
        f"templates/intake/{name}.html"
        for name in (
            "_question", "birth_date", "form_page", "link", "lock", "missing", "refused", "still_right",
            "thanks", "welcome",
        )
    ),
    "templates/_layout/tablet.html",
    *(f"templates/pdf/{name}.html" for name in ("_fields", "_parts", "_sheet", "intake_form")),
    *(f"clinic/intake/questionnaire/{name}.py" for name in ("entry", "validate")),
    *(f"clinic/intake/routes/{name}.py" for name in ("files", "questions", "still_right", "tablet")),
)  # fmt: skip


def catalogue(language: str) -> Catalog:
    with (ROOT / "clinic" / "translations" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What `make translations` would gather now."""
    marks = re.search(r"^MARKS := (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert marks
    template = tmp_path_factory.mktemp("words") / "messages.pot"
    keywords = [part for mark in marks[1].split() for part in ("-k", mark)]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        CommandLineInterface().run(
            [
                "pybabel",
                "-q",
                "extract",
                "-F",
                "pyproject.toml",
                "--ignore-dirs=.*",
                *keywords,
                "-o",
                str(template),
                ".",
            ]
        )
    with template.open("rb") as file:
        return read_po(file)


def forms(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def translated(known: Catalog, message: Message) -> bool:
    found = known.get(message.id)
    return found is not None and not found.fuzzy and bool(forms(found)) and all(forms(found))


def real(messages: Catalog) -> Iterator[Message]:
    return (message for message in messages if message.id)


def test_the_gathering_finds_screens_refusals_and_rules(spoken: Catalog) -> None:
    for text in ("Everybody is ready", "Open your till first.", "Choose first, second or third.", "No diagnosis yet"):
        assert spoken.get(text) is not None, text


@pytest.mark.parametrize("language", ["es", "nl"])
def test_everything_staff_and_patients_read_is_translated(spoken: Catalog, language: str) -> None:
    known = catalogue(language)
    assert [message.id for message in real(spoken) if not translated(known, message)] == []


def test_everything_patients_read_is_in_arabic(spoken: Catalog) -> None:
    known = catalogue("ar")
    read = [message for message in real(spoken) if {file for file, _line in message.locations} & set(PATIENT_SIDE)]
    assert len(read) > 100
    assert [message.id for message in read if not translated(known, message)] == []


@pytest.mark.parametrize("name", PATIENT_SIDE)
def test_the_patient_side_is_where_it_is_looked_for(name: str) -> None:
    assert (ROOT / name).is_file()


@pytest.mark.parametrize("language", ["ar", "es", "nl"])
def test_a_translation_has_the_places_of_its_message_and_no_others(language: str) -> None:
    wrong = []
    for message in real(catalogue(language)):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        allowed = {place for text in ids for place in PLACE.findall(text)}
        for text in filter(None, forms(message)):
            places = set(PLACE.findall(text))
            # A form for one, or for two, may say the number as a word.
            needed = set() if len(ids) > 1 else allowed
            if not needed <= places <= allowed:
                wrong.append((message.id, text))
    assert wrong == []


@pytest.mark.parametrize(("language", "count"), [("ar", 6), ("es", 2), ("nl", 2)])
def test_every_plural_has_all_the_forms_of_its_language(language: str, count: int) -> None:
    known = catalogue(language)
    assert known.num_plurals == count
    plurals = [message for message in real(known) if message.pluralizable]
    assert plurals
    assert [message.id for message in plurals if len(forms(message)) != count] == []


@pytest.mark.parametrize(("language", "word"), [("es", "Contraseña"), ("nl", "Wachtwoord")])
def test_a_page_speaks_the_language_of_the_browser(app, language: str, word: str) -> None:
    page = app.test_client().get("/access/sign-in", headers={"Accept-Language": language})
    text = page.get_data(as_text=True)
    assert f'lang="{language}"' in text
    assert word in text


@pytest.mark.parametrize(("language", "words"), [("es", ("Hoy", "martes")), ("nl", ("Vandaag", "dinsdag"))])
def test_the_language_somebody_chose_holds_for_words_and_dates(
    client_of, language: str, words: tuple[str, ...]
) -> None:
    client = client_of("receptionist")
    account = client.get("/access/account").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', account)
    assert token
    client.post("/access/preferences", data={"csrf_token": token[1], "next": "/", "language": language})
    calendar = client.get("/appointments/day").get_data(as_text=True)
    assert f'lang="{language}"' in calendar
    assert [word for word in words if word not in calendar] == []
