"""The staff API on what goes with a conversation: files of staff, canned replies, and what a text costs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import quote, unquote
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy.orm import Session

from gateway import paging, problems
from gateway.cases import files, queries, service
from gateway.cases.answering import Reader, Serial, desk_of
from gateway.cases.models import Case
from gateway.cases.records import Attachment
from gateway.cases.schemas import Words
from gateway.cases.service import Desk
from gateway.errors import Invalid, TooLarge, filled
from gateway.idempotency import Answer, Write, writing
from gateway.messaging import templates
from gateway.messaging.segments import segments
from gateway.staff.auth import Caller, require
from gateway.staff.roles import Permission
from menus import gsm7

router = APIRouter(
    tags=["conversation"], dependencies=[Depends(problems.said_once)], responses=problems.declared(*problems.READING)
)

_FILE = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class AttachmentOut(BaseModel):
    """A file that staff put with a case."""

    id: UUID
    name: str
    media_type: str
    size: int = Field(description="Bytes")
    sealed_sha256: str = Field(description="SHA-256, in hex, of the file as it is kept: sealed, and under this name")
    audience: Literal["internal", "department"]
    added_at: datetime


class AttachmentList(BaseModel):
    items: list[AttachmentOut]
    next_cursor: str | None


class CannedOut(BaseModel):
    """A reply that is written often, to begin from."""

    code: str
    texts: dict[str, str] = Field(description="By language")
    segments: dict[str, int] = Field(description="Parts of the SMS to who wants full answers, by language")
    reviewed: bool


class CannedList(BaseModel):
    items: list[CannedOut]


class DraftIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Words
    language: Annotated[str, StringConstraints(max_length=8, pattern=r"^[^\x00]*$")]


class DraftOut(BaseModel):
    """What a reply would cost as an SMS, to who wants full answers; others are told to dial and read it."""

    segments: int
    septets: int
    foreign: list[str] = Field(description="Characters that are sent as plainer ones, or that shorten each part")
    cut: bool = Field(description="The SMS does not hold all of it; the menu does")


def sized(request: Request) -> None:
    """A dependency. Raises `TooLarge` before a body is read that is too large, `Invalid` when it does not say."""
    said = request.headers.get("content-length", "")
    if not said.isdigit():
        raise Invalid("say the length of the file (Content-Length)")
    if int(said) > files.MOST:
        raise TooLarge(filled("a file may have {most} bytes at most", most=files.MOST))


async def content_of(request: Request) -> bytes:
    """A dependency: the body, whose length `sized` has checked."""
    return await request.body()


@router.post(
    "/cases/{serial}/attachments",
    status_code=201,
    dependencies=[Depends(sized)],
    responses=problems.declared(409),
    openapi_extra=_FILE,
)
def attach(
    serial: Serial,
    content: Annotated[bytes, Depends(content_of)],
    write: Annotated[Write, Depends(writing(Permission.WRITE_NOTES))],
    x_file_name: Annotated[str, Header(max_length=300, pattern=r"^[\x21-\x7e]+$", description="Percent-encoded")],
    audience: Annotated[Literal["internal", "department"], Query()] = "internal",
) -> AttachmentOut:
    """Put a file with a case: PDF, PNG, JPEG or plain text, 5 MB at most; known by its content, not by its name."""
    context = write.caller.context

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        case = service.open_case(desk, serial)
        row = files.attach(desk, case, context.settings.files, unquote(x_file_name), content, audience)
        return Answer(_attachment(desk, row), status=201)

    return write.once(do)  # type: ignore[return-value]  # a finished Response; the annotation documents its body


def _attachment(desk: Desk, row: Attachment) -> AttachmentOut:
    return AttachmentOut(
        id=row.id,
        name=files.name_of(desk, row),
        media_type=row.media_type,
        size=row.size,
        sealed_sha256=row.file,
        audience=row.audience,
        added_at=row.added_at,
    )


@router.get("/cases/{serial}/attachments")
def list_attachments(serial: Serial, caller: Reader, asked: Annotated[paging.Page, Query()]) -> AttachmentList:
    """The files of a case that the caller may open, oldest first."""
    with caller.work() as session:
        desk = _desk(caller, session)
        case: Case = queries.read_case(session, caller.staff, serial)[0]
        found = files.list_attachments(session, caller.staff, case, after=asked.after, limit=asked.limit + 1)
        rows, more = paging.cut(found, asked.limit)
        items = [_attachment(desk, row) for row in rows]
    return AttachmentList(items=items, next_cursor=paging.encode(rows[-1].id) if more else None)


_BYTES: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in sorted(files.TYPES)}}
}


@router.get("/cases/{serial}/attachments/{attachment}", response_class=Response, responses=_BYTES)
def open_attachment(serial: Serial, attachment: UUID, caller: Reader) -> Response:
    """One file, to be saved: it is never shown as a page of ours."""
    with caller.work() as session:
        desk = _desk(caller, session)
        case: Case = queries.read_case(session, caller.staff, serial)[0]
        opened = files.open_attachment(desk, case, caller.context.settings.files, attachment)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(opened.name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "no-store",
    }
    return Response(opened.content, media_type=opened.media_type, headers=headers)


def _desk(caller: Caller, session: Session) -> Desk:
    context = caller.context
    return Desk(session, context.vault, context.pack, caller.staff, caller.now())


Replying = Annotated[Caller, Depends(require(Permission.REPLY))]


@router.get("/canned-replies")
def canned_replies(caller: Replying) -> CannedList:
    """The pack's replies to begin from, in each of its languages, with what each costs as an SMS."""
    return CannedList(
        items=[
            CannedOut(
                code=reply.code,
                texts=reply.text,
                segments={language: segments(_sms(caller, language, text)) for language, text in reply.text.items()},
                reviewed=reply.reviewed,
            )
            for reply in caller.context.pack.replies
        ]
    )


@router.post("/drafts/cost")
def cost(body: DraftIn, caller: Replying) -> DraftOut:
    """How many parts an SMS with this reply would have. Keeps nothing."""
    plain = gsm7.plain(body.text)
    return DraftOut(
        segments=segments(_sms(caller, body.language, body.text)),
        septets=gsm7.length(plain),
        foreign=gsm7.foreign(body.text),
        cut=gsm7.length(plain) > templates.ANSWER,
    )


def _sms(caller: Caller, language: str, text: str) -> str:
    return templates.render(caller.context.pack.guide, "reply_full", language, {"ref": "0000", "text": text})
