"""The usual way with RQ: a job for each message. This one does nothing at all, which is the best it can do."""


def send(message: int) -> None:
    """Pretend to send a message."""
