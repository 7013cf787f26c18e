"""A message is a row before it is anything else."""

from __future__ import annotations

from uuid import UUID

import pytest
import sqlalchemy as sa

from gateway.messaging import service
from gateway.messaging.models import Broadcast, Message
from gateway.residents.models import Resident
from tests.messaging.conftest import Desk


def test_what_is_owed_is_sealed_and_opens_in_its_own_row_only(desk: Desk) -> None:
    one = desk.owe(desk.resident(), "receipt", receipt="4821-093-5570")
    row = desk.message(one)
    assert (row.state, row.lane, row.urgent, row.channel) == ("owed", "replies", True, "africastalking")
    assert b"4821" not in row.params_sealed
    assert service.open_params(desk.context.vault, one, row.params_sealed) == {"receipt": "4821-093-5570"}


def test_one_effect_owes_once(desk: Desk) -> None:
    resident = desk.resident()
    desk.owe(resident, effect_key=b"k" * 32)
    with desk.context.work() as session:
        again = service.owe(
            session,
            desk.context.vault,
            resident_id=resident,
            template="reply",
            values={"ref": "4821"},
            language="en",
            now=desk.clock.now(),
            effect_key=b"k" * 32,
        )
    assert again is None
    assert len(desk.all()) == 1


def owe_and_fail(desk: Desk, resident: UUID) -> None:
    with desk.context.work() as session:
        service.owe(
            session,
            desk.context.vault,
            resident_id=resident,
            template="help",
            values={},
            language="en",
            now=desk.clock.now(),
        )
        session.execute(sa.text("SELECT 1 / 0"))


def test_a_change_that_fails_owes_nothing(desk: Desk) -> None:
    resident = desk.resident()
    with pytest.raises(sa.exc.DataError):
        owe_and_fail(desk, resident)
    assert desk.all() == []


def test_who_stopped_all_is_owed_nothing_but_what_confirms_a_command(desk: Desk) -> None:
    resident = desk.resident(stopped_all_at=desk.clock.now())
    answer, confirmed = desk.owe(resident), desk.owe(resident, "stopall")
    assert desk.state(answer) == ("suppressed", "stopped_all")
    assert desk.message(answer).final_at is not None
    assert desk.state(confirmed) == ("owed", "")


def test_who_stopped_promises_still_hears_of_their_own_case(desk: Desk) -> None:
    resident = desk.resident(stopped_broadcasts_at=desk.clock.now())
    assert desk.state(desk.owe(resident)) == ("owed", "")


def test_two_machines_do_not_answer_each_other_for_ever(desk: Desk) -> None:
    robot = desk.resident()
    states = [desk.state(desk.owe(robot, "stranger")) for _ in range(service.STORM + 2)]
    assert states == [("owed", "")] * service.STORM + [("suppressed", "storm")] * 2
    assert desk.state(desk.owe(robot, "receipt", receipt="4821-093-5570")) == ("owed", "")
    desk.clock.pass_(hours=1, seconds=1)
    assert desk.state(desk.owe(robot, "stranger")) == ("owed", "")


def test_a_broadcast_reaches_each_in_their_language_and_nobody_who_opted_out(desk: Desk) -> None:
    english, swahili, other = desk.resident("en"), desk.resident("sw"), desk.resident("luy")
    desk.resident(stopped_broadcasts_at=desk.clock.now())
    desk.resident(stopped_all_at=desk.clock.now())
    outside = desk.resident()
    broadcast = desk.broadcast(
        {"sw": "Kikao", "en": "Hearing"}, audience=sa.select(Resident.id).where(Resident.id != outside)
    )
    rows = desk.all()
    assert {row.resident_id: row.language for row in rows} == {english: "en", swahili: "sw", other: "sw"}
    assert {(row.lane, row.template, row.state, row.params_sealed, row.broadcast_id) for row in rows} == {
        ("broadcasts", "update", "owed", None, broadcast)
    }
    with desk.context.work() as session:
        stored = session.get_one(Broadcast, broadcast)
        assert (stored.recipients, stored.bodies["en"], stored.status) == (3, "Hearing", "running")


def test_ids_made_by_the_database_sort_with_ours(desk: Desk) -> None:
    before = desk.owe(desk.resident())
    desk.broadcast()
    after = desk.owe(desk.resident())
    ids = [row.id for row in desk.all()]
    assert (ids[0], ids[-1]) == (before, after)
    assert {row.version for row in ids} == {7}


def test_followers_get_at_most_the_packs_number_of_texts_a_month(desk: Desk) -> None:
    desk.resident()
    for _ in range(3):
        desk.broadcast(monthly_cap=2)
    desk.broadcast(monthly_cap=2, topic="KEKAK0003")
    assert [(row.state, row.reason) for row in desk.all()] == [
        ("owed", ""),
        ("owed", ""),
        ("suppressed", "monthly_cap"),
        ("owed", ""),
    ]
    desk.clock.pass_(days=31)
    desk.broadcast(monthly_cap=2)
    assert desk.state(desk.all()[-1].id) == ("owed", "")


def test_a_broadcast_is_one_statement_however_many_it_reaches(desk: Desk) -> None:
    for _ in range(3):
        desk.resident()
    said: list[str] = []
    listen = sa.event.listens_for(desk.context.engine, "before_cursor_execute")

    @listen
    def _count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    desk.broadcast()
    assert sum("INSERT INTO messages" in statement for statement in said) == 1
    assert len(desk.all()) == 3


def test_no_table_of_ours_holds_a_number_in_the_clear(desk: Desk) -> None:
    desk.owe(desk.resident(number="+254711000111"), "receipt", receipt="4821-093-5570")
    with desk.context.work() as session:
        kept = session.execute(
            sa.select(sa.cast(sa.func.to_jsonb(sa.literal_column("messages")), sa.Text)).select_from(Message)
        )
        assert all("711000111" not in text for text in kept.scalars())
