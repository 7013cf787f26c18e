"""Files that staff put with a case: kinds known by their content, sealed in a folder, checked when they are read.

The name of a stored file is the SHA-256 of its sealed bytes: who lists the folder learns nothing of what is in it, not
even whether it is a document they know, and whoever copies the folder can check it without the key.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from sqlalchemy.orm import Session

from gateway.cases.models import Case
from gateway.cases.records import Attachment
from gateway.cases.service import Desk, happened
from gateway.cases.visibility import in_office
from gateway.errors import Invalid, NotFound, Unavailable, filled
from gateway.ids import new_id
from gateway.staff import audit
from gateway.staff.models import Staff
from gateway.staff.roles import Role

MOST = 5 * 1024 * 1024
"""Bytes of the largest file."""

TEXT = "text/plain"
_ORPHANED = 24 * 3600.0
"""Seconds after which a file without its row is of no upload that still runs."""
_AT_ONCE = 500
_MAGIC = {b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_ENDING = {"application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpg", TEXT: ".txt"}
TYPES = frozenset(_ENDING)
"""Media types that are taken."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Opened:
    """A file as it was put there."""

    name: str
    media_type: str
    content: bytes


def kind_of(content: bytes) -> str:
    """The media type that a file's own bytes show. Raises `Invalid` for any but PDF, PNG, JPEG, plain text (UTF-8)."""
    for magic, media_type in _MAGIC.items():
        if content.startswith(magic):
            return media_type
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = "\x00"
    if not content or _CONTROL.search(text):
        raise Invalid("only PDF, PNG, JPEG and plain text can be put with a case")
    return TEXT


def attach(desk: Desk, case: Case, folder: str | None, name: str, content: bytes, audience: str) -> Attachment:
    """Put a file with a case, sealed. What a focal person puts there is read by department and office.

    Raises `Invalid` for a kind or size that is not taken, `Unavailable` where no folder is set.
    """
    if not folder:
        raise Unavailable("this deployment keeps no files: BARAZA_FILES is not set")
    if len(content) > MOST:
        raise Invalid(filled("a file may have {most} bytes at most", most=MOST))
    media_type = kind_of(content)
    row = Attachment(id=new_id(), case_id=case.id, media_type=media_type, size=len(content), added_at=desk.now)
    row.audience = "department" if desk.staff.role == Role.FOCAL else audience
    row.name_sealed = desk.vault.sealer.seal(_tidy(name, media_type), _place("name", row.id))
    sealed = desk.vault.sealer.seal_bytes(content, _place("content", row.id))
    row.file = hashlib.sha256(sealed).hexdigest()
    row.content_digest = desk.vault.lookup.digest("attachment", hashlib.sha256(content).hexdigest())
    data = {"attachment": str(row.id), "media_type": media_type, "size": len(content)}
    row.event_id = happened(desk, case, "attached", audience=row.audience, data=data).id
    desk.session.add(row)
    desk.session.flush()
    _store(Path(folder), row.file, sealed)
    return row


def _place(what: str, attachment: UUID) -> str:
    return f"attachments.{what}:{attachment}"


def _tidy(name: str, media_type: str) -> str:
    """The last part of a path, with the ending of what the file really is."""
    last = re.split(r"[/\\]", name)[-1]
    stem = re.sub(r"[^\w .()-]", "_", last.rsplit(".", 1)[0]).strip(" .")[:80]
    return (stem or "file") + _ENDING[media_type]


def _store(folder: Path, name: str, sealed: bytes) -> None:
    """Write the whole file before it has its name; only its owner may read it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = folder / f".{secrets.token_hex(8)}"
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(folder / name)


def sweep(session: Session, folder: str | None, *, now: float) -> int:
    """Delete files older than a day that no case has: of uploads that broke off; how many. `now` in seconds."""
    if not folder or not Path(folder).is_dir():
        return 0
    old = [path for path in Path(folder).iterdir() if path.is_file() and path.stat().st_mtime < now - _ORPHANED]
    swept = 0
    for at in range(0, len(old), _AT_ONCE):
        batch = old[at : at + _AT_ONCE]
        known = set(session.scalars(sa.select(Attachment.file).where(Attachment.file.in_([one.name for one in batch]))))
        for path in batch:
            if path.name not in known:
                path.unlink(missing_ok=True)
                swept += 1
    return swept


def list_attachments(
    session: Session, staff: Staff, case: Case, *, after: UUID | None, limit: int
) -> Sequence[Attachment]:
    """Up to `limit` files of a case that `staff` may open, oldest first, after the one with id `after`."""
    statement = _readable(staff, case).order_by(Attachment.id).limit(limit)
    return session.scalars(statement if after is None else statement.where(Attachment.id > after)).all()


def _readable(staff: Staff, case: Case) -> sa.Select[Attachment]:
    return sa.select(Attachment).where(Attachment.case_id == case.id, Attachment.audience.in_(_audiences(staff)))


def _audiences(staff: Staff) -> Sequence[str]:
    if in_office(staff):
        return ("department", "internal")
    return ("department",) if staff.role == Role.FOCAL else ()


def open_attachment(desk: Desk, case: Case, folder: str | None, attachment: UUID) -> Opened:
    """One file, checked against its hashes; that it was opened is audited.

    Raises `NotFound` when it is not theirs to see, `Unavailable` when it is gone or not what was stored.
    """
    row = desk.session.scalar(_readable(desk.staff, case).where(Attachment.id == attachment))
    if row is None:
        raise NotFound
    audit.record(
        desk.session,
        staff_id=desk.staff.id,
        action="attachment.opened",
        subject=case.serial,
        data={"attachment": str(row.id)},
    )
    return Opened(name_of(desk, row), row.media_type, _read(desk, Path(folder or "."), row))


def name_of(desk: Desk, row: Attachment) -> str:
    """What the file is called."""
    return desk.vault.sealer.open(row.name_sealed, _place("name", row.id))


def _read(desk: Desk, folder: Path, row: Attachment) -> bytes:
    try:
        sealed = (folder / row.file).read_bytes()
        content = desk.vault.sealer.open_bytes(sealed, _place("content", row.id))
    except (OSError, InvalidTag, KeyError, IndexError) as error:
        raise Unavailable("the file is gone, or not what was stored") from error
    digest = desk.vault.lookup.digest("attachment", hashlib.sha256(content).hexdigest())
    if hashlib.sha256(sealed).hexdigest() != row.file or digest != row.content_digest:
        raise Unavailable("the file is not what was stored")
    return content
