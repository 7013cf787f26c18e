"""Who is asking, and whether the role may: the dependencies that every route of the staff API names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import Session

from gateway.context import Context
from gateway.errors import Forbidden, ProofNeeded
from gateway.staff import service
from gateway.staff.models import Staff
from gateway.staff.roles import PERMISSIONS, Permission, Role
from gateway.staff.sessions import is_fresh
from gateway.words import ENGLISH, Words

bearer = HTTPBearer(auto_error=False, description="A token from `baraza staff token EMAIL`.")


@dataclass(frozen=True, slots=True)
class Caller:
    """A member of staff with the permission the route named, and what the route works with."""

    staff: Staff
    context: Context
    language: str = ENGLISH
    """What is written for them is written in."""

    @contextmanager
    def work(self) -> Iterator[Session]:
        """One transaction: it is committed before the answer leaves, because the route closes it."""
        with self.context.work() as session:
            yield session

    @property
    def words(self) -> Words:
        return Words(self.context.pack, self.language)

    def now(self) -> datetime:
        return self.context.clock.now()


def may(staff: Staff, permission: Permission) -> bool:
    """Whether the role of `staff` carries the permission."""
    return permission in PERMISSIONS[Role(staff.role)]


def require(permission: Permission, *, fresh: bool = False) -> Callable[..., Caller]:
    """A dependency: the caller, if the token is good and the role carries `permission`.

    `fresh` is for what reveals identity or exports data: a code of the second factor must have been given for this
    token within the last ten minutes (`POST /me/proof`), else it is 403 `proof_needed`.
    """

    def caller(
        request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
    ) -> Caller:
        context: Context = request.app.state.context
        token = credentials.credentials if credentials else ""
        with context.work() as session:
            staff = service.authenticate(session, context.vault, token, context.clock.now())
            proved_at = service.token_proved_at(session, context.vault, token) if fresh else None
        if not may(staff, permission):
            raise Forbidden(permission=permission.value)
        if fresh and not is_fresh(proved_at, context.clock.now()):
            raise ProofNeeded
        return Caller(staff, context, staff.language or ENGLISH)

    return caller
