"""A broadcast under way in a real worker: paused, resumed, cancelled, and gone on with after a kill."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import psutil
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from gateway.broadcasts import service
from gateway.messaging.models import Broadcast, Message, ProviderCall
from gateway.messaging.wake import wake
from gateway.residents import service as residents
from gateway.residents.models import Resident
from operations.cli import app
from tests.broadcasts.conftest import Desk
from tests.channels.provider import Provider, Says, provider, recipient, sent
from tests.web import Handset
from tests.worker.conftest import Parts, eventually, running_parts
from worker import tasks

PEOPLE = 60


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    with running_parts(tmp_path) as started:
        yield started


@contextmanager
def on_its_way(
    desk: Desk, parts: Parts, following: Callable[..., UUID], *, rate: int = 20
) -> Iterator[tuple[UUID, Provider, int]]:
    """A broadcast to sixty at so many a second, in a worker of its own."""
    for _ in range(PEOPLE):
        following()
    broadcast = desk.draft()
    desk.approve(broadcast, desk.other)
    numbers = [f"+2547110{number:05}" for number in range(1, PEOPLE + 1)]
    with provider(Says(body=sent(*(recipient(number) for number in numbers)))) as told:
        pid = start_worker(desk, parts, told, rate=rate)
        eventually(lambda: handed_over(told) >= 5)
        yield broadcast, told, pid


def start_worker(desk: Desk, parts: Parts, told: Provider, *, rate: int = 20) -> int:
    changes = {"africastalking_url": told.url, "segments_per_second": rate}
    process = parts.start(desk.context.settings.model_copy(update=changes), "worker", "--lane", "broadcasts")
    desk.context.valkey.flushall()
    wake(desk.context.valkey, "broadcasts")
    return process.pid


def handed_over(told: Provider) -> int:
    return sum(len(form["to"].split(",")) for form in told.heard)


def counted(desk: Desk, broadcast: UUID) -> Counter[str]:
    return Counter(state for state, _ in desk.states(broadcast))


def test_a_pause_stops_it_in_the_middle_and_a_resume_sends_the_rest_once(
    desk: Desk, parts: Parts, following: Callable[..., UUID]
) -> None:
    with on_its_way(desk, parts, following) as (broadcast, told, _):
        desk.move(service.pause, broadcast)
        eventually(lambda: counted(desk, broadcast)["leased"] == 0)
        so_far = handed_over(told)
        assert so_far < PEOPLE
        time.sleep(1.5)
        assert handed_over(told) == so_far
        tasks.tend_broadcasts(desk.context)
        assert counted(desk, broadcast) == {"accepted": so_far, "held": PEOPLE - so_far}

        desk.move(service.resume, broadcast)
        wake(desk.context.valkey, "broadcasts")
        eventually(lambda: counted(desk, broadcast) == {"accepted": PEOPLE})
        numbers = [number for form in told.heard for number in form["to"].split(",")]
        assert sorted(numbers) == sorted(set(numbers))
    tasks.tend_broadcasts(desk.context)
    assert desk.read(broadcast).status == "done"


def test_a_cancel_stops_it_for_good(desk: Desk, parts: Parts, following: Callable[..., UUID]) -> None:
    with on_its_way(desk, parts, following) as (broadcast, told, _):
        desk.move(service.cancel, broadcast)
        eventually(lambda: not counted(desk, broadcast)["leased"])
        tasks.tend_broadcasts(desk.context)
        so_far = handed_over(told)
        assert so_far < PEOPLE
        time.sleep(1)
        assert handed_over(told) == so_far
    assert desk.states(broadcast) == [("accepted", "sent")] * so_far + [("suppressed", "cancelled")] * (PEOPLE - so_far)
    assert desk.read(broadcast).finished_at is not None


def test_it_goes_on_where_a_killed_worker_stopped(desk: Desk, parts: Parts, following: Callable[..., UUID]) -> None:
    with on_its_way(desk, parts, following) as (broadcast, told, pid):
        for one in [*psutil.Process(pid).children(recursive=True), psutil.Process(pid)]:
            one.kill()
        time.sleep(0.3)
        assert handed_over(told) < PEOPLE
        with desk.context.work() as session:  # as the sweep does a minute later
            session.execute(sa.update(ProviderCall).values(leased_until=desk.now))
        tasks.sweep(desk.context)
        start_worker(desk, parts, told)
        eventually(lambda: not counted(desk, broadcast).keys() - {"accepted", "unknown"})
        numbers = [number for form in told.heard for number in form["to"].split(",")]
        assert len(numbers) == len(set(numbers)) == PEOPLE


@pytest.mark.parametrize(
    ("command", "before", "after"),
    [("pause", "running", "paused"), ("resume", "paused", "running"), ("cancel", "running", "cancelled")],
)
def test_an_operator_does_it_at_the_command_line(
    desk: Desk,
    following: Callable[..., UUID],
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    before: str,
    after: str,
) -> None:
    following()
    broadcast = desk.draft()
    desk.approve(broadcast)
    with desk.context.work() as session:
        session.execute(sa.update(Broadcast).values(status=before))
    monkeypatch.setattr("operations.commands.broadcast.settings_for", lambda _: desk.context.settings)
    ran = CliRunner().invoke(app, ["message", "broadcast", command, str(broadcast)])
    assert (ran.exit_code, desk.read(broadcast).status) == (0, after), ran.output
    shown = CliRunner().invoke(app, ["message", "broadcast", "show", str(broadcast)])
    assert after in shown.output
    listed = CliRunner().invoke(app, ["message", "broadcast", "list"])
    assert str(broadcast) in listed.output


def test_who_says_stop_while_it_runs_gets_nothing_more_by_whichever_way(
    desk: Desk, parts: Parts, following: Callable[..., UUID]
) -> None:
    """A word, the menu and the aggregator's own opt-out, of three whose texts a worker holds in its hands already."""
    with on_its_way(desk, parts, following, rate=10) as (broadcast, told, _):
        secret = desk.context.settings.callback_secrets.get_secret_value()
        address = str(desk.office.client.base_url).rstrip("/")
        last = [f"+2547110{number:05}" for number in numbers_last(desk, broadcast)]
        by_word, by_menu, by_carrier = (Handset(address, secret, number) for number in last)
        by_word.sms("STOP")
        by_menu.dial()
        by_menu.type("5", "3", "1")
        assert "Tumeacha" in by_menu.screen
        answer = by_carrier.http.post("/opt-out", data={"senderId": "BARAZA", "phoneNumber": by_carrier.number})
        assert answer.status_code == 200
        asked = handed_over(told)
        assert asked < PEOPLE - 3, "it was over before anybody said stop"
        eventually(lambda: counted(desk, broadcast) == {"accepted": PEOPLE - 3, "suppressed": 3})
        numbers = {number for form in told.heard for number in form["to"].split(",")}
        assert not numbers & set(last)
    assert {reason for state, reason in desk.states(broadcast) if state == "suppressed"} <= {"stopped", "withdrawn"}


def numbers_last(desk: Desk, broadcast: UUID) -> list[int]:
    """The three people whose texts leave last: a worker takes them by id."""
    with desk.context.work() as session:
        of_it = sa.select(Message.resident_id).where(Message.broadcast_id == broadcast).order_by(Message.id.desc())
        people = session.scalars(of_it.limit(3)).all()
        known = session.scalars(sa.select(Resident).where(Resident.id.in_(people))).all()
        vault = desk.context.vault
        return [int(residents.open_number(vault, one.id, one.number_sealed)[-5:]) for one in known]
