"""From the pack into the database: what other rows point at. Safe to repeat."""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.cases import projection
from gateway.commitments.models import Commitment
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
            count = put_pack(session, pack)
        projection.rebuild(lambda: unit_of_work(engine), pack, Clock(settings.offset).now())
        return count
    finally:
        engine.dispose()


def put_pack(session: Session, pack: Pack) -> int:
    """Insert or refresh the commitments of the pack; how many. What was reported or judged of them stays."""
    rows = _rows(pack)
    if rows:
        statement = insert(Commitment).values(rows)
        given = {name: statement.excluded[name] for name in rows[0] if name != "ogp_id"}
        session.execute(statement.on_conflict_do_update(index_elements=["ogp_id"], set_=given))
    return len(rows)


def _rows(pack: Pack) -> list[dict[str, object]]:
    return [
        {
            "ogp_id": promise.ogp_id,
            "position": position,
            "area": promise.area,
            "title": dict(promise.title),
            "lead": promise.lead,
            "partners": list(promise.partners),
            "problem": dict(promise.problem),
            "starts_on": promise.starts_on,
            "ends_on": promise.ends_on,
            "inferred": promise.inferred,
        }
        for position, promise in enumerate(pack.commitments)
    ]
