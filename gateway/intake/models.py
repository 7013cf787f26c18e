"""What arrives: drafts of USSD sessions, inbound SMS, delivery reports, session ends."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from gateway.database import Base, Class, Word, column, one_of
from gateway.ids import new_id
from gateway.residents.models import NOW, Instant


class Draft(Base):
    """Words typed and not yet sent, with the state to go on from. One a session."""

    __tablename__ = "drafts"
    __table_args__ = (
        sa.Index(None, "resident_id", "updated_at"),
        sa.Index(None, "expires_at"),
        sa.Index(
            "ix_drafts_alone",
            "updated_at",
            postgresql_where=sa.text("status = 'open' AND sms_wanted AND mentioned_at IS NULL"),
        ),
    )

    id = column(UUID, primary_key=True, default=new_id, seen=Class.INTERNAL)
    session_key = column(sa.LargeBinary, unique=True, nullable=False, seen=Class.SECRET)
    resident_id = column(sa.ForeignKey("residents.id"), seen=Class.INTERNAL)
    """Only when the resident chose that the number may be kept; else the session is the only way back."""
    status = column(
        Word("draft_status", 8, "open", "filed", "deleted"), nullable=False, server_default="open", seen=Class.INTERNAL
    )
    """`open`, `filed` or `deleted`."""
    consumed = column(sa.Integer, nullable=False, seen=Class.INTERNAL)
    """Characters of the session's text that led to the checkpoint."""
    checkpoint_sealed = column(sa.LargeBinary, nullable=False, seen=Class.PERSONAL)
    language = column(sa.String(8), nullable=False, seen=Class.INTERNAL)
    created_at = column(Instant, nullable=False, seen=Class.INTERNAL)
    updated_at = column(Instant, nullable=False, seen=Class.INTERNAL)
    expires_at = column(Instant, nullable=False, seen=Class.INTERNAL)
    sms_wanted = column(sa.Boolean, nullable=False, server_default=sa.false(), seen=Class.INTERNAL)
    """One SMS may mention it when it is left alone."""
    mentioned_at = column(Instant, seen=Class.INTERNAL)
    by_sms = column(sa.Boolean, nullable=False, server_default=sa.false(), seen=Class.INTERNAL)
    """Texts from the resident join it."""
    case_id = column(sa.ForeignKey("cases.id"), seen=Class.INTERNAL)
    """What it was filed as: two sessions that resumed one draft file one case."""


class HopEffect(Base):
    """An effect of a hop that changes something in place, done once however often the hop comes."""

    __tablename__ = "hop_effects"

    effect_key = column(sa.LargeBinary, primary_key=True, seen=Class.SECRET)
    at = column(Instant, nullable=False, seen=Class.INTERNAL)


class InboundMessage(Base):
    """One SMS from a resident, sealed; stored before the callback is answered."""

    __tablename__ = "inbound_messages"
    __table_args__ = (sa.UniqueConstraint("channel", "provider_id"), sa.Index(None, "resident_id", "received_at"))

    id = column(UUID, primary_key=True, default=new_id, seen=Class.INTERNAL)
    channel = column(sa.String(24), nullable=False, seen=Class.INTERNAL)
    provider_id = column(sa.String(128), nullable=False, seen=Class.INTERNAL)
    resident_id = column(sa.ForeignKey("residents.id"), seen=Class.INTERNAL)
    to_code = column(sa.String(24), nullable=False, seen=Class.INTERNAL)
    text_sealed = column(sa.LargeBinary, nullable=False, seen=Class.PERSONAL)
    received_at = column(Instant, nullable=False, seen=Class.INTERNAL)
    disposition = column(sa.String(24), nullable=False, seen=Class.INTERNAL)
    """`command`, `menu`, `early`, `unclear`, `case`, `check`, `draft`, `triage`, `ignored`; or `erased`."""
    content_digest = column(sa.LargeBinary, seen=Class.SECRET)
    """Keyed hash of sender and words: equal ones within seconds are one text."""
    case_id = column(sa.ForeignKey("cases.id"), seen=Class.INTERNAL)


class Conversation(Base):
    """The menus played by SMS with one resident: where they stand, between one text and the next."""

    __tablename__ = "conversations"
    __table_args__ = (
        one_of("status", "open", "leaving"),
        sa.Index("uq_conversations_open", "resident_id", unique=True, postgresql_where=sa.text("status = 'open'")),
        sa.Index(None, "expires_at"),
    )

    id = column(UUID, primary_key=True, default=new_id, seen=Class.INTERNAL)
    resident_id = column(sa.ForeignKey("residents.id"), nullable=False, seen=Class.INTERNAL)
    status = column(sa.String(8), nullable=False, server_default="open", seen=Class.INTERNAL)
    """`open`; or `leaving`, when the number is not to be kept and its last text has yet to leave."""
    not_kept = column(sa.Boolean, nullable=False, server_default=sa.false(), seen=Class.INTERNAL)
    """The resident chose that the number is not kept: in the end nothing here may lead back to it."""
    version = column(sa.String(16), nullable=False, seen=Class.INTERNAL)
    """Menus and pack that gave the digits their meaning."""
    steps = column(sa.Integer, nullable=False, server_default="0", seen=Class.INTERNAL)
    state_sealed = column(sa.LargeBinary, nullable=False, seen=Class.PERSONAL)
    heard = column(ARRAY(UUID), nullable=False, server_default="{}", seen=Class.INTERNAL)
    """The inbound texts that belong to it."""
    said = column(ARRAY(UUID), nullable=False, server_default="{}", seen=Class.INTERNAL)
    """The messages that carried its screens, the newest last."""
    began_at = column(Instant, nullable=False, seen=Class.INTERNAL)
    expires_at = column(Instant, nullable=False, seen=Class.INTERNAL)


class DeliveryReport(Base):
    """A provider's word on one message, kept as it came; the number in it is not, only whose it is."""

    __tablename__ = "delivery_reports"
    __table_args__ = (
        sa.UniqueConstraint("channel", "provider_message_id", "status"),
        sa.Index("ix_delivery_reports_unmatched", "received_at", postgresql_where=sa.text("message_id IS NULL")),
    )

    id = column(sa.BigInteger, sa.Identity(), primary_key=True, seen=Class.INTERNAL)
    channel = column(sa.String(24), nullable=False, seen=Class.INTERNAL)
    provider_message_id = column(sa.String(128), nullable=False, seen=Class.INTERNAL)
    status = column(sa.String(48), nullable=False, seen=Class.INTERNAL)
    fate = column(sa.String(12), nullable=False, server_default="untold", seen=Class.INTERNAL)
    """What the status means, as `gateway.channels.base.Fate`."""
    reason = column(sa.String(64), nullable=False, server_default="", seen=Class.INTERNAL)
    network = column(sa.String(16), nullable=False, server_default="", seen=Class.INTERNAL)
    received_at = column(Instant, nullable=False, server_default=NOW, seen=Class.INTERNAL)
    message_id = column(sa.ForeignKey("messages.id"), seen=Class.INTERNAL)
    resident_id = column(sa.ForeignKey("residents.id"), seen=Class.INTERNAL)
    """Whose number the report was about: finds the message when the call that sent it broke before its id came."""


class SessionEnd(Base):
    """How a USSD session ended, for cost and the funnel; what was typed and shown is dropped unread."""

    __tablename__ = "session_ends"

    session_key = column(sa.LargeBinary, primary_key=True, seen=Class.SECRET)
    channel = column(sa.String(24), nullable=False, seen=Class.INTERNAL)
    status = column(sa.String(24), nullable=False, seen=Class.INTERNAL)
    cost = column(sa.String(24), nullable=False, server_default="", seen=Class.INTERNAL)
    duration_ms = column(sa.Integer, seen=Class.INTERNAL)
    hops = column(sa.Integer, seen=Class.INTERNAL)
    last_screen = column(sa.String(64), nullable=False, server_default="", seen=Class.INTERNAL)
    network = column(sa.String(16), nullable=False, server_default="", seen=Class.INTERNAL)
    received_at = column(Instant, nullable=False, server_default=NOW, seen=Class.INTERNAL)


class SessionPath(Base):
    """Which screens a session was shown and where it stands, for the funnel; no answer and no number."""

    __tablename__ = "session_paths"
    __table_args__ = (one_of("bearer", "ussd", "sms"), sa.Index(None, "began_at"), sa.Index(None, "last_at"))

    session_key = column(sa.LargeBinary, primary_key=True, seen=Class.SECRET)
    channel = column(sa.String(24), nullable=False, seen=Class.INTERNAL)
    bearer = column(sa.String(4), nullable=False, server_default="ussd", seen=Class.INTERNAL)
    """`ussd`, or `sms`: a conversation by texts."""
    began_at = column(Instant, nullable=False, seen=Class.INTERNAL)
    last_at = column(Instant, nullable=False, seen=Class.INTERNAL)
    """When a hop was last answered."""
    last_screen = column(sa.String(64), nullable=False, seen=Class.INTERNAL)
    """The screen that the hop with the longest text was answered with; by SMS the one said last."""
    consumed = column(sa.Integer, nullable=False, seen=Class.INTERNAL)
    """Characters of that text; by SMS the texts answered so far."""
    ended = column(sa.Boolean, nullable=False, seen=Class.INTERNAL)
    """Whether that screen was an end."""
    screens = column(ARRAY(sa.String(64)), nullable=False, seen=Class.INTERNAL)
    """Every screen shown, each once, in no order."""
