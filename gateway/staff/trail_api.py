"""The staff API on the audit trail and its chain, and on the settings in force: for who keeps the machines."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from gateway import paging, problems
from gateway.paging import Page
from gateway.settings import Settings
from gateway.staff import audit
from gateway.staff.auth import Caller, require
from gateway.staff.roles import Permission
from gateway.statistics import heads

router = APIRouter(
    tags=["trail"],
    dependencies=[Depends(problems.said_once)],
    responses=problems.declared(*problems.READING),
)

Reader = Annotated[Caller, Depends(require(Permission.READ_TRAIL))]
Said = Annotated[str, StringConstraints(max_length=254, pattern=r"^[^\x00]*$")]


class EntryFilter(Page):
    person: Said = Field("", description="E-mail of who of staff did it")
    action: Said = Field("", description="How the action begins", examples=["staff.", "case.replied"])
    subject: Said = Field("", description="What it was done to: a serial, an id, a code")


class EntryOut(BaseModel):
    """One act, as it was recorded with what it changed."""

    id: int
    at: datetime
    person: str | None = Field(description="E-mail; null for what the machine or the command line did")
    action: str
    subject: str
    data: dict[str, Any]
    position: int | None = Field(description="Place in the chain; null while it is not linked")


class EntryPage(BaseModel):
    items: list[EntryOut]
    next_cursor: str | None


class PublishedOut(BaseModel):
    """The head of a day, as the open data have it."""

    day: date
    position: int
    digest: str


class VerdictOut(BaseModel):
    """What recomputing the whole chain found."""

    ok: bool
    first_broken: int | None = Field(description="Id of the first entry that is not what was linked")


class ChainOut(BaseModel):
    position: int = Field(description="Of the newest link; as many entries are linked")
    digest: str = Field(description="Of the newest link, SHA-256 in hex")
    unlinked: int = Field(description="Entries that wait for their link: a few, while the clock runs")
    published: PublishedOut | None = Field(description="The newest head that was published")
    changed: list[date] = Field(description="Days whose published head is not what the chain has at its place")
    verdict: VerdictOut | None = Field(description="Only when it was asked to recompute")


class ChainQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    recompute: bool = Field(False, description="Recompute every link from the first; takes a while")


class SettingOut(BaseModel):
    """One setting of the process that answers."""

    name: str
    meaning: str
    value: str | None = Field(description="As text; of an address its scheme, host and port alone; null for a secret")
    secret: bool
    source: Literal["set", "default"] = Field(description="`set`: by the environment or the data folder's baraza.env")


class SettingsOut(BaseModel):
    items: list[SettingOut]


@router.get("/audit")
def list_entries(caller: Reader, asked: Annotated[EntryFilter, Query()]) -> EntryPage:
    """What was done, newest first."""
    with caller.work() as session:
        found = audit.entries(
            session,
            person=asked.person,
            action=asked.action,
            subject=asked.subject,
            before=_id(asked.after),
            limit=asked.limit + 1,
        )
    rows, more = paging.cut(found, asked.limit)
    return EntryPage(
        items=[
            EntryOut(
                id=row.entry.id,
                at=row.entry.at,
                person=row.person,
                action=row.entry.action,
                subject=row.entry.subject,
                data=row.entry.data,
                position=row.position,
            )
            for row in rows
        ],
        next_cursor=paging.encode(UUID(int=rows[-1].entry.id)) if more else None,
    )


def _id(after: UUID | None) -> int | None:
    """The entry that a cursor names; the largest there can be for a cursor of another list."""
    return min(after.int, 2**63 - 1) if after else None


@router.get("/audit/chain")
def read_chain(caller: Reader, asked: Annotated[ChainQuery, Query()]) -> ChainOut:
    """The head of the chain, and whether it is still what was published."""
    with caller.work() as session:
        position, digest = audit.head(session)
        newest = heads.newest(session)
        verdict = audit.verify(session) if asked.recompute else None
        return ChainOut(
            position=position,
            digest=digest.hex(),
            unlinked=audit.tail(session),
            published=PublishedOut(day=newest.day, position=newest.position, digest=newest.digest.hex())
            if newest
            else None,
            changed=heads.broken_heads(session),
            verdict=VerdictOut(ok=verdict.ok, first_broken=verdict.first_broken) if verdict else None,
        )


@router.get("/settings")
def list_settings(caller: Reader) -> SettingsOut:
    """What this process goes by, and whether somebody set it. A secret is never told, only that there is one."""
    return SettingsOut(items=in_force(caller.context.settings))


def in_force(settings: Settings) -> list[SettingOut]:
    """Every setting, in the order of the code."""
    return [
        SettingOut(
            name=f"BARAZA_{name.upper()}",
            meaning=field.description or "",
            value=_shown(getattr(settings, name)),
            secret=isinstance(getattr(settings, name), SecretStr),
            source="set" if name in settings.model_fields_set else "default",
        )
        for name, field in Settings.model_fields.items()
    ]


def _shown(value: object) -> str | None:
    """A value as text. An address may hold a password wherever it likes: only where it leads is said."""
    if isinstance(value, SecretStr):
        return None
    text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    if "://" not in text:
        return text
    found = urlsplit(text)
    return f"{found.scheme}://{found.netloc.rpartition('@')[2]}"
