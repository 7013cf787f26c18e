"""Errors that end a command with one line instead of a traceback."""


class OperationsError(Exception):
    """Something the person at the terminal can put right; the text is one line that says what."""

    exit_code = 1


class Misconfigured(OperationsError):
    """A setting is missing or wrong; the text names it."""

    exit_code = 2
