"""Instants as text within a statement, which the databases spell differently."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement


class MinuteText(FunctionElement[str]):
    """An instant of whole milliseconds as `20270309T1524`, in UTC."""

    type = sa.String()
    inherit_cache = True
    name = "minute_text"


@compiles(MinuteText, "sqlite")
def _on_sqlite(element: MinuteText, compiler: Any, **kw: Any) -> str:
    instant = compiler.process(element.clauses, **kw)
    return f"strftime('%Y%m%dT%H%M', ({instant}) / 1000, 'unixepoch')"


@compiles(MinuteText)
def _elsewhere(element: MinuteText, compiler: Any, **kw: Any) -> str:
    instant = compiler.process(element.clauses, **kw)
    return f"to_char(to_timestamp(({instant}) / 1000) AT TIME ZONE 'UTC', 'YYYYMMDD\"T\"HH24MI')"
