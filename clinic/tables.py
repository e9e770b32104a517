"""Every table module, so that `metadata` is whole for migrations and tests."""

from __future__ import annotations

import importlib
from pathlib import Path

from clinic.db.meta import metadata

__all__ = ["load_tables", "metadata"]


def load_tables() -> None:
    """Import every slice's tables (any module named tables.py or *_tables.py)."""
    root = Path(__file__).parent
    for path in sorted(root.rglob("*tables.py")):
        if path == Path(__file__):
            continue
        importlib.import_module(".".join(("clinic", *path.relative_to(root).with_suffix("").parts)))
