"""A write of the staff API happens once for one `Idempotency-Key`: the first answer is kept, sealed, and given again.

The key's row is written first, in the transaction of the write itself. A second request under the same key waits for it
on the unique index, then finds the answer. A write that fails leaves no key: it changed nothing and may be tried again.
"""

# Annotations are evaluated at once here: `writing` names its argument in one.
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.cases.models import IdempotencyKey
from gateway.errors import IdempotencyConflict
from gateway.staff.auth import Caller, require
from gateway.staff.roles import Permission


@dataclass(frozen=True, slots=True)
class Answer:
    """What a write answers."""

    body: BaseModel
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        return _response(self.status, self.headers, self.body.model_dump_json())


def _response(status: int, headers: dict[str, str], body: str) -> Response:
    return Response(body, status_code=status, headers=headers, media_type="application/json")


@dataclass(frozen=True, slots=True)
class Write:
    """One request to change something: who asks, and under which key."""

    caller: Caller
    key: str | None
    digest: bytes

    def once(self, do: Callable[[Session], Answer]) -> Response:
        """Do it in one transaction, or give the answer of the first time.

        Raises `IdempotencyConflict` when the key was used for another request, and whatever `do` raises.
        """
        with self.caller.work() as session:
            if self.key is None:
                return do(session).response()
            if not self._claim(session):
                return self._again(session)
            answer = do(session)
            self._keep(session, answer)
            return answer.response()

    def _claim(self, session: Session) -> bool:
        statement = insert(IdempotencyKey).values(
            staff_id=self.caller.staff.id,
            key=self.key,
            request_digest=self.digest,
            status=0,
            response_sealed=b"",
            created_at=self.caller.now(),
        )
        claimed = session.execute(statement.on_conflict_do_nothing().returning(IdempotencyKey.key))
        return claimed.one_or_none() is not None

    def _again(self, session: Session) -> Response:
        columns = (IdempotencyKey.request_digest, IdempotencyKey.status, IdempotencyKey.response_sealed)
        row = session.execute(sa.select(*columns).where(*self._row)).one()
        if row.request_digest != self.digest:
            raise IdempotencyConflict
        kept: dict[str, Any] = json.loads(self.caller.context.vault.sealer.open(row.response_sealed, self._place))
        return _response(row.status, kept["headers"], kept["body"])

    def _keep(self, session: Session, answer: Answer) -> None:
        kept = json.dumps({"headers": answer.headers, "body": answer.body.model_dump_json()})
        sealed = self.caller.context.vault.sealer.seal(kept, self._place)
        session.execute(
            sa.update(IdempotencyKey).where(*self._row).values(status=answer.status, response_sealed=sealed)
        )

    @property
    def _row(self) -> tuple[sa.ColumnElement[bool], ...]:
        return (IdempotencyKey.staff_id == self.caller.staff.id, IdempotencyKey.key == self.key)

    @property
    def _place(self) -> str:
        return f"idempotency_keys.response:{self.caller.staff.id}:{self.key}"


Key = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=128,
        pattern=r"^[\x21-\x7e]+$",
        description="Any text of your own; the same one with the same request gives the first answer again.",
    ),
]


def writing(permission: Permission, *, fresh: bool = False) -> Callable[..., Any]:
    """A dependency: the `Write` of a caller whose role carries `permission`; `fresh` as in `require`."""

    async def write(
        request: Request,
        caller: Annotated[Caller, Depends(require(permission, fresh=fresh))],
        idempotency_key: Key = None,
    ) -> Write:
        said = f"{request.method} {request.url.path}\0{(await request.body()).decode(errors='replace')}"
        return Write(caller, idempotency_key, caller.context.vault.lookup.digest("request", said))

    return write
