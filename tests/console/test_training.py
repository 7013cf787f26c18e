"""A desk to practise on: something of everything, and nothing that could reach a phone."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.cases.models import Case
from gateway.context import Context
from gateway.messaging.models import Message
from gateway.staff import practice
from operations import training


def test_a_training_desk_has_work_of_every_kind_and_texts_nobody(context: Context) -> None:
    for filled in (training.CASES, 0):
        with context.work() as session:
            now = context.clock.now()
            practice.seed(session, context.vault, context.pack, now)
            assert training.fill(session, context.vault, context.pack, now) == filled
    with context.work() as session:
        statuses = set(session.scalars(sa.select(Case.status)))
        assert statuses >= {"received", "assigned", "in_progress", "resolved", "reopened", "confirmed"}
        assert set(session.scalars(sa.select(Case.privacy))) == {"no_sms"}
        assert session.scalar(sa.select(sa.func.count()).select_from(Message)) == 0
