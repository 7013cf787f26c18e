"""Everything an operator sets, from the environment (`BARAZA_*`). Each field says its unit and meaning."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class SettingsError(Exception):
    """A setting is missing or wrong; the text is one line that names it."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="BARAZA_", frozen=True)

    database_url: str = Field(description="Postgres, libpq form, for the application's role")
    migration_database_url: str | None = Field(None, description="Postgres, libpq form, for the owner; migrations only")
    redis_url: str = Field(description="Valkey or Redis: redis://[:password@]host:port/db")
    pack: str = Field("kakamega", description="Name of a pack in packs/, or a path to one")
    callback_secrets: SecretStr = Field(
        description="One or two path secrets of the callbacks, by comma, each >= 32 long"
    )
    sealing_keys: SecretStr = Field(description="`1:base64 of 32 bytes,2:…`; the last one seals, all open")
    lookup_key: SecretStr = Field(
        description="Base64 of at least 32 bytes: key of the hashes that find numbers, receipts"
    )
    africastalking_username: str = Field("sandbox", description="Account name at Africa's Talking")
    africastalking_api_key: SecretStr = Field(SecretStr(""), description="API key at Africa's Talking")
    africastalking_from: str = Field("", description="Sender: a short code or a registered name; empty in the sandbox")
    africastalking_url: str | None = Field(None, description="Root address of a stand-in, without /version1")
    channel: Literal["africastalking", "nusantara"] = Field(
        "africastalking", description="The aggregator that carries texts and calls"
    )
    nusantara_url: str | None = Field(None, description="Full address that one text is posted to")
    nusantara_user: str = Field("", description="Account name at that aggregator")
    nusantara_password: SecretStr = Field(SecretStr(""), description="Password or API key at that aggregator")
    nusantara_sender: str = Field("", description="Sender registered there: a number people can answer, or a name")
    segments_per_second: float = Field(100, gt=0, description="SMS segments a second, all workers together")
    first_retry: float = Field(5, gt=0, description="Seconds until a refused message is sent again; then doubling")
    unknown_after: float = Field(900, gt=0, description="Seconds a reply of unknown fate waits before a second try")
    report_patience: float = Field(
        30, gt=0, description="Seconds a report without its id waits before its number tells"
    )
    clock_offset: str = Field("", description="Demo and tests only: `+22d`, `-8h`, `+30m` shifts time in every part")
    quiet_hours: Literal["on", "off"] = Field("on", description="Demo and tests only: off sends at any hour")
    demo: bool = Field(False, description="Set by the demo and the tests: allows time travel")
    training: bool = Field(
        False, description="Demo and tests only: pages, paper and open data say that every case is invented"
    )
    web_url: str | None = Field(
        None,
        description="Root address that browsers use, like https://desk.example: for links and cookies",
    )
    web_pool: int = Field(8, ge=1, le=100, description="Postgres connections of one web process")
    balance_warning: Decimal = Field(
        Decimal(1000), ge=0, description="Money left at the aggregator, in its currency, below which staff are warned"
    )
    report_hours: float = Field(
        24, gt=0, description="Hours after which a message accepted and never reported on is listed"
    )
    files: str | None = Field(
        None, description="Folder for files that staff put with cases; sealed. None takes no files"
    )
    figures_hours: float = Field(
        24, ge=0, description="Hours between two publications of figures; often tells single cases by comparing"
    )
    oidc_issuer: str | None = Field(
        None,
        description="OpenID Connect: the provider's issuer, exactly as it says it. None: passwords alone",
    )
    oidc_client_id: str = Field("", description="OpenID Connect: what the provider knows Baraza as")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="OpenID Connect: the client's secret")
    oidc_client_secret_file: str | None = Field(
        None, description="OpenID Connect: a file with that secret instead, its last line end left out"
    )
    oidc_name: str = Field("", description="OpenID Connect: what the button calls the provider")
    oidc_trusted_factor: str = Field(
        "", description="OpenID Connect: `amr:VALUE` or `acr:VALUE` that stands for our second factor; empty: none does"
    )
    hop_budget: float = Field(2.0, gt=0, description="Seconds one USSD hop may take before it asks to try again")

    @field_validator("callback_secrets")
    @classmethod
    def _long_secrets(cls, value: SecretStr) -> SecretStr:
        secrets = value.get_secret_value().split(",")
        if not 1 <= len(secrets) <= 2 or any(not re.fullmatch(r"[A-Za-z0-9_-]{32,}", s) for s in secrets):
            raise ValueError("one or two secrets by comma, each at least 32 characters of A-Z a-z 0-9 _ -")
        return value

    @field_validator("sealing_keys")
    @classmethod
    def _sealing(cls, value: SecretStr) -> SecretStr:
        parse_sealing_keys(value.get_secret_value())
        return value

    @field_validator("lookup_key")
    @classmethod
    def _lookup(cls, value: SecretStr) -> SecretStr:
        if len(_unbase64(value.get_secret_value())) < 32:
            raise ValueError("base64 of at least 32 bytes")
        return value

    @field_validator("clock_offset")
    @classmethod
    def _offset(cls, value: str) -> str:
        parse_offset(value)
        return value

    @field_validator("database_url", "migration_database_url")
    @classmethod
    def _postgres(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("postgresql://", "postgres://")):
            raise ValueError("a postgresql:// address")
        return value

    @field_validator("web_url")
    @classmethod
    def _web(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"https?://[^/\s]+/?", value):
            raise ValueError("an http:// or https:// address without a path")
        return value.rstrip("/") if value else None

    @model_validator(mode="after")
    def _time_travel(self) -> Settings:
        if not self.demo and (self.clock_offset or self.quiet_hours == "off" or self.training):
            raise ValueError(
                "BARAZA_CLOCK_OFFSET, BARAZA_QUIET_HOURS=off and BARAZA_TRAINING work in the demo and tests only"
            )
        return self

    @field_validator("oidc_issuer")
    @classmethod
    def _issuer(cls, value: str | None) -> str | None:
        if value and not is_safe_address(value):
            raise ValueError("an https:// address; http:// on this machine alone")
        return value or None

    @field_validator("oidc_trusted_factor")
    @classmethod
    def _factor(cls, value: str) -> str:
        if value and not re.fullmatch(r"(amr|acr):\S+", value):
            raise ValueError("`amr:VALUE` or `acr:VALUE`, as the provider writes it in the identity token")
        return value

    @model_validator(mode="after")
    def _who_we_are_there(self) -> Settings:
        if self.oidc_issuer and not self.oidc_client_id:
            raise ValueError("BARAZA_OIDC_ISSUER needs BARAZA_OIDC_CLIENT_ID")
        return self

    @model_validator(mode="after")
    def _where_texts_go(self) -> Settings:
        if self.channel == "nusantara" and not (self.nusantara_url and self.nusantara_user and self.nusantara_sender):
            raise ValueError("BARAZA_CHANNEL=nusantara needs BARAZA_NUSANTARA_URL, _USER and _SENDER")
        return self

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """The callback secrets that are live."""
        return tuple(self.callback_secrets.get_secret_value().split(","))

    @cached_property
    def oidc_secret(self) -> str:
        """The client's secret at the provider; empty for a client without one. Raises `SettingsError`."""
        if not self.oidc_client_secret_file:
            return self.oidc_client_secret.get_secret_value()
        try:
            return Path(self.oidc_client_secret_file).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise SettingsError("BARAZA_OIDC_CLIENT_SECRET_FILE: the file cannot be read") from None

    @cached_property
    def offset(self) -> timedelta:
        return parse_offset(self.clock_offset)


def is_safe_address(text: str) -> bool:
    """Whether nobody on the way can read or change what is asked there: TLS, or this machine."""
    split = urlsplit(text)
    return bool(split.hostname) and (
        split.scheme == "https" or (split.scheme == "http" and split.hostname in {"127.0.0.1", "::1", "localhost"})
    )


def _unbase64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error


def parse_sealing_keys(text: str) -> dict[int, bytes]:
    """`1:base64,2:base64` by version. Raises ValueError when a version repeats or a key is not 32 bytes."""
    keys: dict[int, bytes] = {}
    for part in text.split(","):
        version, _, key = part.strip().partition(":")
        if not version.isdigit() or not 0 < int(version) < 256 or int(version) in keys:
            raise ValueError("each key is VERSION:BASE64, versions 1-255, each once")
        keys[int(version)] = _unbase64(key)
        if len(keys[int(version)]) != 32:
            raise ValueError(f"key {version} must be 32 bytes")
    return keys


_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


def parse_offset(text: str) -> timedelta:
    """`+22d`, `-8h`; empty is no offset. Raises ValueError."""
    if not text:
        return timedelta()
    match = re.fullmatch(r"([+-])(\d{1,5})([dhms])", text)
    if match is None:
        raise ValueError("like +22d or -8h")
    sign = -1 if match[1] == "-" else 1
    return timedelta(**{_UNITS[match[3]]: sign * int(match[2])})


def load_settings(**overrides: object) -> Settings:
    """Settings from the environment. Raises `SettingsError`, one line that names the first setting that is wrong."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # pydantic reads the rest from the environment
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = "BARAZA_" + str(first["loc"][0]).upper() if first["loc"] else "settings"
        reason = "is not set" if first["type"] == "missing" else first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{name}: {reason}") from None
