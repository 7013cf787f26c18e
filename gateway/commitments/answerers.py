"""Who agreed to be asked now and then, and for which ward: a consent of its own."""

from __future__ import annotations

from gateway.commitments.asking_models import Answerer
from gateway.messaging.models import Broadcast
from gateway.messaging.ward_consents import WardConsent

QUESTION, OUTCOME = "check", "outcome"
"""Kinds and topics of broadcasts: a question, and what came of it."""

asked = WardConsent(Answerer, "ask", Broadcast.kind.in_((QUESTION, OUTCOME)))
