"""Ports of the loopback address."""

import secrets
import socket

LOOPBACK = "127.0.0.1"
PORTS = range(20_000, 32_000)
"""Below the range Linux gives to outgoing connections: one of those could take a port while its part restarts."""


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this port of the loopback address now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def free_port(preferred: int | None = None) -> int:
    """The preferred port when it is free, else one by chance out of PORTS."""
    if preferred is not None and port_is_free(preferred):
        return preferred
    while True:
        port = secrets.choice(PORTS)
        if port_is_free(port):
            return port
