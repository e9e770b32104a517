"""What people do with insurance: record, change, end, and ask which one counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from clinic.core.days import local
from clinic.core.errors import N_, Conflict
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.subject import reference_id
from clinic.insurance.mapping import payer_name, to_coverage, to_policy
from clinic.insurance.rules import Policy, Term, check, chosen, overlaps
from clinic.registration.mapping.family import facts_of
from clinic.registration.queries.merges import require_in_use
from clinic.registration.rules.family import general

TWO_AT_ONCE = N_("%(payer)s already has this place from %(starts)s to %(ends)s. End it first, or choose another place.")


def today_of(store: Store) -> date:
    """The practice's day."""
    return local(store.now, store.practice.zone).date()


def add_coverage(store: Store, patient_id: str, policy: Policy) -> Json:
    """Record a policy. Raises Invalid, Conflict when another one has this rank at the time, Missing."""
    require_in_use(store, patient_id)
    check(policy, today_of(store))
    return record_coverage(store, to_coverage(policy, patient_id, currency=store.practice.currency))


def change_coverage(store: Store, coverage_id: str, policy: Policy, version: int | None = None) -> Json:
    """Change a policy. Raises Stale when somebody else changed it, and what `add_coverage` raises."""
    before = store.read("Coverage", coverage_id)
    check(policy, today_of(store))
    patient_id = reference_id(before.get("beneficiary"), "Patient")
    after = to_coverage(policy, patient_id, currency=store.practice.currency, before=before)
    return rewrite_coverage(store, after, version)


def policy_for(store: Store, coverage_id: str, patient_id: str, relation: str) -> Policy:
    """A relative's policy as it would cover this patient; whoever holds it is a person on record.

    `relation` is what the relative is to the patient. The dates stay open: it begins when it is said to.
    """
    coverage = store.read("Coverage", coverage_id)
    policy = to_policy(coverage)
    owner = reference_id(coverage.get("beneficiary"), "Patient")
    holder, name, born = policy.subscriber_id, policy.subscriber_name, policy.subscriber_birth_date
    if policy.relationship == "self":
        facts = facts_of(store.read("Patient", owner))
        holder, name, born = f"Patient/{owner}", facts.name, facts.birth_date
    if holder == f"Patient/{patient_id}":
        return replace(policy, relationship="self", subscriber_id="", subscriber_name="", subscriber_birth_date="")
    relationship = _related(policy.relationship, general(relation))
    return replace(
        policy, relationship=relationship, subscriber_id=holder, subscriber_name=name, subscriber_birth_date=born,
    )  # fmt: skip


_RELATED = {"PRN": "child", "SPS": "spouse", "DOMPART": "common", "CHILD": "parent"}
"""How a patient stands to the holder of a policy, by what the holder is to the patient."""


def _related(theirs: str, relation: str) -> str:
    """How a patient stands to the holder, by how the relative does and by what the relative is to the patient."""
    if theirs == "self":
        return _RELATED.get(relation, "other")
    child = (relation == "PRN" and theirs in ("spouse", "common")) or (relation == "SIB" and theirs == "child")
    return "child" if child else "other"


def record_coverage(store: Store, coverage: Json) -> Json:
    """Keep a new Coverage of any source under the rule of one payer for each rank and day."""
    made = store.create(coverage, id=coverage.get("id"))
    _one_at_a_time(store, made)
    store.fire("coverage_changed", made)
    return made


def rewrite_coverage(store: Store, coverage: Json, version: int | None) -> Json:
    """Keep a changed Coverage of any source under the same rule."""
    saved = store.update(coverage, version=version)
    _one_at_a_time(store, saved)
    store.fire("coverage_changed", saved)
    return saved


def coverage_in_force(store: Store, patient_id: str, on: date) -> list[Json]:
    """The policies that count on a day, primary first."""
    found = coverages_of(store, patient_id)
    by_id = {one["id"]: one for one in found}
    return [by_id[term.id] for term in chosen((term_of(one) for one in found), on)]


def coverages_of(store: Store, patient_id: str) -> list[Json]:
    """Every policy a patient has or had, in rank order, the newest first within a rank."""
    found = store.search("Coverage", [("beneficiary", f"Patient/{patient_id}")], limit=200)
    newest_first = sorted(found, key=lambda one: str(one.get("period", {}).get("start", "")), reverse=True)
    return sorted(newest_first, key=lambda one: int(one.get("order", 1)))


def term_of(coverage: Json) -> Term:
    """When a stored policy counts."""
    policy = to_policy(coverage)
    return Term(
        str(coverage.get("id", "")), policy.rank, policy.starts, policy.ends, policy.cancelled, policy.payer_name
    )


def _one_at_a_time(store: Store, coverage: Json) -> None:
    """One payer for each rank and day. The patient's own row lock keeps two writers from both passing."""
    patient_id = reference_id(coverage.get("beneficiary"), "Patient")
    if not patient_id or "order" not in coverage:
        return
    store.lock("Patient", patient_id)
    wanted = term_of(coverage)
    for other in coverages_of(store, patient_id):
        term = term_of(other)
        if "order" in other and overlaps(wanted, term):
            raise Conflict(
                TWO_AT_ONCE,
                field="rank",
                payer=payer_name(other) or "Self-pay",
                starts=term.starts or "always",
                ends=term.ends or "now on",
            )
