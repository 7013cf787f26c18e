"""Runs the migrations with the owner's role, one transaction each, giving up quickly on locks."""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import context

from gateway.database import sqlalchemy_url
from gateway.models import Base


def run() -> None:
    address = context.config.attributes.get("url") or os.environ["BARAZA_MIGRATION_DATABASE_URL"]
    engine = sa.create_engine(sqlalchemy_url(address), hide_parameters=True)
    with engine.connect() as connection:
        connection.execute(sa.text("SET lock_timeout = '5s'"))
        connection.commit()
        context.configure(connection, target_metadata=Base.metadata, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
