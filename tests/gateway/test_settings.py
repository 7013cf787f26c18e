"""A bad setting stops the start with one line that names it."""

from __future__ import annotations

import base64

import pytest

from gateway.settings import SettingsError, load_settings, parse_offset

GOOD = {
    "BARAZA_DATABASE_URL": "postgresql://a:b@127.0.0.1/x",
    "BARAZA_REDIS_URL": "redis://127.0.0.1/0",
    "BARAZA_CALLBACK_SECRETS": "c" * 32,
    "BARAZA_SEALING_KEYS": "1:" + base64.b64encode(b"k" * 32).decode(),
    "BARAZA_LOOKUP_KEY": base64.b64encode(b"l" * 32).decode(),
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, None) for name in GOOD),
        ("BARAZA_DATABASE_URL", "sqlite://"),
        ("BARAZA_CALLBACK_SECRETS", "short"),
        ("BARAZA_CALLBACK_SECRETS", ",".join(["c" * 32, "d" * 32, "e" * 32])),
        ("BARAZA_SEALING_KEYS", "1:abc"),
        ("BARAZA_SEALING_KEYS", "x:" + base64.b64encode(b"k" * 32).decode()),
        ("BARAZA_SEALING_KEYS", "1:" + base64.b64encode(b"short").decode()),
        ("BARAZA_LOOKUP_KEY", "c2hvcnQ="),
        ("BARAZA_CLOCK_OFFSET", "tomorrow"),
        ("BARAZA_CLOCK_OFFSET", "+22d"),
        ("BARAZA_QUIET_HOURS", "off"),
        ("BARAZA_QUIET_HOURS", "maybe"),
    ],
)
def test_one_line_names_the_setting(monkeypatch: pytest.MonkeyPatch, name: str, value: str | None) -> None:
    for key, good in GOOD.items():
        monkeypatch.setenv(key, good)
    if value is None:
        monkeypatch.delenv(name)
    else:
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    line = str(refused.value)
    assert name in line
    assert "\n" not in line
    assert value is None or len(value) < 8 or value not in line


def test_good_settings_start_and_hide_their_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for key, good in GOOD.items():
        monkeypatch.setenv(key, good)
    settings = load_settings()
    assert settings.secrets == ("c" * 32,)
    assert "c" * 32 not in repr(settings)


@pytest.mark.parametrize(("text", "hours"), [("", 0), ("+22d", 528), ("-8h", -8), ("+90m", 1.5)])
def test_time_travel(text: str, hours: float) -> None:
    assert parse_offset(text).total_seconds() == hours * 3600
