"""Alembic's entry: runs on the connection, and in the transaction, that `migrations.upgrade` hands over."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
