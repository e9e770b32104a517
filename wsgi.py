"""The WSGI application, for servers that want one."""

from __future__ import annotations

from clinic import create_app

app = create_app()
