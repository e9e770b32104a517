"""The practice's forms: its own library, those brought in from elsewhere, and reading them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from clinic.core.errors import Invalid
from clinic.core.json import Json, canonical, dumps, loads
from clinic.fhir.store import Store
from clinic.fhir.tolerance import require_kept, sorted_faults
from clinic.intake.mapping import canonical_of
from clinic.intake.questionnaire import Form, Notice, read_form
from clinic.intake.questionnaire.messages import N_

LIBRARY = Path(__file__).resolve().parent.parent / "library"
CONTACT_CHECK = "urn:clinic:form:contact-check"


@dataclass(frozen=True)
class FormRow:
    """One form of the practice, as a list shows it."""

    id: str
    title: str
    version: str
    status: str
    url: str
    languages: tuple[str, ...]
    questions: int
    consent: str
    notices: int

    @property
    def is_contact_check(self) -> bool:
        """Whether it is the form of "is this still right?"."""
        return self.url == CONTACT_CHECK


@lru_cache(maxsize=128)
def _read(text: str) -> Form:
    return read_form(loads(text))


def form_of(questionnaire: Json) -> Form:
    """The form in a Questionnaire; read once for the same content."""
    return _read(dumps(questionnaire))


def form_at(store: Store, questionnaire_id: str, version: int) -> tuple[Json, Form]:
    """A form as it was in one version, and its resource. Raises Missing."""
    text = store.vread("Questionnaire", questionnaire_id, version).text
    return loads(text), _read(text)


def form_for(store: Store, response: Json) -> Form | None:
    """The form that answers belong to, in the version that was answered where it is known."""
    canonical_name = str(response.get("questionnaire", ""))
    url, _, version = canonical_name.partition("|")
    if url.startswith("Questionnaire/"):
        found = store.find("Questionnaire", url.split("/")[1])
        return form_of(found) if found else None
    listed = store.search("Questionnaire", [("url", url)], limit=20)
    exact = [one for one in listed if str(one.get("version") or "") == version]
    chosen = exact or listed
    return form_of(chosen[0]) if chosen else None


def list_forms(store: Store, *, active: bool = False) -> list[FormRow]:
    """Every form of the practice by title; `active` leaves out drafts and retired ones."""
    query = [("status", "active")] if active else []
    rows = [_row(one) for one in store.search("Questionnaire", query, limit=200)]
    return sorted((row for row in rows if row), key=lambda row: row.title.casefold())


def _row(questionnaire: Json) -> FormRow | None:
    try:
        form = form_of(questionnaire)
    except Invalid:
        return None
    return FormRow(
        id=questionnaire["id"],
        title=form.title.default or str(questionnaire["id"]),
        version=form.version,
        status=str(questionnaire.get("status", "")),
        url=form.url,
        languages=form.languages,
        questions=sum(item.question and not item.hidden for item in form.every),
        consent=form.consent,
        notices=len(form.notices),
    )


def library() -> list[Json]:
    """The forms written for this product."""
    return [loads(path.read_bytes()) for path in sorted(LIBRARY.glob("*.json"))]


def install_library(store: Store) -> int:
    """Keep the forms of the library that are not there yet, and newer versions of those that are; gives how many.

    A form that the practice changed itself keeps the practice's version number and is left alone.
    """
    written = 0
    for form in library():
        known = store.find("Questionnaire", form["id"])
        if known is None:
            store.create(form, id=form["id"], reason="library")
            written += 1
        elif str(known.get("version", "")) < str(form.get("version", "")):
            store.update(form, reason="library")
            written += 1
    return written


def add_form(store: Store, questionnaire: Json) -> tuple[Json, Form]:
    """Keep a form from elsewhere; what is not supported is in the form's notices. Raises Invalid."""
    form = read_form(questionnaire)
    known = store.search("Questionnaire", [("url", form.url)], limit=5) if form.url else []
    same = next((one for one in known if canonical_of(one) == canonical_of({**questionnaire, "id": ""})), None)
    if same is not None:
        if canonical(_content(same)) == canonical(_content(questionnaire)):
            return same, form
        raise Invalid(N_("There is already a form with this address and version; give it a new version."))
    bare = {key: value for key, value in questionnaire.items() if key not in ("id", "meta")}
    faults = tuple(Notice(issue.expression, issue.diagnostics) for issue in sorted_faults(bare)[1])
    kept = _tolerantly(store, lambda: store.create(bare, reason="import"))
    return kept, replace(form, notices=(*form.notices, *faults))


def _tolerantly(store: Store, write: Callable[[], Json]) -> Json:
    """Write a form as it came: small faults keep nobody from filling it in."""
    strict, store.gate = store.gate, require_kept
    try:
        return write()
    finally:
        store.gate = strict


def _content(questionnaire: Json) -> Json:
    return {key: value for key, value in questionnaire.items() if key not in ("id", "meta")}


def set_status(store: Store, questionnaire_id: str, status: str, *, version: int | None = None) -> Json:
    """Publish (`active`) or retire a form. Raises Stale, Missing."""
    questionnaire = store.read("Questionnaire", questionnaire_id)
    changed = {**questionnaire, "status": status}
    return _tolerantly(store, lambda: store.update(changed, version=version, reason=status))
