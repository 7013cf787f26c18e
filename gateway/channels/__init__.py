"""The aggregators we speak to, one module each. A deployment speaks to one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from gateway.channels import africastalking, nusantara
from gateway.channels.base import Channel
from gateway.settings import Settings

USUAL = africastalking.NAME

CHANNELS: dict[str, Callable[[Settings], Channel]] = {
    africastalking.NAME: africastalking.AfricasTalking,
    nusantara.NAME: nusantara.Nusantara,
}

DECODERS: dict[str, Mapping[str, Callable[[bytes], Any]]] = {
    africastalking.NAME: africastalking.DECODERS,
    nusantara.NAME: nusantara.DECODERS,
}
"""What reads each callback of a channel, by the last part of its path."""

METHODS = {africastalking.NAME: ["POST"], nusantara.NAME: ["GET", "POST"]}
"""How a channel brings its callbacks: as a form, or in the query of an address."""


def sends(session: Session) -> str:
    """The name of the channel that sends what is owed in this unit of work."""
    name: str = session.info.get("channel") or USUAL
    return name


def channel_for(settings: Settings) -> Channel:
    """The channel that sends what is owed."""
    return CHANNELS[settings.channel](settings)
