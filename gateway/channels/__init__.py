"""The aggregators we speak to, one module each."""

from __future__ import annotations

from gateway.channels.africastalking import AfricasTalking
from gateway.channels.base import Channel
from gateway.settings import Settings


def channel_for(settings: Settings) -> Channel:
    """The channel that sends what is owed."""
    return AfricasTalking(settings)
