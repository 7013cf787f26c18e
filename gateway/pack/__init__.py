"""Packs: a jurisdiction as data. `load` gives one to the process, `check_pack` tells an author what is wrong."""

from gateway.pack.checking import check_pack
from gateway.pack.loading import Pack, PackError, load

__all__ = ["Pack", "PackError", "check_pack", "load"]
