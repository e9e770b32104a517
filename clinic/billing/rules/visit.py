"""Checks of what stands around the sheet: provider, coverage, place; and all checks together."""

from __future__ import annotations

from collections.abc import Iterator

from clinic.billing.rules.diagnoses import check_diagnoses
from clinic.billing.rules.facts import CoverageFact, Facts
from clinic.billing.rules.findings import N_, Finding, Level
from clinic.billing.rules.lines import check_lines
from clinic.billing.rules.sheet import Sheet


def check(sheet: Sheet, facts: Facts) -> list[Finding]:
    """Every finding, the worst first and then in the order of the page."""
    found = [*check_lines(sheet, facts), *check_diagnoses(sheet, facts), *check_visit(sheet, facts)]
    return sorted(found, key=lambda each: each.level)


def stops(findings: list[Finding]) -> int:
    """How many must be mended before the sheet is ready."""
    return sum(1 for each in findings if each.level is Level.STOP)


def check_visit(sheet: Sheet, facts: Facts) -> Iterator[Finding]:
    """Provider number, coverage in force and its number, place of service."""
    yield from _provider(facts)
    yield from _coverage(facts)
    if not facts.place_known:
        title = N_("Place of service %(place)s is not known")
        reason = N_("Choose one of the list, as a rule 11, office.")
        yield Finding("POS_INVALID", Level.STOP, "place", title, reason, {"place": sheet.place})


def _provider(facts: Facts) -> Iterator[Finding]:
    provider = facts.provider
    if not provider.fault:
        return
    level = Level.LOOK if facts.self_pay else Level.STOP
    values = {"provider": provider.name, "fault": provider.fault}
    title = N_("%(provider)s: provider number")
    yield Finding("NPI_CHECK", level, "provider", title, provider.fault, values)


def _coverage(facts: Facts) -> Iterator[Finding]:
    if facts.self_pay:
        title = N_("The patient pays this visit")
        reason = N_("No coverage was in force on the day; the charges are the patient's own.")
        yield Finding("COVERAGE_NONE", Level.TOLD, "coverage", title, reason)
    for coverage in facts.coverages:
        yield from _one_coverage(coverage, facts)


def _one_coverage(coverage: CoverageFact, facts: Facts) -> Iterator[Finding]:
    values = {"name": coverage.name}
    starts, ends = coverage.starts, coverage.ends
    if (starts is not None and facts.day < starts) or (ends is not None and facts.day > ends):
        title = N_("%(name)s was not in force on the visit date")
        reason = N_("Choose the coverage that was, or record new dates.")
        yield Finding("COVERAGE_NOT_ACTIVE", Level.STOP, "coverage", title, reason, values)
    elif not coverage.member_id:
        title = N_("%(name)s has no member number")
        reason = N_("A payer finds the person by it. It is on the card.")
        yield Finding("MEMBER_ID_REQUIRED", Level.STOP, "coverage", title, reason, values)
    elif coverage.member_fault:
        title = N_("%(name)s: the member number cannot be right")
        yield Finding("MBI_FORMAT", Level.STOP, "coverage", title, coverage.member_fault, values)
    else:
        title = N_("Coverage in force on the visit date")
        yield Finding("COVERAGE_NOT_ACTIVE", Level.FINE, "coverage", title, N_("%(name)s"), values)
