"""The aggregators we speak to, one module each."""

from __future__ import annotations

from gateway.channels.africastalking import NAME, AfricasTalking
from gateway.channels.base import Channel
from gateway.settings import Settings

SENDS = NAME
"""The name of the channel that sends what is owed."""


def channel_for(settings: Settings) -> Channel:
    """The channel that sends what is owed."""
    return AfricasTalking(settings)
