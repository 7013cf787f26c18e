"""Signing in to the desk: invitation, password, six digits; and how little each failure tells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Literal

import httpx
import pyotp
import pytest
import sqlalchemy as sa
from argon2 import Parameters, PasswordHasher, extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY

from gateway.context import Context
from gateway.errors import Invalid, NotFound, TooManyTries, Unauthorized
from gateway.staff import invitations, passwords, practice, second_factor, service, sessions, signing_in, tries
from gateway.staff.models import AuditEntry, SignInTries, Staff, StaffSession
from gateway.staff.roles import Role
from gateway.staff.signing_in import Browser, WrongCode, WrongSignIn
from tests.desk import Office

PASSWORD = "four words of mine"
HERE = Browser("127.0.0.1", "a browser")
EMAIL = "officer@demo.baraza.example"


@pytest.fixture
def staffed(context: Context) -> Context:
    """One account of each role, as in the demo."""
    with context.work() as session:
        practice.seed(session, context.vault, context.pack, context.clock.now())
    return context


def digits(context: Context, *, later: int = 0) -> str:
    """What the officer's authenticator shows now, or some steps later."""
    with context.work() as session:
        wall = context.clock.wall() + timedelta(seconds=30 * later)
        return practice.code_of(session, context.vault, EMAIL, wall)


def half_way(context: Context) -> sessions.SignedIn:
    token = signing_in.with_password(context, EMAIL, practice.PASSWORD, HERE)
    with context.work() as session:
        return sessions.find(session, context.vault, token, context.clock.now())


def test_an_invitation_is_good_once_and_its_codes_are_too(context: Context) -> None:
    now, wall, vault = context.clock.now(), context.clock.wall(), context.vault
    with context.work() as session:
        service.add_staff(session, email="a@b.ke", name="Achieng", role="officer", now=now)
        older = invitations.invite(session, vault, email="a@b.ke", now=now)
        link = invitations.invite(session, vault, email="A@B.ke", now=now)
        secret = invitations.read(session, vault, link, now).secret
        for wrong, when in ((older, now), (link, now + timedelta(hours=73)), ("", now)):
            with pytest.raises(NotFound):
                invitations.read(session, vault, wrong, when)
    good = {"password": PASSWORD, "code": pyotp.TOTP(secret).now(), "wall": wall, "now": now}
    for wrong_part in ({"password": "short"}, {"password": "a@b.ke" * 1}, {"code": "000000"}, {"code": ""}):
        with context.work() as session, pytest.raises(Invalid):
            invitations.accept(session, vault, link, **(good | wrong_part))  # type: ignore[arg-type]
    with context.work() as session:
        staff, codes = invitations.accept(session, vault, link, **good)  # type: ignore[arg-type]
    with context.work() as session, pytest.raises(NotFound):
        invitations.accept(session, vault, link, **good)  # type: ignore[arg-type]
    with context.work() as session:
        assert len(set(codes)) == 10
        take = [second_factor.take(session, vault, staff.id, code, wall=wall, now=now) for code in [codes[0]] * 2]
        assert take == ["recovery", None]
        assert second_factor.take(session, vault, staff.id, codes[1].lower(), wall=wall, now=now) == "recovery"
        assert second_factor.recovery_codes_left(session, staff.id) == 8
        told = " ".join(str(row) for row in session.execute(sa.text("SELECT s::text FROM staff_credentials s")))
        assert PASSWORD not in told
        assert secret not in told


def test_six_digits_work_once_and_a_session_gets_a_new_cookie(staffed: Context) -> None:
    waiting = half_way(staffed)
    assert not waiting.proved
    code = digits(staffed)
    cookie = signing_in.with_code(staffed, waiting, code)
    with staffed.work() as session:
        live = sessions.find(session, staffed.vault, cookie, staffed.clock.now())
        assert live.proved
        assert live.session.id == waiting.session.id
    with pytest.raises(WrongCode):
        signing_in.prove(staffed, live.staff, code)
    signing_in.prove(staffed, live.staff, digits(staffed, later=1))
    with staffed.work() as session:
        said = list(session.scalars(sa.select(AuditEntry.action).where(AuditEntry.staff_id == live.staff.id)))
    assert said == ["staff.signed_in"]


class Watched(PasswordHasher):
    """Tells with what parameters it reckoned."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=64, parallelism=1)
        self.reckoned: list[Parameters] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002  # named by the library
        self.reckoned.append(extract_parameters(str(hash)))
        return super().verify(hash, password)


def test_every_refusal_is_the_same_and_costs_the_same(staffed: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched()
    monkeypatch.setattr(passwords, "_HASHER", watched)
    with staffed.work() as session:
        service.add_staff(session, email="new@k.example", name="New", role="intake", now=staffed.clock.now())
        session.execute(sa.text("UPDATE staff SET active = false WHERE role = 'admin'"))
    left = practice.email_of(Role.ADMIN)
    for email in ("nobody@kakamega.example", "new@k.example", left, EMAIL):
        password = "something else" if email == EMAIL else practice.PASSWORD
        with pytest.raises(WrongSignIn) as refused:
            signing_in.with_password(staffed, email, password, HERE)
        assert (refused.value.detail, refused.value.members) == ("", {})
    assert watched.reckoned == [extract_parameters(watched.hash("any"))] * 4, "a password is hashed, whoever it is"


def test_passwords_are_sealed_as_strongly_as_advised(full_strength: PasswordHasher) -> None:
    assert extract_parameters(full_strength.hash(PASSWORD)) == RFC_9106_LOW_MEMORY


def test_the_wait_grows_outlives_the_process_and_a_good_try_ends_it(staffed: Context) -> None:
    now, subject = staffed.clock.now(), b"x" * 32
    waits = []
    for _ in range(12):
        with staffed.work() as session:
            tries.count_try(session, subject, now)
            until = session.scalars(sa.select(SignInTries.wait_until).where(SignInTries.subject == subject)).one()
        waits.append((until - now).total_seconds())
        now = until
    assert waits == [0, 0, 0, 1, 3, 7, 15, 31, 63, 127, 255, 300]
    with staffed.work() as session, pytest.raises(TooManyTries) as told:
        tries.count_try(session, subject, now - timedelta(seconds=10))
    assert told.value.members["wait"] == 10
    with staffed.work() as session:
        tries.count_try(session, subject, now + tries.FORGET + timedelta(seconds=1))
        assert session.scalar(sa.select(SignInTries.failures)) == 1
    for _ in range(4):
        with pytest.raises(WrongSignIn):
            signing_in.with_password(staffed, EMAIL, "wrong", HERE)
    for until, refused in ((timedelta(minutes=1), True), (timedelta(0), False)):
        with staffed.work() as session:
            session.execute(sa.update(SignInTries).values(wait_until=staffed.clock.now() + until))
        if refused:
            with pytest.raises(TooManyTries):
                signing_in.with_password(staffed, EMAIL, practice.PASSWORD, HERE)
    assert half_way(staffed)
    with staffed.work() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(SignInTries)) == 1, "only the other subject"


def test_a_session_ends_by_idleness_by_age_and_by_hand(staffed: Context) -> None:
    cookie = signing_in.with_code(staffed, half_way(staffed), digits(staffed))
    now = staffed.clock.now()
    for change in ({"seen_at": now - sessions.IDLE}, {"expires_at": now}, {"ended_at": now}):
        with staffed.work() as session:
            assert sessions.find(session, staffed.vault, cookie, now)
            session.execute(sa.update(StaffSession).values(change))
            with pytest.raises(Unauthorized):
                sessions.find(session, staffed.vault, cookie, now)
            session.rollback()


@pytest.fixture
def browser(office: Office, staffed: Context) -> Iterator[httpx.Client]:
    """A browser on the desk's pages; it names its origin on forms, as all do."""
    root = str(office.client.base_url).rstrip("/")
    with httpx.Client(base_url=root, timeout=20, headers={"Origin": root}) as client:
        yield client


def send(browser: httpx.Client, path: str, headers: dict[str, str] | None = None, **values: str) -> httpx.Response:
    """A form with the token of the page it is on."""
    found = re.search(r'name="form_token" value="(\w+)"', browser.get("/console/account").text)
    found = found or re.search(r'name="form_token" value="(\w+)"', browser.get("/console/code").text)
    return browser.post(path, data={"form_token": found[1] if found else "", **values}, headers=headers)


def sign_in(browser: httpx.Client, context: Context) -> None:
    answer = browser.post("/console/sign-in", data={"email": EMAIL, "password": practice.PASSWORD})
    assert answer.headers["location"] == "/console/code?next=%2Fconsole"
    answer = send(browser, "/console/code", code=digits(context), next="/console")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console"), answer.text


def test_signing_in_by_browser_and_out_again(browser: httpx.Client, staffed: Context) -> None:
    assert browser.get("/console").headers["location"] == "/console/sign-in?next=%2Fconsole"
    answer = browser.post("/console/sign-in", data={"email": EMAIL, "password": practice.PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert re.fullmatch(r"baraza=\S{43}; HttpOnly; Path=/; SameSite=strict", cookie)
    assert browser.get("/console").headers["location"].startswith("/console/sign-in"), "half way opens nothing"
    assert send(browser, "/console/code", code="123").status_code == 403
    sign_in(browser, staffed)
    home = browser.get("/console")
    assert home.status_code == 200
    assert home.headers["cache-control"] == "no-store"
    assert "unsafe" not in home.headers["content-security-policy"]
    assert send(browser, "/console/sign-out").headers["location"] == "/console/sign-in"
    assert browser.get("/console").status_code == 303


def test_a_form_of_another_site_or_without_this_sessions_token_is_refused(
    browser: httpx.Client, staffed: Context
) -> None:
    sign_in(browser, staffed)
    for origin in ("https://evil.example", "null", ""):
        assert send(browser, "/console/sign-out", headers={"Origin": origin}).status_code == 403
    for data in ({}, {"form_token": "x"}, {"form_token": "é"}):
        assert browser.post("/console/sign-out", data=data).status_code == 403
    assert browser.post("/console/account/language", data={"language": "sw" * 40_000}).status_code == 413
    assert browser.get("/console").status_code == 200


@pytest.mark.parametrize(
    "away",
    ["https://evil.example", "//evil.example", "/console/../x\\", "/other", "/console@evil", "/console/sign-out"],
)
def test_signing_in_never_leads_away(browser: httpx.Client, staffed: Context, away: str) -> None:
    page = browser.get("/console/sign-in", params={"next": away}).text
    assert 'name="next" value="/console"' in page


def test_other_logins_can_be_ended_and_language_kept(browser: httpx.Client, staffed: Context) -> None:
    other = signing_in.with_code(staffed, half_way(staffed), digits(staffed, later=-1))
    sign_in(browser, staffed)
    page = browser.get("/console/account").text
    (login,) = re.findall(r"/console/account/logins/([\w-]+)/end", page)
    assert send(browser, f"/console/account/logins/{login}/end").status_code == 303
    with staffed.work() as session, pytest.raises(Unauthorized):
        sessions.find(session, staffed.vault, other, staffed.clock.now())
    assert send(browser, "/console/account/language", language="sw").status_code == 303
    assert browser.get("/console", headers={"Accept-Language": "en"}).headers["content-language"] == "sw"
    answer = send(browser, "/console/account/password", old="wrong", password=PASSWORD, again=PASSWORD)
    assert answer.status_code == 401
    answer = send(browser, "/console/account/password", old=practice.PASSWORD, password=PASSWORD, again=PASSWORD)
    assert answer.status_code == 303
    browser.cookies.clear()
    answer = browser.post("/console/sign-in", data={"email": EMAIL, "password": PASSWORD})
    assert answer.status_code == 303


def test_an_invitation_by_browser(browser: httpx.Client, staffed: Context) -> None:
    with staffed.work() as session:
        link = invitations.invite(session, staffed.vault, email=EMAIL, now=staffed.clock.now())
    page = browser.get(f"/console/join/{link}").text
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page)
    assert secret
    assert "<svg" in page
    assert "style=" not in page
    totp = pyotp.TOTP(secret[1].replace(" ", ""))
    data = {"password": PASSWORD, "again": PASSWORD, "code": totp.now()}
    assert browser.post(f"/console/join/{link}", data=data | {"again": "other"}).status_code == 422
    answer = browser.post(f"/console/join/{link}", data=data)
    codes = re.findall(r"<code>(\w{5}-\w{5}-\w{5})</code>", answer.text)
    assert (answer.status_code, len(codes)) == (200, 10)
    assert browser.get("/console").status_code == 200
    assert browser.get(f"/console/join/{link}").status_code == 404


def test_a_token_proves_itself_with_a_code(office: Office, staffed: Context) -> None:
    with staffed.work() as session:
        office.tokens["officer@kakamega.example"] = service.issue_token(
            session, staffed.vault, email=EMAIL, now=staffed.clock.now()
        )
    assert office.get("/me")["email"] == EMAIL
    assert office.post("/me/proof", {"code": "000000"}).status_code == 403
    assert office.post("/me/proof", {"code": digits(staffed)}).status_code == 200
    assert office.get("/me/logins") == {"items": []}
    assert office.post("/me/language", {"language": "sw"}).status_code == 204
    assert office.post("/me/language", {"language": "xx"}).status_code == 422
    codes = office.post("/me/recovery-codes", None).json()["codes"]
    assert len(set(codes)) == 10
    assert office.post("/me/proof", {"code": codes[0]}).status_code == 200
    new = {"old": practice.PASSWORD, "password": "other words of mine"}
    assert office.post("/me/password", new | {"old": "none of mine"}).status_code == 401
    begun = half_way(staffed)
    assert office.post("/me/password", new).status_code == 204
    with staffed.work() as session:
        row = session.get_one(StaffSession, begun.session.id)
        assert row.ended_at is not None, "who had the old password is out"
        assert row.staff_id is not None
        assert session.get_one(Staff, row.staff_id).language == "sw"
        told = session.scalars(sa.select(AuditEntry.action)).all()
    assert {"staff.recovery_codes_made", "staff.password_changed"} <= set(told)


def test_tokens_can_be_revoked(staffed: Context) -> None:
    now = staffed.clock.now()
    with staffed.work() as session:
        held = [service.issue_token(session, staffed.vault, email=EMAIL, now=now) for _ in range(2)]
        assert service.revoke_tokens(session, email=EMAIL, now=now) == 2
        for token in held:
            with pytest.raises(Unauthorized):
                service.authenticate(session, staffed.vault, token, now)


def test_practice_has_every_role_once(staffed: Context) -> None:
    with staffed.work() as session:
        practice.seed(session, staffed.vault, staffed.pack, staffed.clock.now())
        assert sorted(person.role for person in service.list_staff(session)) == sorted(Role)
