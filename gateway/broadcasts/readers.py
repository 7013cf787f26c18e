"""Who gets notices by SMS, and for which ward."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.broadcasts.models import NoticeReader
from gateway.messaging.models import Broadcast
from gateway.messaging.ward_consents import WardConsent

FOR_READERS = sa.and_(
    Broadcast.kind == "notice", sa.or_(Broadcast.topic == "", Broadcast.places != sa.text("'[]'::jsonb"))
)
"""Broadcasts that rest on this consent: all notices but those to the followers of a promise wherever they are."""

notices = WardConsent(NoticeReader, "notice", FOR_READERS)
