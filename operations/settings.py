"""Settings for a command: the environment, filled up from the data folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from gateway.database import make_engine, unit_of_work
from gateway.settings import Settings, load_settings
from operations.data_folder import DataFolder

DEFAULT_DATA = Path(".baraza")

Data = Annotated[Path, typer.Option("--data", metavar="DIR", help="The data folder; its baraza.env fills up settings.")]


def settings_for(data: Path) -> Settings:
    """The settings of this process; SettingsError names the first that is missing or wrong."""
    DataFolder(data).enter_environment()
    return load_settings()


@contextmanager
def work(settings: Settings) -> Iterator[Session]:
    """One unit of work of a command, on a connection of its own."""
    engine = make_engine(settings.database_url, pool_size=1, application="baraza-command")
    try:
        with unit_of_work(engine, channel=settings.channel) as session:
            yield session
    finally:
        engine.dispose()
