"""Settings for a command: the environment, filled up from the data folder."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.settings import Settings, load_settings
from operations.data_folder import DataFolder

DEFAULT_DATA = Path(".baraza")

Data = Annotated[Path, typer.Option("--data", metavar="DIR", help="The data folder; its baraza.env fills up settings.")]


def settings_for(data: Path) -> Settings:
    """The settings of this process; SettingsError names the first that is missing or wrong."""
    DataFolder(data).enter_environment()
    return load_settings()
