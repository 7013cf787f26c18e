"""All screens, by errand. Importing this package registers them."""

from menus.engine import SCREENS
from menus.screens import (
    callme,
    case,
    cases,
    complaint,
    ends,
    entry,
    following,
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
    "callme",
    "case",
    "cases",
    "complaint",
    "ends",
    "entry",
    "following",
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
