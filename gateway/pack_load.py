"""From the pack into the database: what other rows point at. Safe to repeat."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from gateway.cases import projection
from gateway.commitments import plan
from gateway.database import make_engine, unit_of_work
from gateway.pack import Pack, load
from gateway.settings import Settings
from gateway.timing import Clock


def load_pack(settings: Settings) -> int:
    """`put_pack` in a transaction of its own: how many commitments there are.

    Where holidays or time limits are others than before, the deadlines of open cases are then counted anew.
    """
    pack = load(settings.pack)
    engine = make_engine(settings.database_url, pool_size=1, application="baraza-pack")
    try:
        with unit_of_work(engine) as session:
            count = put_pack(session, pack, Clock(settings.offset).now())
        projection.rebuild(lambda: unit_of_work(engine), pack, Clock(settings.offset).now())
        return count
    finally:
        engine.dispose()


def put_pack(session: Session, pack: Pack, now: datetime | None = None) -> int:
    """Put down the commitments of the pack; how many. What was imported, reported or judged of them stays."""
    return plan.put_pack(session, pack, now or Clock().now())
