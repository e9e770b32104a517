"""Photos and papers that a patient adds to an answer: checked, cleaned, kept as records of their own."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from werkzeug.datastructures import FileStorage, MultiDict

from clinic.core.errors import Invalid
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.intake.questionnaire import Answers, Entry, Fault, Item
from clinic.intake.questionnaire.messages import N_
from clinic.web.images import clean_image

MOST_BYTES = 10 * 1024 * 1024
_PDF = b"%PDF-"


def keep_files(
    store: Store, entries: Sequence[Entry], answers: Answers, files: MultiDict[str, FileStorage]
) -> tuple[Answers, tuple[Fault, ...]]:
    """Answers with the sent files in them, and what was refused. A field without a file keeps what it had."""
    faults: list[Fault] = []
    for entry in entries:
        sent = [file for file in files.getlist(entry.name) if file.filename]
        if entry.item.kind != "attachment" or not sent:
            continue
        try:
            kept = tuple(_keep(store, entry.item, file) for file in sent[:5])
        except Invalid as refused:
            faults.append(Fault(entry.name, entry.item.text, refused.message, refused.params))
            continue
        answers = answers.with_value(entry.name, kept if entry.item.repeats else kept[:1])
    return answers, tuple(faults)


def _keep(store: Store, item: Item, file: FileStorage) -> Json:
    file.stream.seek(0)
    most = min(item.limits.max_bytes or MOST_BYTES, MOST_BYTES)
    data = file.stream.read(most + 1)
    if len(data) > most:
        raise Invalid(N_("This file is too large: at most %(most)s MB."), most=max(1, most // 1_000_000))
    if data.startswith(_PDF) and _takes(item, "application/pdf"):
        content, kind = data, "application/pdf"
    else:
        picture = clean_image(data)
        content, kind = picture.data, picture.content_type
        if not _takes(item, kind):
            raise Invalid(N_("This kind of file cannot be taken here."))
    coded = base64.b64encode(content).decode()
    binary = store.create({"resourceType": "Binary", "contentType": kind, "data": coded})
    digest = base64.b64encode(hashlib.sha1(content, usedforsecurity=False).digest()).decode()
    return {
        "contentType": kind,
        "url": f"Binary/{binary['id']}",
        "size": len(content),
        "hash": digest,
        "title": _title(file.filename or "", kind),
    }


def _takes(item: Item, kind: str) -> bool:
    return not item.limits.mime or kind in item.limits.mime


def _title(name: str, kind: str) -> str:
    plain = "".join(char for char in name.replace("\\", "/").rsplit("/", 1)[-1] if char.isalnum() or char in " ._-")
    return plain[:80].strip() or {"application/pdf": "document.pdf"}.get(kind, "photo")
