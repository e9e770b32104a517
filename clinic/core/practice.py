"""What is true for the whole practice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Practice:
    """The practice's own settings; kept in one row and changed on the set-up page."""

    name: str = "Clinic"
    organization_id: str = ""
    site_id: str = ""
    site_name: str = ""
    zone: str = "America/New_York"
    currency: str = "USD"
    region: str = "us"
    language: str = "en"
    date_order: str = "mdy"
    record_prefix: str = "HS-"
    paper: str = "letter"
    demo: bool = False
    ages: Mapping[str, int] = field(default_factory=dict)
    """Days until a value of a patient's record wants to be confirmed, where they differ from the usual ones."""
    stations: Mapping[str, int] = field(default_factory=dict)
    """Minutes after which a station of the flow board shows a long wait, where they differ from the usual ones."""
    arriving: Mapping[str, int] = field(default_factory=dict)
    """The rules of self check-in by telephone, where they differ from the usual ones."""
    ready: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """How hard each thing is asked at check-in, by visit type ("" for all), where it differs from the usual."""
    ready_days: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Days until it is asked again, in the same way."""
