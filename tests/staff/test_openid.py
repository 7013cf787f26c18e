"""Signing in at the county's own provider, against a real one on loopback; and what it must not lead to."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.context import Context
from gateway.settings import SettingsError
from gateway.staff import practice, service
from gateway.staff.models import AuditEntry, Staff, StaffSession
from gateway.staff.roles import Role
from tests.conftest import Stores, make_settings
from tests.staff import provider as providers
from tests.staff.provider import CLIENT, SECRET, Provider
from tests.web import serve


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with providers.running() as running:
        yield running


@pytest.fixture(scope="module")
def desk(stores: Stores, provider: Provider) -> Iterator[str]:
    told = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
    with serve(make_settings(stores, oidc_trusted_factor="amr:mfa", **told)) as root:
        yield root


@pytest.fixture
def officer(context: Context, provider: Provider) -> Staff:
    """Somebody with an account, a password and an authenticator."""
    provider.says, provider.signs_with = {}, provider.key
    with context.work() as session:
        practice.seed(session, context.vault, context.pack, context.clock.now())
        person = service.active_account(session, practice.email_of(Role.OFFICER))
    provider.says["email"] = person.email.title()
    return person


def browser(desk: str) -> httpx.Client:
    return httpx.Client(base_url=desk, timeout=20)


def leave(client: httpx.Client) -> str:
    """To the provider; the address that it sends the browser back to."""
    gone = client.get("/console/openid", params={"next": "/console/cases"})
    assert gone.status_code == 303
    assert "code_challenge_method=S256" in gone.headers["location"]
    return httpx.get(gone.headers["location"]).headers["location"]


def audited(context: Context) -> list[str]:
    with context.work() as session:
        actions = session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()
    return [action for action in actions if "openid" in action or "signed_in" in action]


def test_who_has_an_account_signs_in_and_our_second_factor_follows(context: Context, desk: str, officer: Staff) -> None:
    with browser(desk) as client:
        assert 'href="/console/openid' in client.get("/console/sign-in").text
        back = leave(client)
        came = client.get(back)
        assert (came.status_code, 'href="/console/code?next=%2Fconsole%2Fcases"' in came.text) == (200, True)
        assert client.get("/console/cases").headers["location"].startswith("/console/sign-in"), "half way in"
        asked = client.get("/console/code?next=/console/cases").text
        token = re.search(r'name="form_token" value="([^"]+)"', asked)
        assert token
        with context.work() as session:
            code = practice.code_of(session, context.vault, officer.email, context.clock.wall())
        form = {"form_token": token[1], "code": code, "next": "/console/cases"}
        done = client.post("/console/code", data=form, headers={"Origin": desk})
        assert done.headers["location"] == "/console/cases"
        assert client.get("/console/cases").status_code == 200
        assert audited(context) == ["staff.openid_taken", "staff.signed_in"]
        assert client.get(back).status_code == 401, "the way back is gone once"
    with context.work() as session:
        (login,) = session.scalars(sa.select(StaffSession)).all()
        assert login.proved_at is not None


def test_a_factor_that_is_trusted_is_enough(context: Context, desk: str, provider: Provider, officer: Staff) -> None:
    provider.says["amr"] = ["pwd", "mfa"]
    with browser(desk) as client:
        assert client.get(leave(client)).status_code == 200
        assert client.get("/console/account").status_code == 200
        assert officer.email in client.get("/console/account").text
    assert audited(context) == ["staff.signed_in"]


HOUR = 3600
NOW = int(time.time())


@pytest.mark.parametrize(
    ("lie", "status", "code"),
    [
        ({"nonce": "of another sign-in"}, 401, "cannot be trusted"),
        ({"nonce": None}, 401, "cannot be trusted"),
        ({"aud": "another-client"}, 401, "cannot be trusted"),
        ({"aud": [CLIENT, "another-client"]}, 401, "cannot be trusted"),
        ({"azp": "another-client"}, 401, "cannot be trusted"),
        ({"iss": "https://another.example"}, 401, "cannot be trusted"),
        ({"exp": NOW - HOUR}, 401, "cannot be trusted"),
        ({"exp": None}, 401, "cannot be trusted"),
        ({"email_verified": False}, 403, "not verified your e-mail"),
        ({"email_verified": None}, 403, "not verified your e-mail"),
        ({"email": None}, 403, "not verified your e-mail"),
        ({"email": "stranger@kakamega.example"}, 403, "Nobody here has this account"),
    ],
)
def test_what_is_not_right_signs_nobody_in(
    context: Context, desk: str, provider: Provider, officer: Staff, lie: dict[str, Any], status: int, code: str
) -> None:
    provider.says |= lie
    with browser(desk) as client:
        refused = client.get(leave(client))
        assert (refused.status_code, code in refused.text) == (status, True), refused.text
        assert client.get("/console/account").status_code == 303
    with context.work() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(StaffSession)) == 0
        assert session.scalar(sa.select(sa.func.count()).select_from(Staff)) == len(practice.NAMES), "none is made"
    assert audited(context) == (["staff.openid_refused"] if status == 403 else [])


def test_a_sign_in_that_another_browser_began_or_another_key_signed(
    context: Context, desk: str, provider: Provider, officer: Staff
) -> None:
    with browser(desk) as one, browser(desk) as other:
        back = leave(one)
        leave(other)
        for stranger in (other, browser(desk)):
            assert "begun in another window" in stranger.get(back).text
        for wrong in ("x", "%C3%A9"):
            assert one.get(re.sub("state=[^&]*", f"state={wrong}", leave(one))).status_code == 401
    with browser(desk) as client:
        assert client.get(re.sub("code=[^&]*&", "", leave(client)) + "&error=access_denied").status_code == 401
        back = re.sub("code=[^&]*", "code=stolen", leave(client))
        assert "cannot be trusted" in client.get(back).text
        provider.signs_with = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        assert "cannot be trusted" in client.get(leave(client)).text
    with context.work() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(StaffSession)) == 0


def test_it_is_off_unless_a_provider_is_set(context: Context, address: str) -> None:
    with browser(address) as client:
        assert "openid" not in client.get("/console/sign-in").text
        assert client.get("/console/openid").status_code == 404
        assert client.get("/console/openid/back?state=x&code=y").status_code == 404


def test_a_class_of_signing_in_that_is_trusted_and_a_secret_in_a_file(
    context: Context, stores: Stores, provider: Provider, officer: Staff, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    told = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT, "oidc_client_secret_file": str(secret)}
    settings = make_settings(stores, oidc_trusted_factor="acr:urn:county:two", **told)
    with pytest.raises(SettingsError, match="BARAZA_OIDC_CLIENT_SECRET_FILE"):
        _ = settings.oidc_secret
    secret.write_text(SECRET + "\n", encoding="utf-8")
    with serve(settings) as root:
        for said, enough in (
            ({}, False),
            ({"acr": "urn:county:one"}, False),
            ({"acr": ["urn:county:two"]}, False),
            ({"amr": ["urn:county:two"]}, False),
            ({"acr": "urn:county:two"}, True),
        ):
            provider.says = {"email": officer.email} | said
            with browser(root) as client:
                gone = client.get("/console/openid")
                assert parse_qs(urlsplit(gone.headers["location"]).query)["acr_values"] == ["urn:county:two"]
                back = httpx.get(gone.headers["location"]).headers["location"]
                assert client.get(back).status_code == 200, "the secret of the file is the provider's"
                assert client.get("/console/account").status_code == (200 if enough else 303), said
    secret.write_text("another", encoding="utf-8")
    with serve(make_settings(stores, **told)) as root, browser(root) as client:
        assert "cannot be trusted" in client.get(leave(client)).text


def test_a_provider_that_is_down_says_so(context: Context, stores: Stores) -> None:
    told = {"oidc_issuer": "http://127.0.0.1:9", "oidc_client_id": CLIENT}
    with serve(make_settings(stores, **told)) as root, browser(root) as client:
        answer = client.get("/console/openid")
        assert (answer.status_code, "does not answer" in answer.text) == (503, True)
