"""The sheet of a visit: opened, saved as a whole, taken back, copied, said to be ready."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from clinic.billing import queries
from clinic.billing.errors import AlreadyReady, NotReady
from clinic.billing.mapping import claim_of, encounter_of, is_ready, mark_ready, sheet_in
from clinic.billing.mapping.claims import ClaimFrame
from clinic.billing.queries import CodesAndFees
from clinic.billing.rules import ChargeLine, Diagnosis, Finding, Sheet, check, stops
from clinic.billing.service.codes import system_of
from clinic.billing.service.facts import Around, facts_of, known_of
from clinic.codes import HCPCS, ICD10CM
from clinic.codes.systems import key_of
from clinic.core.days import instant_text, local, read_instant
from clinic.core.errors import N_, Missing, Stale
from clinic.core.ids import new_id
from clinic.core.json import Json
from clinic.fhir.store import STALE, Store
from clinic.insurance.mapping import is_self_pay
from clinic.insurance.rules import chosen
from clinic.insurance.service import term_of

_ONE_PER_VISIT = "visit-claim"
_NO_VISIT = N_("There is no visit to code under this number.")


@dataclass(frozen=True, slots=True)
class VisitSheet:
    """A visit with its sheet and what the checks say. `version` is 0 before anything was saved."""

    encounter: Json
    around: Around
    claim: Json | None
    previous: Json | None
    sheet: Sheet
    findings: tuple[Finding, ...]

    @property
    def version(self) -> int:
        """The version of the sheet, for saving it again."""
        return int(self.claim["meta"]["versionId"]) if self.claim else 0

    @property
    def day(self) -> date:
        """The day of the visit in the practice's zone."""
        return self.around.day

    @property
    def ready(self) -> bool:
        """Whether it was said to be ready for the claim."""
        return is_ready(self.claim)

    @property
    def stops(self) -> int:
        """How many findings keep it from being ready."""
        return stops(list(self.findings))


@dataclass(frozen=True, slots=True)
class Loaded:
    """A visit with the records around it, before anything is checked."""

    encounter: Json
    around: Around
    claim: Json | None
    previous: Json | None

    @property
    def version(self) -> int:
        """The version of the sheet; 0 before anything was saved."""
        return int(self.claim["meta"]["versionId"]) if self.claim else 0


def load_visit(store: Store, encounter_id: str) -> Loaded:
    """A visit with its claim, patient, provider and coverages in one statement. Raises Missing."""
    records = queries.records_of(store.conn, encounter_id)
    by_type = {each["resourceType"]: each for each in records}
    patient = by_type.get("Patient")
    if patient is None:
        raise Missing(_NO_VISIT)
    encounter = by_type["Encounter"]
    day = local(read_instant(encounter["period"]["start"]), store.practice.zone).date()
    policies = [each for each in records if each["resourceType"] == "Coverage"]
    paying = tuple(each for each in in_force_on(policies, day) if not is_self_pay(each))
    claims = [each for each in records if each["resourceType"] == "Claim"]
    mine = [each for each in claims if encounter_of(each) == encounter_id]
    before = [each for each in claims if encounter_of(each) != encounter_id]
    around = Around(day, patient, by_type.get("Practitioner", {}), paying)
    return Loaded(encounter, around, mine[-1] if mine else None, before[0] if before else None)


def examine(store: Store, loaded: Loaded, sheet: Sheet | None = None) -> VisitSheet:
    """The kept sheet, or `sheet` in its place, with names and texts from the lists and the checks run."""
    shown = sheet if sheet is not None else sheet_in(loaded.claim) if loaded.claim else Sheet()
    known = known_of(store, shown)
    named = with_names(shown, known)
    findings = check(named, facts_of(store, named, loaded.around, known))
    return VisitSheet(loaded.encounter, loaded.around, loaded.claim, loaded.previous, named, tuple(findings))


def open_sheet(store: Store, encounter_id: str, sheet: Sheet | None = None) -> VisitSheet:
    """The sheet of a visit as it stands, or `sheet` in its place, with the checks run. Raises Missing."""
    opened = examine(store, load_visit(store, encounter_id), sheet)
    store.saw(opened.around.patient["id"], "charges")
    return opened


def save_sheet(store: Store, encounter_id: str, sheet: Sheet, *, version: int | None) -> Json:
    """Keep the whole sheet at once; gives the claim.

    `version` is the one the sheet was loaded with (0 for none yet). Raises Stale when it changed
    since, AlreadyReady when it was said to be ready, Missing.
    """
    return save_loaded(store, load_visit(store, encounter_id), sheet, version=version)


def save_loaded(store: Store, loaded: Loaded, sheet: Sheet, *, version: int | None) -> Json:
    """Keep the sheet of a visit that was just loaded; see `save_sheet`."""
    if is_ready(loaded.claim):
        raise AlreadyReady
    if version is not None and version != loaded.version:
        raise Stale(STALE, current=loaded.claim or {})
    opened = examine(store, loaded, sheet)
    fresh = claim_of(opened.sheet, _frame(store, opened))
    if opened.claim is None:
        id_, encounter_id = new_id(), opened.encounter["id"]
        store.claim(_ONE_PER_VISIT, encounter_id, f"Claim/{id_}")
        return store.create(fresh, id=id_)
    return store.update(_laid_over(opened.claim, fresh), version=opened.version)


def undo(store: Store, encounter_id: str, *, version: int | None) -> Json:
    """Take the last change of the sheet back; done twice it is there again. Raises Missing, Stale."""
    opened = open_sheet(store, encounter_id)
    if opened.claim is None:
        raise Missing("Nothing has been changed on this sheet.")
    if version is not None and version != opened.version:
        raise Stale(STALE, current=opened.claim)
    if opened.version == 1:
        empty = claim_of(Sheet(), _frame(store, opened))
        return store.update(_laid_over(opened.claim, empty), version=1, reason="undo")
    before = store.vread("Claim", opened.claim["id"], opened.version - 1).json
    return store.update({**before, "id": opened.claim["id"]}, version=opened.version, reason="undo")


def make_ready(store: Store, encounter_id: str, *, version: int | None) -> Json:
    """Say that a sheet is ready for the claim. Raises NotReady while the checks find something to mend."""
    opened = open_sheet(store, encounter_id)
    if opened.claim is None or opened.stops:
        raise NotReady(opened.stops or 1)
    if version is not None and version != opened.version:
        raise Stale(STALE, current=opened.claim)
    fresh = _laid_over(opened.claim, claim_of(opened.sheet, _frame(store, opened)))
    return store.update(mark_ready(fresh, True), version=opened.version)


def open_again(store: Store, encounter_id: str, *, version: int | None) -> Json:
    """Take a ready sheet back to work on it."""
    opened = open_sheet(store, encounter_id)
    if opened.claim is None:
        raise Missing("Nothing has been changed on this sheet.")
    if version is not None and version != opened.version:
        raise Stale(STALE, current=opened.claim)
    return store.update(mark_ready(opened.claim, False), version=opened.version)


def copy_previous(previous: Json | None, onto: Sheet) -> Sheet:
    """The sheet with the diagnoses and lines of the patient's last charged visit added, dated as this one.

    What is already there stays; units, fees and links are copied.
    """
    if previous is None:
        return onto
    before = sheet_in(previous)
    diagnoses = list(onto.diagnoses)
    for each in before.diagnoses:
        if each.code not in {d.code for d in diagnoses}:
            diagnoses.append(each)
    places = {each.code: place for place, each in enumerate(diagnoses, 1)}
    place_now = {old: places[each.code] for old, each in enumerate(before.diagnoses, 1)}
    have = {(line.code, line.modifiers) for line in onto.lines}
    added = tuple(
        replace(line, day=None, pointers=tuple(sorted(place_now[p] for p in line.pointers)))
        for line in before.lines
        if (line.code, line.modifiers) not in have
    )
    return replace(onto, diagnoses=tuple(diagnoses), lines=onto.lines + added)


def with_names(sheet: Sheet, known: CodesAndFees) -> Sheet:
    """The sheet with codes spelled as in the lists and with their texts; unknown ones stay as typed."""
    diagnoses = []
    for each in sheet.diagnoses:
        code = known.codes.get((ICD10CM, key_of(each.code)))
        diagnoses.append(Diagnosis(code.code, code.display) if code else each)
    return replace(sheet, diagnoses=tuple(diagnoses), lines=tuple(_named(line, known) for line in sheet.lines))


def _named(line: ChargeLine, known: CodesAndFees) -> ChargeLine:
    own = known.fees.get(key_of(line.code))
    listed = known.codes.get((HCPCS, key_of(line.code)))
    entry = own or listed
    if entry is None:
        return line
    display = entry.display or line.display or entry.code
    return replace(line, code=entry.code, display=display, system=system_of(own, listed))


def _frame(store: Store, opened: VisitSheet) -> ClaimFrame:
    provider_id = opened.around.provider.get("id")
    practice = store.practice
    if provider_id:
        provider: Json = {"reference": f"Practitioner/{provider_id}"}
    elif practice.organization_id:
        provider = {"reference": f"Organization/{practice.organization_id}"}
    else:
        provider = {"display": practice.name}
    created = opened.claim["created"] if opened.claim else instant_text(store.now)
    return ClaimFrame(
        encounter=f"Encounter/{opened.encounter['id']}",
        patient=f"Patient/{opened.around.patient['id']}",
        provider=provider,
        day=opened.day,
        created=created,
        currency=practice.currency,
        coverages=tuple(f"Coverage/{each['id']}" for each in opened.around.coverages),
        to_fix=opened.stops,
    )


def _laid_over(claim: Json, fresh: Json) -> Json:
    """The new sheet over the kept claim: what others wrote into the claim stays."""
    ours = {extension["url"] for extension in fresh["extension"]}
    others = [e for e in claim.get("extension", []) if e.get("url") not in ours]
    kept = {key: value for key, value in claim.items() if key not in ("diagnosis", "item")}
    return {**kept, **fresh, "extension": [*fresh["extension"], *others]}


def in_force_on(policies: list[Json], on: date) -> list[Json]:
    """The coverages that pay on a day, the first payer first."""
    by_id = {each["id"]: each for each in policies}
    return [by_id[term.id] for term in chosen([term_of(each) for each in policies], on)]
