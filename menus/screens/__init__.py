"""All screens, by errand. Importing this package registers them."""

from menus.engine import SCREENS
from menus.screens import (
    case,
    cases,
    complaint,
    ends,
    entry,
    information,
    lock,
    my_data,
    noted,
    notices,
    places,
    promises,
    sending,
    settings,
)

__all__ = [
    "SCREENS",
    "case",
    "cases",
    "complaint",
    "ends",
    "entry",
    "information",
    "lock",
    "my_data",
    "noted",
    "notices",
    "places",
    "promises",
    "sending",
    "settings",
]
