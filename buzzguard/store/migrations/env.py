"""Runs the migrations on the connection that `buzzguard.store.sqlite.migrate` hands over."""

from alembic import context

from buzzguard.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
