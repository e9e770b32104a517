"""An import from its upload to its end: each step is a verb here, refused when the import is at another step."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any, Final

import sqlalchemy as sa

from clinic.core.actor import Actor
from clinic.core.ids import new_id
from clinic.core.json import Json
from clinic.db.sql import upsert
from clinic.fhir.store import Store
from clinic.regions import region_of
from clinic.registration.queries.own import asked_fields
from clinic.transfer.errors import NoRun, NotNow
from clinic.transfer.rules.analysis import Found, Reading
from clinic.transfer.rules.columns import fingerprint, guess, plain, targets_of
from clinic.transfer.rules.person import Mapping
from clinic.transfer.rules.values import KINDS, guess_words, order_of
from clinic.transfer.tables import import_file, import_mapping, import_row, import_run

COLUMNS: Final = "columns"
BUSY: Final = "busy"
CHECKED: Final = "checked"
DONE: Final = "done"
UNDONE: Final = "undone"
STOPPED: Final = "stopped"
CHECK, RUN, UNDO = "check", "run", "undo"

JOB: Final = "import"
PART: Final = 512 * 1024
_IN_MEMORY: Final = 8 * 1024 * 1024
_r, _f, _m = import_run.c, import_file.c, import_mapping.c


@dataclass(frozen=True)
class Rules:
    """What is done with rows about people who are on file.

    `certain` (the same number): skip, fill. `likely`: skip, fill, new, ask.
    """

    certain: str = "fill"
    likely: str = "ask"


@dataclass(frozen=True)
class Run:
    """One import as it stands."""

    id: str
    name: str
    source: str
    kind: str
    state: str
    phase: str
    size: int
    actor: Actor
    created: datetime
    changed: datetime
    ended: datetime | None
    total: int
    done: int
    round: int
    found: Found
    mapping: Mapping
    rules: Rules
    undoer: Actor | None = None
    error: Json = field(default_factory=dict)

    @property
    def reading(self) -> Reading:
        """How the file is read."""
        return self.found.reading

    @property
    def title(self) -> str:
        """What it is called in the history of what it wrote."""
        return f"{self.source}, {self.name}" if self.source else self.name


@dataclass(frozen=True)
class Upload:
    """A file that was chosen, and where it comes from."""

    name: str
    source: str


def begin_run(store: Store, file: IO[bytes], upload: Upload, found: Found) -> str:
    """Keep an uploaded file and what was found in it; gives the import's id.

    The columns are mapped as the last time for a file with the same ones, else by guess.
    """
    run_id = new_id()
    digest = hashlib.sha256()
    size = 0
    file.seek(0)
    part = 0
    while data := file.read(PART):
        digest.update(data)
        size += len(data)
        store.conn.execute(sa.insert(import_file), {"run_id": run_id, "part": part, "data": data})
        part += 1
    row = {
        "id": run_id, "name": upload.name[:200], "source": upload.source[:80], "kind": found.reading.kind,
        "state": COLUMNS, "phase": "", "mark": digest.hexdigest(), "size": size, "actor_id": store.actor.id,
        "actor_name": store.actor.name, "actor_role": store.actor.role, "created": store.now, "changed": store.now,
        "ended": None, "total": found.total, "done": 0, "round": 0, "reading": found.reading.to_json(),
        "found": found.to_json(), "mapping": first_mapping(store, found, upload.source).to_json(), "rules": {},
        "error": None,
    }  # fmt: skip
    store.conn.execute(sa.insert(import_run), row)
    store.did("import", f"file from {upload.source}"[:120])
    return run_id


def read_again(store: Store, run_id: str, found: Found) -> None:
    """Take the file as read in another way: another encoding, delimiter, sheet or header."""
    run = run_of(store, run_id, lock=True)
    _require(run, COLUMNS, CHECKED)
    mapping = first_mapping(store, found, run.source)
    _change(store, run_id, state=COLUMNS, total=found.total, reading=found.reading.to_json(), found=found.to_json(),
            mapping=mapping.to_json(), error=None)  # fmt: skip


def first_mapping(store: Store, found: Found, source: str) -> Mapping:
    """The mapping to begin with: remembered by the names of the columns, else guessed."""
    if found.reading.kind == "fhir":
        return Mapping((), source=source)
    wanted = sa.select(import_mapping).where(_m.mark == fingerprint(found.heads)).order_by(_m.changed.desc())
    row = store.conn.execute(wanted.limit(1)).mappings().first()
    if row:
        return _fitted(row, found, source)
    region = region_of(store.practice.region)
    codes = guess(found.heads, [column.samples for column in found.columns], region, asked_fields(store))
    dates = [one for code, column in zip(codes, found.columns, strict=True) if code == "birth_date"
             for one in (column.words or column.samples)]  # fmt: skip
    order, _proved = order_of(dates, store.practice.date_order)
    return with_words(Mapping(tuple(codes), source, order), found, store)


def named_mapping(store: Store, name: str, found: Found, source: str) -> Mapping | None:
    """A mapping that was kept under a name, for the columns of this file."""
    row = store.conn.execute(sa.select(import_mapping).where(_m.name == name)).mappings().first()
    return _fitted(row, found, source) if row else None


def with_words(mapping: Mapping, found: Found, store: Store) -> Mapping:
    """The mapping with a meaning for every word of the columns that hold words, where one is known."""
    kinds = {target.code: target.kind for target in targets_of(region_of(store.practice.region), asked_fields(store))}
    words = dict(mapping.words)
    for code, column in zip(mapping.columns, found.columns, strict=True):
        if kinds.get(code) in KINDS:
            words[code] = guess_words(kinds[code], column.words or column.samples) | words.get(code, {})
    return Mapping.of_json({**mapping.to_json(), "words": words})


def choose_mapping(store: Store, run_id: str, mapping: Mapping, name: str = "") -> None:
    """Take a mapping for this import, and keep it under a name for the next file like it."""
    run = run_of(store, run_id, lock=True)
    _require(run, COLUMNS, CHECKED)
    _change(store, run_id, state=COLUMNS, mapping=mapping.to_json(), source=mapping.source[:80], error=None)
    if name:
        row = {
            "name": name[:80], "mark": fingerprint(run.found.heads), "heads": list(run.found.heads),
            "mapping": mapping.to_json(), "changed": store.now,
        }  # fmt: skip
        upsert(store.conn, import_mapping, [row], ["name"])


def mapping_names(store: Store) -> list[str]:
    """The names of the mappings that are kept, the latest first."""
    return list(store.conn.execute(sa.select(_m.name).order_by(_m.changed.desc()).limit(50)).scalars())


def begin_phase(store: Store, run_id: str, phase: str) -> None:
    """Leave the check, the run or the undoing to the worker. Raises NotNow when it is not due."""
    run = run_of(store, run_id, lock=True)
    due = {CHECK: (COLUMNS, CHECKED), RUN: (CHECKED,), UNDO: (DONE, STOPPED)}[phase]
    if run.state == STOPPED and run.phase == phase:
        due = (STOPPED,)
    _require(run, *due)
    values: dict[str, Any] = {"state": BUSY, "phase": phase, "round": run.round + 1, "done": 0, "error": None}
    if phase == CHECK:
        store.conn.execute(sa.delete(import_row).where(import_row.c.run_id == run_id))
    if phase == UNDO:
        values["rules"] = {**_rules_json(run), "undoer": [store.actor.id, store.actor.name, store.actor.role]}
    if run.state == STOPPED and phase == run.phase:
        values["done"] = run.done
    _change(store, run_id, **values)
    store.enqueue(JOB, {"run": run_id, "round": run.round + 1}, f"{JOB}:{run_id}:{run.round + 1}")


def choose_rules(store: Store, run_id: str, rules: Rules) -> None:
    """What is to be done with people who are on file. Raises NotNow."""
    run = run_of(store, run_id, lock=True)
    _require(run, CHECKED)
    _change(store, run_id, rules={"certain": rules.certain, "likely": rules.likely})


def decide(store: Store, run_id: str, number: int, decision: str) -> None:
    """What is done with one row about somebody who may be on file; an empty decision leaves it to the rule."""
    run = run_of(store, run_id, lock=True)
    _require(run, CHECKED)
    c = import_row.c
    change = sa.update(import_row).where(c.run_id == run_id, c.number == number, c.verdict.in_(("likely", "twin")))
    if not store.conn.execute(change.values(decision=decision)).rowcount:
        raise NoRun


def stop_run(store: Store, run_id: str) -> None:
    """Stop what the worker does with this import; what is done stays, and it can be taken up again or back."""
    run = run_of(store, run_id, lock=True)
    _require(run, BUSY)
    if run.phase == CHECK:
        _change(store, run_id, state=COLUMNS, round=run.round + 1)
        return
    _change(store, run_id, state=STOPPED, round=run.round + 1)


def discard_run(store: Store, run_id: str) -> None:
    """Forget an import that wrote nothing: its file and rows go."""
    run = run_of(store, run_id, lock=True)
    _require(run, COLUMNS, CHECKED)
    for table in (import_file, import_row):
        store.conn.execute(sa.delete(table).where(table.c.run_id == run_id))
    store.conn.execute(sa.delete(import_run).where(_r.id == run_id))


def run_of(store: Store, run_id: str, *, lock: bool = False) -> Run:
    """One import. Raises NoRun."""
    wanted = sa.select(import_run).where(_r.id == run_id)
    row = store.conn.execute(wanted.with_for_update() if lock else wanted).mappings().first()
    if row is None:
        raise NoRun
    return run_from(row)


def run_from(row: Any) -> Run:
    """An import from its row."""
    rules = row["rules"] or {}
    undoer = rules.get("undoer")
    return Run(
        row["id"], row["name"], row["source"], row["kind"], row["state"], row["phase"], row["size"],
        Actor(row["actor_id"], row["actor_name"], role=row["actor_role"]), row["created"], row["changed"], row["ended"],
        row["total"], row["done"], row["round"], Found.of_json(row["found"], Reading.of_json(row["reading"])),
        Mapping.of_json(row["mapping"]), Rules(rules.get("certain", "fill"), rules.get("likely", "ask")),
        undoer=Actor(undoer[0], undoer[1], role=undoer[2]) if undoer else None,
        error=row["error"] or {},
    )  # fmt: skip


def copy_of(read_part: Callable[[int], bytes | None]) -> IO[bytes]:
    """The uploaded file again, part by part, in memory or in a nameless file."""
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 the caller closes it
    part = 0
    while (data := read_part(part)) is not None:
        file.write(data)
        part += 1
    file.seek(0)
    return file


def part_of(store: Store, run_id: str, part: int) -> bytes | None:
    """One part of the uploaded file; None after the last."""
    wanted = sa.select(_f.data).where(_f.run_id == run_id, _f.part == part)
    data = store.conn.execute(wanted).scalar()
    return None if data is None else bytes(data)


def drop_file(store: Store, run_id: str) -> None:
    """Forget the uploaded file."""
    store.conn.execute(sa.delete(import_file).where(_f.run_id == run_id))


def change_run(store: Store, run_id: str, **values: Any) -> None:
    """Note how far the worker is."""
    _change(store, run_id, **values)


def _change(store: Store, run_id: str, **values: Any) -> None:
    store.conn.execute(sa.update(import_run).where(_r.id == run_id).values(changed=store.now, **values))


def _require(run: Run, *states: str) -> None:
    if run.state not in states:
        raise NotNow


def _rules_json(run: Run) -> Json:
    return {"certain": run.rules.certain, "likely": run.rules.likely}


def _fitted(row: Any, found: Found, source: str) -> Mapping:
    """A kept mapping for the columns of this file, by their names."""
    kept = Mapping.of_json(row["mapping"])
    codes = dict(zip((plain(head) for head in row["heads"]), kept.columns, strict=False))
    columns = [codes.get(plain(head), "") for head in found.heads]
    return Mapping.of_json({**kept.to_json(), "columns": columns, "source": source or kept.source})
