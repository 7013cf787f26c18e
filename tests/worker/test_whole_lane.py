"""A row owed becomes a text on a handset: worker process, real SDK, stand-in, web, delivery report."""

from __future__ import annotations

import signal
import subprocess
from datetime import timedelta
from pathlib import Path

import httpx
import psutil
import redis

from gateway.messaging import sweeping
from gateway.messaging.wake import wake
from gateway.settings import Settings
from operations.embedded import start_valkey
from tests.channels.provider import Says, closed_port, provider, recipient, sent
from tests.conftest import SECRET
from tests.messaging.conftest import Desk
from tests.worker.conftest import Parts, eventually


def start_worker(parts: Parts, settings: Settings, lane: str = "replies") -> subprocess.Popen[bytes]:
    process = parts.start(settings, "worker", "--lane", lane)
    eventually(lambda: "worker_started" in parts.log("worker"))
    return process


def test_from_the_row_to_the_handset_and_back(desk: Desk, parts: Parts) -> None:
    port = closed_port()
    callbacks = f"http://127.0.0.1:{port}/channels/africastalking/{SECRET}"
    stand_in = parts.simulator(desk.context.settings, callbacks)
    settings = desk.context.settings.model_copy(update={"africastalking_url": stand_in})
    parts.start(settings, "web", "--port", str(port))
    start_worker(parts, settings)
    eventually(lambda: _answers(stand_in + "/_messages") and _answers(f"http://127.0.0.1:{port}/healthz"))

    message = desk.owe(desk.resident("sw", "+254711000111"), language="sw")
    wake(desk.context.valkey, "replies")
    eventually(lambda: desk.state(message)[0] == "delivered")
    (arrived,) = httpx.get(stand_in + "/_messages", params={"number": "+254711000111"}).json()
    assert arrived["text"].startswith("Baraza 4821: kuna jibu lako")
    assert arrived["from"] == "22384"
    for log in (parts.log("worker"), parts.log("web")):
        assert "711000111" not in log
        assert "kuna jibu" not in log
        assert SECRET not in log


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def test_a_worker_outlives_a_restart_of_valkey(desk: Desk, parts: Parts, tmp_path: Path) -> None:
    valkey = start_valkey(tmp_path)
    with provider(Says(body=sent(recipient("+254711000111", messageId="None")))) as told:
        changes = {"africastalking_url": told.url, "redis_url": valkey.url}
        settings = desk.context.settings.model_copy(update=changes)
        process = start_worker(parts, settings)
        resident = desk.resident(number="+254711000111")
        for _ in range(2):
            valkey.stop()
            valkey = start_valkey(tmp_path)
            message = desk.owe(resident)
            _wake_at(valkey.url)
            eventually(lambda message=message: desk.state(message)[0] == "accepted")  # type: ignore[misc]
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        valkey.stop()
    assert "worker_stopped" in parts.log("worker")


def _wake_at(url: str) -> None:
    with redis.Redis.from_url(url) as valkey:
        assert wake(valkey, "replies")


def test_a_worker_that_is_asked_to_stop_finishes_its_call(desk: Desk, parts: Parts) -> None:
    message = desk.owe(desk.resident(number="+254711000111"))
    with provider(Says(body=sent(recipient("+254711000111")), seconds=1.5)) as told:
        settings = desk.context.settings.model_copy(update={"africastalking_url": told.url})
        process = start_worker(parts, settings)
        wake(desk.context.valkey, "replies")
        eventually(lambda: told.heard)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert desk.state(message)[0] == "accepted"


def test_a_worker_killed_in_the_middle_of_a_call_leaves_a_doubt_and_nothing_stuck(desk: Desk, parts: Parts) -> None:
    gone = desk.owe(desk.resident(number="+254711000111"))
    with provider(Says(seconds=30)) as told:
        settings = desk.context.settings.model_copy(update={"africastalking_url": told.url})
        process = start_worker(parts, settings)
        wake(desk.context.valkey, "replies")
        eventually(lambda: told.heard)
        waiting = desk.owe(desk.resident(number="+254711000222"), "help")
        for one in [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]:
            one.kill()
    assert desk.state(gone)[0] == "leased"
    with desk.context.work() as session:
        sweeping.sweep(session, desk.context.clock.now() + timedelta(seconds=61), None)
    assert desk.state(gone) == ("unknown", "worker_lost")
    assert desk.state(waiting) == ("owed", "")
    with provider(Says(body=sent(recipient("+254711000222")))) as told:
        start_worker(parts, desk.context.settings.model_copy(update={"africastalking_url": told.url}))
        desk.context.valkey.flushall()
        wake(desk.context.valkey, "replies")
        eventually(lambda: desk.state(waiting)[0] == "accepted")
        assert [form["to"] for form in told.heard] == ["+254711000222"]


def test_equal_texts_leave_the_worker_in_one_call(desk: Desk, parts: Parts) -> None:
    people = [desk.resident() for _ in range(30)]
    for person in people:
        desk.owe(person, "help")
    numbers = [desk.numbers[person] for person in people]
    with provider(Says(body=sent(*map(recipient, numbers)))) as told:
        one_hand = {"africastalking_url": told.url, "segments_per_second": 600}  # and room for all 30 at once
        start_worker(parts, desk.context.settings.model_copy(update=one_hand))
        wake(desk.context.valkey, "replies")
        eventually(lambda: all(row.state == "accepted" for row in desk.all()))
    assert len(told.heard) == 1
