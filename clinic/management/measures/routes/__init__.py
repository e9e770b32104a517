"""The screens of the measures, under /management/measures."""

from __future__ import annotations

from clinic.management.measures.routes import measure, overview, visits

__all__ = ["measure", "overview", "visits"]
