"""Fixtures of the office under test."""

from tests.desk import address, office

__all__ = ["address", "office"]
