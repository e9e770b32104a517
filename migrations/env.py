"""Alembic's entry: the migrations of this practice's database."""

from __future__ import annotations

from alembic import context

from clinic.tables import load_tables, metadata

load_tables()
connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    compare_type=True,
    render_as_batch=connection.dialect.name == "sqlite",
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
