"""What a demo writes down: settings, the ready file, and who may read them."""

import json
import os
import socket
import stat
from pathlib import Path

import pytest

from gateway.settings import parse_sealing_keys
from operations.data_folder import DataFolder
from operations.demo_settings import Stores, demo_environment
from operations.errors import Misconfigured
from operations.files import write_private
from operations.ports import free_port, port_is_free
from operations.ready import Addresses, describe, write_ready_file

STORES = Stores("postgresql://app@127.0.0.1/baraza", "postgresql://owner@127.0.0.1/baraza", "redis://127.0.0.1/0")
SECRETS = ["BARAZA_CALLBACK_SECRETS", "BARAZA_SEALING_KEYS", "BARAZA_LOOKUP_KEY", "BARAZA_AFRICASTALKING_API_KEY"]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_settings_are_kept_for_their_owner_only_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = DataFolder(tmp_path)
    folder.keep_environment({"BARAZA_PACK": "kakamega", "BARAZA_LOOKUP_KEY": "a+/b=="})
    assert mode(folder.environment_file) == 0o600

    monkeypatch.setenv("BARAZA_PACK", "madiun")
    monkeypatch.setenv("BARAZA_LOOKUP_KEY", "x")  # so that monkeypatch takes it away again
    monkeypatch.delenv("BARAZA_LOOKUP_KEY")
    folder.enter_environment()
    assert os.environ["BARAZA_PACK"] == "madiun"
    assert os.environ["BARAZA_LOOKUP_KEY"] == "a+/b=="


def test_secrets_are_made_once(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    first = demo_environment({}, folder.kept_environment(), STORES, "http://127.0.0.1:1")
    folder.keep_environment(first)
    second = demo_environment({}, folder.kept_environment(), STORES, "http://127.0.0.1:2")
    assert {name: second[name] for name in SECRETS} == {name: first[name] for name in SECRETS}
    assert second["BARAZA_AFRICASTALKING_URL"] == "http://127.0.0.1:2", "addresses are of this run"
    assert len(first["BARAZA_CALLBACK_SECRETS"]) >= 32
    assert list(parse_sealing_keys(first["BARAZA_SEALING_KEYS"])) == [1]


def test_what_the_environment_gives_reaches_every_part(tmp_path: Path) -> None:
    given = {"BARAZA_CLOCK_OFFSET": "+22d", "BARAZA_QUIET_HOURS": "off", "BARAZA_PACK": "madiun", "PATH": "/bin"}
    environment = demo_environment(given, {}, STORES, "http://127.0.0.1:1")
    assert environment | given == environment | {"PATH": "/bin"}
    assert "PATH" not in environment


def test_a_pack_brings_its_channel() -> None:
    madiun = demo_environment({"BARAZA_PACK": "madiun"}, {}, STORES, "http://127.0.0.1:1")
    assert madiun["BARAZA_CHANNEL"] == "nusantara"
    assert madiun["BARAZA_NUSANTARA_URL"] == "http://127.0.0.1:1/send"
    assert madiun["BARAZA_NUSANTARA_SENDER"] == "98765"
    assert demo_environment({}, {}, STORES, "http://127.0.0.1:1")["BARAZA_CHANNEL"] == "africastalking"
    with pytest.raises(Misconfigured, match=r"^BARAZA_NUSANTARA_URL: is not set"):
        demo_environment({"BARAZA_PACK": "madiun"}, {}, STORES, None)
    with pytest.raises(Misconfigured, match=r"^BARAZA_PACK: atlantis: .*no such folder"):
        demo_environment({"BARAZA_PACK": "atlantis"}, {}, STORES, "http://127.0.0.1:1")


def test_without_the_simulator_the_provider_must_be_named() -> None:
    kept = {"BARAZA_AFRICASTALKING_URL": "http://127.0.0.1:1"}  # of an earlier demo's stand-in
    with pytest.raises(Misconfigured, match=r"^BARAZA_AFRICASTALKING_URL: is not set"):
        demo_environment({}, kept, STORES, None)


def test_the_ready_file_is_whole_private_and_has_the_agreed_keys(tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    path.write_text("stale")
    before = path.stat().st_ino
    addresses = Addresses("http://127.0.0.1:8000", "http://127.0.0.1:8000/channels/africastalking/s", None)
    environment = {"BARAZA_DATABASE_URL": "postgresql://d", "BARAZA_REDIS_URL": "redis://r"}
    write_ready_file(path, describe(addresses, environment, tmp_path / "logs", {"demo": 1, "web": 2}))

    assert mode(path) == 0o600
    assert path.stat().st_ino != before, "a new file took its place; the old one was not written to"
    assert [file.name for file in tmp_path.iterdir()] == ["ready.json"]
    assert json.loads(path.read_text()) == {
        "web": "http://127.0.0.1:8000",
        "console": "http://127.0.0.1:8000/console",
        "phone": None,
        "callbacks": {
            "ussd": "http://127.0.0.1:8000/channels/africastalking/s/ussd",
            "ussd_end": "http://127.0.0.1:8000/channels/africastalking/s/ussd-end",
            "sms": "http://127.0.0.1:8000/channels/africastalking/s/sms",
            "delivery": "http://127.0.0.1:8000/channels/africastalking/s/delivery",
            "opt_out": "http://127.0.0.1:8000/channels/africastalking/s/opt-out",
        },
        "database_url": "postgresql://d",
        "redis_url": "redis://r",
        "env": environment,
        "log_dir": str(tmp_path / "logs"),
        "pids": {
            "demo": 1,
            "web": 2,
            "worker_replies": None,
            "worker_broadcasts": None,
            "clock": None,
            "simulator": None,
            "postgres": None,
            "valkey": None,
        },
    }


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "ready.json").mkdir()
    (tmp_path / "ready.json" / "x").touch()
    with pytest.raises(OSError, match=r"ready\.json"):
        write_private(tmp_path / "ready.json", "{}")
    assert [file.name for file in tmp_path.iterdir()] == ["ready.json"]


def test_a_busy_port_is_not_taken() -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        assert not port_is_free(port)
        assert free_port(port) != port
    assert free_port(port) == port
