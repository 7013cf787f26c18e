"""All screens, by errand. Importing this package registers them."""

from menus.screens import complaint, ends, entry, information, places, sending

__all__ = ["complaint", "ends", "entry", "information", "places", "sending"]
