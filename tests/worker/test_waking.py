"""Waking a lane: one job waits, none is lost, and Valkey may be dead."""

from __future__ import annotations

import json
import zlib

import pytest
import redis
from rq import SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer

from gateway.context import Context
from gateway.messaging.wake import flag, queue, wake
from tests.channels.provider import closed_port
from tests.messaging.conftest import Desk
from worker import jobs


def work(context: Context) -> None:
    """Run what waits in the queue, as a worker without forks."""
    lane = queue(context.valkey, "replies")
    SimpleWorker([lane], connection=context.valkey, serializer=JSONSerializer).work(burst=True, logging_level="ERROR")


def test_many_wake_ups_make_one_job(context: Context) -> None:
    assert [wake(context.valkey, "replies") for _ in range(5)] == [True, False, False, False, False]
    assert queue(context.valkey, "replies").count == 1
    assert wake(context.valkey, "broadcasts")
    ttl = context.valkey.ttl(flag("replies"))
    assert 0 < ttl <= 5


def test_a_flag_that_ran_out_while_a_job_waits_adds_none(context: Context) -> None:
    wake(context.valkey, "replies")
    context.valkey.delete(flag("replies"))
    assert not wake(context.valkey, "replies")
    assert queue(context.valkey, "replies").count == 1


def test_what_is_owed_while_a_job_runs_wakes_the_lane_anew(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[bool] = []

    def owing_meanwhile(_context: Context, _channel: object, lane: str, *, seconds: float) -> bool:
        if not woken:
            woken.append(wake(context.valkey, lane))
        return False

    monkeypatch.setattr(jobs, "drain_lane", owing_meanwhile)
    jobs.use(context.settings)
    wake(context.valkey, "replies")
    work(context)
    assert woken == [True]
    assert queue(context.valkey, "replies").count == 0


def test_a_job_whose_time_is_over_is_followed_by_the_next(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    left = [True, True, False]
    monkeypatch.setattr(jobs, "drain_lane", lambda *_, **__: left.pop(0))
    jobs.use(context.settings)
    wake(context.valkey, "replies")
    work(context)
    assert left == []


def test_a_job_is_json_and_holds_the_lane_alone(context: Context) -> None:
    wake(context.valkey, "replies")
    (job,) = queue(context.valkey, "replies").job_ids
    data = context.valkey.hget(f"rq:job:{job}", "data")
    assert isinstance(data, bytes)
    assert json.loads(zlib.decompress(data)) == ["worker.jobs.drain", None, ["replies"], {}]


def test_a_dead_valkey_is_no_error_the_sweep_is_the_floor() -> None:
    dead = redis.Redis(port=closed_port(), socket_connect_timeout=0.2)
    assert wake(dead, "replies") is False


def test_nothing_but_our_own_error_is_kept_of_a_job_that_failed(
    context: Context, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.owe(desk.resident(number="+254711000111"))

    def fails(*_: object, **__: object) -> bool:
        raise ValueError("+254711000111 said: maji")

    monkeypatch.setattr(jobs, "drain_lane", fails)
    jobs.use(context.settings)
    wake(context.valkey, "replies")
    (job,) = queue(context.valkey, "replies").job_ids
    work(context)
    kept = Job.fetch(job, connection=context.valkey, serializer=JSONSerializer)
    result = kept.latest_result()
    assert result is not None
    assert "JobFailed: job_failed" in (result.exc_string or "")
    everything = b"".join(_dump(context.valkey, key) for key in context.valkey.scan_iter())
    assert b"711000111" not in everything
    assert b"maji" not in everything


def _dump(valkey: redis.Redis, key: bytes | str) -> bytes:
    """Everything under a key, unpacked."""
    match valkey.type(key):
        case b"string":
            return _plain(valkey.get(key) or b"")
        case b"hash":
            return b"".join(_plain(value) for pair in valkey.hgetall(key).items() for value in pair)
        case b"stream":
            entries = [fields or {} for _, fields in valkey.xrange(key) or []]
            return b"".join(_plain(value) for fields in entries for pair in fields.items() for value in pair)
        case _:
            return b""


def _plain(value: bytes | str) -> bytes:
    packed = value.encode() if isinstance(value, str) else value
    try:
        return zlib.decompress(packed)
    except zlib.error:
        return packed
