"""Accounts and tokens: what is refused, and how little a stolen table would tell."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.context import Context
from gateway.errors import Invalid, NotFound, Unauthorized
from gateway.staff import service
from gateway.staff.models import Staff, StaffToken

GOOD = {"email": "a@b.ke", "name": "Achieng", "role": "officer", "department": None}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": "a b@c.ke"}, "email"),
        ({"email": "a@b"}, "email"),
        ({"email": "a@" + "b" * 254 + ".ke"}, "email"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"role": "king"}, "role"),
        ({"role": "focal"}, "department"),
        ({"department": "environment"}, "department"),
    ],
)
def test_a_wrong_account_is_refused_by_name(
    session: Session, context: Context, wrong: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as error:
        service.add_staff(session, **(GOOD | wrong), now=context.clock.now())  # type: ignore[arg-type]
    assert error.value.members["field"] == field
    assert error.value.detail


def test_an_email_is_one_account_however_it_is_written(session: Session, context: Context) -> None:
    service.add_staff(session, email=" Achieng@Kakamega.KE ", name="Achieng", role="officer", now=context.clock.now())
    with pytest.raises(Invalid) as error:
        service.add_staff(session, email="achieng@kakamega.ke", name="B", role="intake", now=context.clock.now())
    assert "already" in error.value.detail
    (account,) = service.list_staff(session)
    assert (account.email, account.role, account.department, account.active) == (
        "achieng@kakamega.ke",
        "officer",
        None,
        True,
    )


def test_a_token_is_its_owners_until_it_expires(session: Session, context: Context) -> None:
    now = context.clock.now()
    focal = service.add_staff(session, email="f@k.ke", name="F", role="focal", department="environment", now=now)
    token = service.issue_token(session, context.vault, email="F@k.ke", now=now, days=2)
    assert token.startswith("brz_")
    assert len(token) > 40
    assert service.authenticate(session, context.vault, token, now + timedelta(days=1)).id == focal.id
    with pytest.raises(Unauthorized):
        service.authenticate(session, context.vault, token, now + timedelta(days=2))


def test_a_token_is_not_in_the_table(session: Session, context: Context) -> None:
    now = context.clock.now()
    service.add_staff(session, **GOOD, now=now)  # type: ignore[arg-type]
    token = service.issue_token(session, context.vault, email="a@b.ke", now=now)
    session.flush()
    (row,) = session.execute(sa.text("SELECT t::text FROM staff_tokens t")).scalars()
    assert token not in row
    assert token.removeprefix("brz_").encode().hex() not in row


@pytest.mark.parametrize("how", ["revoked", "inactive", "altered", "empty"])
def test_a_token_that_is_no_good_is_refused(session: Session, context: Context, how: str) -> None:
    now = context.clock.now()
    service.add_staff(session, **GOOD, now=now)  # type: ignore[arg-type]
    token = service.issue_token(session, context.vault, email="a@b.ke", now=now)
    session.flush()
    if how == "revoked":
        session.execute(sa.update(StaffToken).values(revoked_at=now))
    if how == "inactive":
        session.execute(sa.update(Staff).values(active=False))
    tried = {"altered": token[:-1] + ("A" if token[-1] != "A" else "B"), "empty": ""}.get(how, token)
    with pytest.raises(Unauthorized):
        service.authenticate(session, context.vault, tried, now)


def test_no_token_for_nobody_or_for_who_left(session: Session, context: Context) -> None:
    now = context.clock.now()
    with pytest.raises(NotFound):
        service.issue_token(session, context.vault, email="a@b.ke", now=now)
    service.add_staff(session, **GOOD, now=now)  # type: ignore[arg-type]
    session.execute(sa.update(Staff).values(active=False))
    with pytest.raises(NotFound):
        service.issue_token(session, context.vault, email="a@b.ke", now=now)
