"""What a broken call means: did anything leave?"""

from __future__ import annotations

import ssl

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from gateway.channels.base import Layer


def place(error: requests.RequestException) -> tuple[Layer, str]:
    """Whether anything had left when the call broke. In doubt it had."""
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    if isinstance(error, requests.ConnectTimeout):
        return Layer.CONNECT, "timeout"
    if isinstance(error, requests.exceptions.ProxyError) or isinstance(reason, NewConnectionError):
        return Layer.CONNECT, "refused"
    if isinstance(error, requests.exceptions.SSLError) and _unverified(reason):
        return Layer.CONNECT, "certificate"
    if isinstance(error, ValueError):  # an address or a header that requests would not even send
        return Layer.CONNECT, "address"
    return Layer.TRANSPORT, "timeout" if isinstance(error, requests.Timeout) else "reset"


def _unverified(reason: object) -> bool:
    return isinstance(reason, Exception) and any(isinstance(a, ssl.SSLCertVerificationError) for a in reason.args)
