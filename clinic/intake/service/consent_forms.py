"""The form of a consent follows its text: what the manager wrote is what the tablet shows, under the same version."""

from __future__ import annotations

from typing import Any

from clinic.core.days import local
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.intake.questionnaire import extensions as ext
from clinic.registration.queries.consents import TextVersion, book_of, versions_of
from clinic.registration.rules.consents import LANGUAGES

_TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
_SIGNED = "http://hl7.org/fhir/StructureDefinition/questionnaire-signatureRequired"
_READ = {
    "en": "Please read and sign",
    "es": "Lea y firme",
    "nl": "Lees en teken",
    "ar": "يرجى القراءة والتوقيع",
}
"""As in the forms of the library."""


def follow_text(store: Store, news: Json) -> None:
    """Bring the form of a kind up to the text in force; make one for a kind that is asked for and has none."""
    code = str(news["kind"])
    version = versions_of(store, code)[0]
    known = _form_of(store, code)
    if known is None:
        if book_of(store).kinds[code].need != "no":
            store.create(_form(store, code, version), id=f"consent-{code}", reason="text of the consent")
        return
    if str(known.get("version", "")) != str(version.number):
        changed = _form(store, code, version)
        kept: Json = {name: known[name] for name in ("id", "meta", "url", "name", "status") if name in known}
        store.update({**changed, **kept}, reason="text of the consent")


def _form_of(store: Store, code: str) -> Json | None:
    found = store.search("Questionnaire", [("publisher", "Clinic")], limit=200)
    own = [one for one in found if ext.code_of(ext.first(one, ext.CONSENT)) == code]
    return min(own, key=lambda one: (one.get("status") != "active", one["id"]), default=None)


def _form(store: Store, code: str, version: TextVersion) -> Json:
    languages = [language for language in LANGUAGES if language in version.texts]
    first, *others = languages
    paragraphs = {language: version.texts[language].paragraphs for language in languages}
    alike = len({len(found) for found in paragraphs.values()}) == 1
    if not alike:
        paragraphs = {language: ["\n".join(found)] for language, found in paragraphs.items()}
    items = [
        {
            "linkId": f"c{number + 1}",
            **_said("text", {language: paragraphs[language][number] for language in languages}, first, others),
            "type": "display",
        }
        for number in range(len(paragraphs[first]))
    ]
    coding = {"system": "urn:iso-astm:E1762-95:2013", "code": "1.2.840.10065.1.12.1.7", "display": "Consent Signature"}
    group: Json = {
        "extension": [{"url": _SIGNED, "valueCodeableConcept": {"coding": [coding]}}],
        "linkId": "consent",
        **_said("text", _READ, first if first in _READ else "en", others),
        "type": "group",
        "item": items,
    }
    return {
        "resourceType": "Questionnaire",
        "id": f"consent-{code}",
        "language": first,
        "extension": [{"url": ext.CONSENT, "valueCode": code}],
        "url": f"urn:clinic:form:consent:{code}",
        "version": str(version.number),
        "name": f"Consent{code.title().replace('-', '')}",
        **_said("title", {language: version.texts[language].title for language in languages}, first, others),
        "status": "active",
        "subjectType": ["Patient"],
        "date": local(store.now, store.practice.zone).date().isoformat(),
        "publisher": "Clinic",
        "item": [group],
    }


def _said(name: str, words: dict[str, str], first: str, others: list[str]) -> dict[str, Any]:
    """An element with its translations."""
    found: dict[str, Any] = {name: words[first]}
    told = [
        {
            "url": _TRANSLATION,
            "extension": [{"url": "lang", "valueCode": one}, {"url": "content", "valueString": words[one]}],
        }
        for one in others
        if one in words
    ]
    if told:
        found[f"_{name}"] = {"extension": told}
    return found
