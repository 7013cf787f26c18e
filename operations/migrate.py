"""Bring a database to the newest schema and load the pack."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from gateway import pack_load
from gateway.settings import Settings
from operations.errors import Misconfigured

MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"


def upgrade(settings: Settings) -> None:
    """Run the migrations as the owner of the database, then load the pack; running it again changes nothing.

    Misconfigured when BARAZA_MIGRATION_DATABASE_URL is not set.
    """
    if settings.migration_database_url is None:
        raise Misconfigured("BARAZA_MIGRATION_DATABASE_URL: is not set")
    config = configuration()
    config.attributes["url"] = settings.migration_database_url
    command.upgrade(config, "head")
    pack_load.load_pack(settings)


def newest_revision() -> str | None:
    """The revision that `upgrade` leads to."""
    return ScriptDirectory.from_config(configuration()).get_current_head()


def configuration() -> Config:
    """Alembic's configuration without an address."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
