"""Who may do what: every endpoint of the staff API by every role, and without a token."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from gateway.cases import files
from gateway.cases.desk_models import Duty, Inquiry
from gateway.cases.models import Case
from gateway.cases.records import Callback, CaseConflict
from gateway.cases.service import Desk
from gateway.commitments.progress_models import ProgressReport
from gateway.intake import calling
from gateway.messaging.models import Broadcast
from gateway.staff.models import Absence, Staff
from gateway.staff.roles import Permission, Role
from tests.desk import NUMBER, Office

R = Permission

BROADCAST = {"kind": "notice", "topic": "KEKAK0001", "text": {"en": "Out.", "sw": "Tayari."}}

NOBODYS = "00000000-0000-0000-0000-000000000000"
TYPED_IN = {"channel": "letter", "kind": "complaint", "category": "DELAY", "story": "No water", "language": "en"}
NONE = {
    "letter": "00000000-0000-0000-0000-000000000001",
    "finding": "00000000-0000-0000-0000-000000000002",
    "recommendation": "00000000-0000-0000-0000-000000000003",
    "claim": "00000000-0000-0000-0000-000000000004",
    "query": "00000000-0000-0000-0000-000000000005",
    "link": "00000000-0000-0000-0000-000000000006",
    "kept": "00000000-0000-0000-0000-000000000009",
    "message": "00000000-0000-0000-0000-000000000010",
    "check": "00000000-0000-0000-0000-000000000007",
    "scorecard": "00000000-0000-0000-0000-000000000008",
    "proposal": "00000000-0000-0000-0000-00000000000a",
    "facility": "00000000-0000-0000-0000-00000000000b",
    "person": "00000000-0000-0000-0000-00000000000c",
}

ANSWER = {"text": "It flows", "by": "The director", "on": "2026-01-05"}
ASKED = {"department": "environment", "text": "Mend it", "due_on": "2099-01-05"}
CAME = {"outcome": "carried_out", "text": "Seen"}

REPORT = {"period": "2025-Q3", "claim": "limited", "activities": "Trees were planted"}
JUDGED = {"judged": "limited", "reasons": "Half of it can be seen"}
ASKED_THEM = {"department": "environment", "question": "Where are the trees?", "due_on": "2099-01-05"}
IDEA = {"title": {"en": "A market with a roof"}, "said_by": "residents"}

CONSENT = {"office": "caj", "given": True, "how": "spoken", "wording": "May we pass it on?"}

ENDPOINTS: list[tuple[str, str, Any, Permission]] = [
    ("GET", "/todo", None, R.READ_CASES),
    ("GET", "/me", None, R.OWN_ACCOUNT),
    ("POST", "/me/proof", {"code": "no digits"}, R.OWN_ACCOUNT),
    ("POST", "/me/language", {"language": "en"}, R.OWN_ACCOUNT),
    ("POST", "/me/password", {"old": "none", "password": "too short"}, R.OWN_ACCOUNT),
    ("POST", "/me/recovery-codes", None, R.OWN_ACCOUNT),
    ("GET", "/me/logins", None, R.OWN_ACCOUNT),
    ("DELETE", f"/me/logins/{NOBODYS}", None, R.OWN_ACCOUNT),
    ("GET", "/cases", None, R.READ_CASES),
    ("GET", "/cases/{serial}", None, R.READ_CASES),
    ("GET", "/cases/{serial}/timeline", None, R.READ_CASES),
    ("GET", "/cases/{serial}/clock", None, R.READ_CASES),
    ("POST", "/cases/{serial}/assign", {"department": "environment"}, R.ASSIGN),
    ("POST", "/cases/{serial}/notes", {"text": "A note"}, R.WRITE_NOTES),
    ("POST", "/cases/{serial}/replies", {"text": "An answer"}, R.REPLY),
    ("POST", "/cases/{serial}/transitions", {"to": "triage"}, R.MOVE),
    ("POST", "/cases/{serial}/category", {"category": "BRIBE", "reason": "It is about manners"}, R.MOVE),
    ("POST", "/cases/{serial}/facility", {"facility": None}, R.MOVE),
    ("POST", "/cases/{serial}/urgency", {"urgent": True, "reason": "A child is ill"}, R.ASSIGN),
    ("POST", "/cases/{serial}/day-zero", {"officer": "CS", "on": "2026-01-05T08:00:00Z"}, R.MOVE),
    ("POST", "/cases/{serial}/extension", {"reason": "Many pages"}, R.MOVE),
    ("POST", "/cases/{serial}/transfer", {"body": "KeRRA", "reason": "Theirs"}, R.MOVE),
    ("GET", "/cases/{serial}/letters", None, R.READ_CASES),
    ("POST", "/cases/{serial}/letters", {"kind": "notice", "text": "Answer us"}, R.MOVE),
    ("GET", f"/cases/{{serial}}/letters/{NONE['letter']}/paper", None, R.READ_CASES),
    ("POST", f"/cases/{{serial}}/letters/{NONE['letter']}/sign", None, R.MOVE),
    ("POST", f"/cases/{{serial}}/letters/{NONE['letter']}/answer", ANSWER, R.WRITE_NOTES),
    ("GET", "/cases/{serial}/findings", None, R.READ_CASES),
    ("POST", "/cases/{serial}/findings", {"text": "It is so", "adverse": False}, R.MOVE),
    ("POST", f"/cases/{{serial}}/findings/{NONE['finding']}/recommendations", ASKED, R.MOVE),
    ("POST", f"/cases/{{serial}}/recommendations/{NONE['recommendation']}/outcome", CAME, R.MOVE),
    ("GET", "/lists", None, R.READ_CASES),
    ("POST", "/lists", {"name": "New ones", "wanted": {"status": "received"}}, R.READ_CASES),
    ("POST", f"/lists/{NONE['kept']}/forget", None, R.READ_CASES),
    ("GET", "/checks", None, R.READ_COMMITMENTS),
    ("POST", "/checks", {"promise": "KEKAK0001", "ward": "1017", "text": BROADCAST["text"]}, R.ASK_RESIDENTS),
    ("POST", "/checks/dry-run", {"promise": "KEKAK0001", "ward": "1017", "text": BROADCAST["text"]}, R.ASK_RESIDENTS),
    ("POST", f"/checks/{NONE['check']}/close", None, R.ASK_RESIDENTS),
    ("POST", f"/checks/{NONE['check']}/outcome", {"text": BROADCAST["text"]}, R.ASK_RESIDENTS),
    ("GET", "/scorecards", None, R.READ_COMMITMENTS),
    ("POST", "/scorecards", {"facility": "none"}, R.ASK_RESIDENTS),
    ("POST", f"/scorecards/{NONE['scorecard']}/close", None, R.ASK_RESIDENTS),
    ("GET", "/facilities", None, R.READ_COMMITMENTS),
    (
        "POST",
        "/facilities",
        {"name": {"en": "A tap", "sw": "Bomba"}, "kind": "water", "ward": "1017"},
        R.PUBLISH_PROGRESS,
    ),
    ("POST", f"/facilities/{NONE['facility']}/retire", None, R.PUBLISH_PROGRESS),
    (
        "POST",
        f"/facilities/{NONE['facility']}/name",
        {"name": {"en": "A tap", "sw": "Bomba"}},
        R.PUBLISH_PROGRESS,
    ),
    (
        "POST",
        f"/scorecards/{NONE['scorecard']}/plan",
        {"promise": "KEKAK0001", "steps": [{"output": {"en": "A tap"}}]},
        R.ASK_RESIDENTS,
    ),
    ("GET", "/staff", None, R.KEEP_ACCOUNTS),
    ("POST", "/staff", {"email": "new@kakamega.example", "name": "Amina", "role": "officer"}, R.KEEP_ACCOUNTS),
    ("GET", f"/staff/{NONE['person']}", None, R.KEEP_ACCOUNTS),
    ("POST", f"/staff/{NONE['person']}/change", {"name": "Amina", "role": "officer"}, R.KEEP_ACCOUNTS),
    *(
        ("POST", f"/staff/{NONE['person']}/{verb}", None, R.KEEP_ACCOUNTS)
        for verb in ("invitation", "sign-out", "end", "open-again")
    ),
    ("GET", "/audit", None, R.READ_TRAIL),
    ("GET", "/audit/chain", None, R.READ_TRAIL),
    ("GET", "/settings", None, R.READ_TRAIL),
    ("GET", "/digest", None, R.READ_CASES),
    ("GET", "/exports/cases", None, R.EXPORT),
    ("GET", "/exports/caj?quarter=2026-Q3", None, R.EXPORT),
    ("GET", "/exports/cases/{serial}", None, R.EXPORT),
    ("POST", "/cases/{serial}/summary", {"text": "A borehole is dry"}, R.RELEASE_WORDS),
    ("POST", "/cases/{serial}/release", {"reason": "They must find it"}, R.RELEASE_WORDS),
    ("POST", "/cases/{serial}/withhold", {"reason": "They found it"}, R.RELEASE_WORDS),
    ("GET", "/cases/{serial}/conflicts", None, R.MARK_CONFLICT),
    ("POST", "/cases/{serial}/conflicts", {"department": "finance", "reason": "It is named"}, R.MARK_CONFLICT),
    ("POST", "/cases/{serial}/conflicts/{conflict}/lift", {"reason": "Another one"}, R.LIFT_CONFLICT),
    ("POST", "/cases/{serial}/identity", {"reason": "To find the place"}, R.SEE_IDENTITY),
    ("POST", "/cases/{serial}/identity/ask", {"reason": "To find the place"}, R.WRITE_NOTES),
    ("GET", "/cases/{serial}/suggestion", None, R.ASSIGN),
    ("GET", "/cases/{serial}/attachments", None, R.READ_CASES),
    ("POST", "/cases/{serial}/attachments", "A page of notes", R.WRITE_NOTES),
    ("GET", "/cases/{serial}/attachments/{attachment}", None, R.READ_CASES),
    ("GET", "/canned-replies", None, R.REPLY),
    ("POST", "/drafts/cost", {"text": "We are on it", "language": "en"}, R.REPLY),
    ("GET", "/absences", None, R.PLAN_LEAVE),
    ("POST", "/absences", {"from_day": "2026-12-21", "until_day": "2026-12-31"}, R.PLAN_LEAVE),
    ("POST", "/absences/{absence}/cancel", None, R.PLAN_LEAVE),
    ("POST", "/absences/{absence}/hand-over", {}, R.ASSIGN),
    ("POST", "/cases", TYPED_IN, R.TAKE_IN),
    ("GET", "/callbacks", None, R.TAKE_IN),
    ("POST", "/callbacks/{callback}/number", {"reason": "They asked for it"}, R.SEE_IDENTITY),
    ("POST", "/callbacks/{callback}/outcome", {"outcome": "no_answer"}, R.TAKE_IN),
    ("GET", "/cases/{serial}/merged", None, R.READ_CASES),
    ("POST", "/cases/{serial}/evidence", {"text": "A photograph"}, R.WRITE_NOTES),
    ("POST", "/cases/{serial}/merge", {"lead": "{lead}"}, R.MOVE),
    ("POST", "/cases/{serial}/unmerge", {}, R.MOVE),
    ("POST", "/cases/{serial}/reprisal", {}, R.ASSIGN),
    ("POST", "/cases/{serial}/reprisal/end", {"text": "It is over"}, R.SUPERVISE),
    ("GET", "/cases/{serial}/admissibility", None, R.READ_STORIES),
    ("POST", "/cases/{serial}/admissibility", {"in_court": True}, R.MOVE),
    ("POST", "/cases/{serial}/not-ours", {"rule": "court"}, R.MOVE),
    ("GET", "/cases/{serial}/not-ours", None, R.READ_STORIES),
    ("POST", "/cases/{serial}/consents/ask", {"office": "caj"}, R.MOVE),
    ("POST", "/cases/{serial}/consents", CONSENT, R.MOVE),
    ("POST", "/cases/{serial}/referral", {"office": "caj", "reason": "It is theirs"}, R.MOVE),
    ("GET", "/inquiries", None, R.READ_STORIES),
    ("POST", "/inquiries", {"title": "Boreholes"}, R.MOVE),
    ("GET", "/inquiries/{inquiry}", None, R.READ_STORIES),
    ("POST", "/inquiries/{inquiry}/plan", {"plan": "Visit each"}, R.MOVE),
    ("POST", "/inquiries/{inquiry}/cases", {"cases": ["{serial}"]}, R.MOVE),
    ("POST", "/inquiries/{inquiry}/cases/remove", {"cases": ["{serial}"]}, R.MOVE),
    ("POST", "/inquiries/{inquiry}/updates", {"text": {"en": "Soon", "sw": "Karibuni"}}, R.REPLY),
    ("POST", "/inquiries/{inquiry}/close", {"report": "Done"}, R.MOVE),
    ("GET", "/reports/solved", None, R.READ_CASES),
    ("GET", "/duties", None, R.READ_CASES),
    ("POST", "/duties/{duty}/done", None, R.MOVE),
    ("GET", "/messages?case={serial}", None, R.READ_MESSAGES),
    ("POST", f"/messages/{NONE['message']}/release", {"reason": "They let it go"}, R.REPLY),
    ("POST", f"/messages/{NONE['message']}/give-up", {"reason": "They hold it"}, R.REPLY),
    ("GET", "/channels", None, R.READ_CHANNELS),
    ("POST", "/channels/africastalking/resume", {"reason": "A new key"}, R.RESUME_CHANNELS),
    ("GET", "/inbound", None, R.READ_STORIES),
    ("GET", "/commitments", None, R.READ_COMMITMENTS),
    ("GET", "/plan/milestones", None, R.READ_COMMITMENTS),
    ("POST", "/plan/milestones", {"csv": "ogp_id,code,output_en"}, R.PUBLISH_PROGRESS),
    ("GET", "/progress/todo", None, R.READ_COMMITMENTS),
    ("GET", "/commitments/KEKAK0002", None, R.READ_COMMITMENTS),
    ("GET", "/commitments/KEKAK0002/changes", None, R.READ_COMMITMENTS),
    ("GET", "/commitments/KEKAK0002/reports", None, R.READ_COMMITMENTS),
    ("POST", "/commitments/KEKAK0002/reports", REPORT, R.REPORT_PROGRESS),
    ("POST", "/reports/{report}/publish", {}, R.PUBLISH_PROGRESS),
    ("POST", "/reports/{report}/return", {"reason": "Which trees?"}, R.PUBLISH_PROGRESS),
    ("POST", "/commitments/KEKAK0002/assessments", JUDGED, R.MONITOR),
    ("POST", f"/claims/{NONE['claim']}/audits", {"found": "No tree"}, R.MONITOR),
    ("POST", "/commitments/KEKAK0002/queries", ASKED_THEM, R.MONITOR),
    ("POST", f"/queries/{NONE['query']}/answer", {"text": "By the river"}, R.REPORT_PROGRESS),
    ("GET", "/commitments/KEKAK0002/links", None, R.LINK_PROMISES),
    ("POST", "/commitments/KEKAK0002/links", {"category": "DELAY"}, R.LINK_PROMISES),
    ("POST", f"/commitments/KEKAK0002/links/{NONE['link']}/end", None, R.LINK_PROMISES),
    ("GET", "/proposals", None, R.READ_COMMITMENTS),
    ("POST", "/proposals", IDEA, R.LINK_PROMISES),
    ("POST", f"/proposals/{NONE['proposal']}/decision", {"to": "published"}, R.PUBLISH_PROGRESS),
    ("GET", "/broadcasts", None, R.READ_MESSAGES),
    ("POST", "/broadcasts", BROADCAST, R.PUBLISH_UPDATES),
    ("GET", "/broadcasts/{draft}", None, R.READ_MESSAGES),
    ("GET", "/broadcasts/{draft}/dry-run", None, R.READ_MESSAGES),
    ("POST", "/broadcasts/{draft}/approve", None, R.PUBLISH_UPDATES),
    ("POST", "/broadcasts/{running}/pause", None, R.PUBLISH_UPDATES),
    ("POST", "/broadcasts/{paused}/resume", None, R.PUBLISH_UPDATES),
    ("POST", "/broadcasts/{running}/cancel", None, R.PUBLISH_UPDATES),
    ("POST", "/commitments/KEKAK0001/updates", {"text": {"en": "Out.", "sw": "Tayari."}}, R.PUBLISH_UPDATES),
]

DONE_OTHERWISE = {
    "/checks": 422,  # nothing is claimed that could be checked
    "/checks/dry-run": 422,
    f"/checks/{NONE['check']}/close": 404,
    f"/checks/{NONE['check']}/outcome": 404,
    "/scorecards": 422,  # nobody named that facility
    f"/facilities/{NONE['facility']}/retire": 404,
    f"/facilities/{NONE['facility']}/name": 404,
    f"/scorecards/{NONE['scorecard']}/close": 404,
    f"/scorecards/{NONE['scorecard']}/plan": 404,
    f"/proposals/{NONE['proposal']}/decision": 404,
    **{
        f"/staff/{NONE['person']}{verb}": 404
        for verb in ("", "/change", "/invitation", "/sign-out", "/end", "/open-again")
    },
    "/me/proof": 403,  # wrong digits
    "/me/language": 204,
    "/me/password": 422,  # too short
    f"/me/logins/{NOBODYS}": 404,  # a login that is not one's own
    f"/lists/{NONE['kept']}/forget": 404,
    "/cases/{serial}/day-zero": 422,  # a complaint has none
    "/cases/{serial}/extension": 422,
    "/cases/{serial}/transfer": 422,
    f"/cases/{{serial}}/letters/{NONE['letter']}/paper": 404,  # there is no such letter
    f"/cases/{{serial}}/letters/{NONE['letter']}/sign": 404,
    f"/cases/{{serial}}/letters/{NONE['letter']}/answer": 404,
    f"/cases/{{serial}}/findings/{NONE['finding']}/recommendations": 404,
    f"/cases/{{serial}}/recommendations/{NONE['recommendation']}/outcome": 404,
    f"/claims/{NONE['claim']}/audits": 404,
    f"/messages/{NONE['message']}/release": 404,
    f"/messages/{NONE['message']}/give-up": 404,
    f"/queries/{NONE['query']}/answer": 404,
    f"/commitments/KEKAK0002/links/{NONE['link']}/end": 404,
    "/exports/cases": 403,  # no code of the second factor was given lately
    "/exports/caj?quarter=2026-Q3": 403,
    "/exports/cases/{serial}": 403,
}
"""What answers otherwise than 200 or 201 to the request above."""

OWN = {R.OWN_ACCOUNT, R.READ_COMMITMENTS}
MACHINES = {R.KEEP_ACCOUNTS, R.READ_TRAIL}

MAY: dict[str, set[Permission]] = {
    "intake": {
        R.OWN_ACCOUNT,
        R.READ_CASES,
        R.READ_STORIES,
        R.WRITE_NOTES,
        R.ASSIGN,
        R.READ_MESSAGES,
        R.READ_COMMITMENTS,
        R.MARK_CONFLICT,
        R.TAKE_IN,
        R.PLAN_LEAVE,
        R.READ_CHANNELS,
    },
    "officer": set(Permission)
    - MACHINES
    - {R.LIFT_CONFLICT, R.RESUME_CHANNELS, R.SUPERVISE, R.PUBLISH_PROGRESS, R.REPORT_PROGRESS, R.MONITOR},
    "focal": OWN | {R.READ_CASES, R.WRITE_NOTES, R.PLAN_LEAVE, R.REPORT_PROGRESS},
    "supervisor": set(Permission) - MACHINES - {R.REPORT_PROGRESS, R.MONITOR},
    "oversight": OWN | {R.READ_CASES, R.EXPORT, R.MONITOR, R.ASK_RESIDENTS},
    "admin": OWN | MACHINES | {R.READ_CHANNELS, R.RESUME_CHANNELS},
}
"""Said once more here, by hand: a change of the table in the code must be meant."""


def a_broadcast(office: Office, status: str) -> UUID:
    with office.context.work() as session:
        row = Broadcast(
            kind="notice",
            topic="KEKAK0001",
            bodies=BROADCAST["text"],
            status=status,
            created_at=office.context.clock.now(),
        )
        session.add(row)
        session.flush()
        return row.id


def a_conflict(office: Office, serial: str) -> UUID:
    with office.context.work() as session:
        case = sa.select(Case.id).where(Case.serial == serial).scalar_subquery()
        someone = sa.select(Staff.id).limit(1).scalar_subquery()
        now = office.context.clock.now()
        values = {"case_id": case, "about": "department", "unit": "assembly", "marked_by": someone, "marked_at": now}
        return session.execute(sa.insert(CaseConflict).values(values).returning(CaseConflict.id)).scalar_one()


def a_callback(office: Office) -> UUID:
    with office.context.work() as session:
        now, resident = office.context.clock.now(), office.resident(session, NUMBER)
        calling.ask(
            session, resident=resident, language="sw", hours="any", wording="We call you.", channel="ussd", now=now
        )
        return session.scalars(sa.select(Callback.id).where(Callback.closed_at.is_(None))).one()


def an_absence(office: Office, role: str) -> UUID:
    with office.context.work() as session:
        now = office.context.clock.now()
        own = sa.select(Staff.id).where(Staff.email.startswith(f"{role}@")).scalar_subquery()
        values = {"staff_id": own, "from_day": now.date(), "until_day": now.date(), "entered_at": now}
        return session.execute(sa.insert(Absence).values(values).returning(Absence.id)).scalar_one()


def a_file(office: Office, serial: str) -> UUID:
    """A file that the department may read."""
    context = office.context
    with context.work() as session:
        case = session.scalars(sa.select(Case).where(Case.serial == serial)).one()
        someone = session.scalars(sa.select(Staff).limit(1)).one()
        desk = Desk(session, context.vault, context.pack, someone, context.clock.now())
        return UUID(str(files.attach(desk, case, context.settings.files, "notes.txt", b"Notes", "department").id))


def sent(body: Any) -> dict[str, Any]:
    """How a body is sent: words as a file, everything else as JSON."""
    return {"content": body, "headers": {"X-File-Name": "notes.txt"}} if isinstance(body, str) else {"json": body}


def places_for(office: Office, path: str, serial: str, role: str) -> dict[str, UUID]:
    """What a path names beside the case, made as far as it is needed."""
    made = {name: a_broadcast(office, name) for name in ("draft", "running", "paused") if f"{{{name}}}" in path}
    if "{absence}" in path:
        made["absence"] = an_absence(office, role)
    if "{attachment}" in path:
        made["attachment"] = a_file(office, serial)
    if "{callback}" in path:
        made["callback"] = a_callback(office)
    if "{conflict}" in path:
        made["conflict"] = a_conflict(office, serial)
    if "{inquiry}" in path:
        made["inquiry"] = an_inquiry(office, serial if path.endswith("/remove") else None)
    if "{report}" in path:
        made["report"] = a_report(office)
    if "{duty}" in path:
        made["duty"] = a_notice(office)
    return made


def a_report(office: Office) -> UUID:
    """A report that waits for a supervisor."""
    with office.context.work() as session:
        someone = session.scalars(sa.select(Staff.id).limit(1)).one()
        row = ProgressReport(
            ogp_id="KEKAK0002",
            department_code="environment",
            language="en",
            written_by=someone,
            written_at=office.context.clock.now(),
            **REPORT,
        )
        session.add(row)
        session.flush()
        return UUID(str(row.id))


def an_inquiry(office: Office, member: str | None) -> UUID:
    with office.context.work() as session:
        someone = sa.select(Staff.id).limit(1).scalar_subquery()
        id_, now = uuid4(), office.context.clock.now()
        sealed = office.context.vault.sealer.seal("Boreholes", f"inquiries.title:{id_}")
        values = {"id": id_, "title_sealed": sealed, "opened_by": someone, "opened_at": now}
        session.execute(sa.insert(Inquiry).values(values))
    if member:
        office.change_case(member, inquiry_id=id_)
    return id_


def a_notice(office: Office) -> UUID:
    with office.context.work() as session:
        row = Duty(kind="spike", subject=f"ward:{uuid4().hex[:8]}", since=office.context.clock.now())
        session.add(row)
        session.flush()
        return row.id


def state_for(office: Office, path: str, lead: UUID) -> dict[str, Any]:
    """What a case must be for a path to have something to do."""
    punished = office.context.clock.now() if path.endswith("/reprisal/end") else None
    consent = {"refer_to": "caj", "consent": "given"} if path.endswith("/referral") else {}
    calm = {"urgent": False} if path.endswith("/urgency") else {}
    told = {"facility_code": "1017-1"} if path.endswith("/facility") else {}
    return {"reprisal_at": punished, **calm, **told, **consent, "lead_id": lead if path.endswith("/unmerge") else None}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_does_what_its_table_says(office: Office, role: str) -> None:
    filed = office.file()
    office.change_case(filed.serial, department_code="environment")
    office.token(role)
    (own,) = office.rows(Staff, Staff.role == role)
    lead = office.file()
    for method, path, body, needed in ENDPOINTS:
        state = state_for(office, path, lead.id)
        office.change_case(filed.serial, status="received", assignee_id=own.id, **state)
        body = {"lead": lead.serial} if path.endswith("/merge") else body
        body = {"cases": [filed.serial]} if path.startswith("/inquiries/") and body and "cases" in body else body
        places = places_for(office, path, filed.serial, role)
        answer = office.ask(method, path.format(serial=filed.serial, **places), role, **sent(body))
        said = (path, answer.status_code)
        if role == "oversight" and "{attachment}" in path:
            assert said == (path, 404), "oversight reads no file"
        elif needed in MAY[role]:
            assert said in {(path, 200), (path, 201), (path, DONE_OTHERWISE.get(path))}
            assert '"permission"' not in answer.text
        else:
            assert said == (path, 403)
            assert answer.json()["permission"] == needed


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer nonsense", "Basic b2ZmaWNlcjpwYXNz", "Bearer é"])
def test_without_a_token_nothing_is_told(office: Office, header: str) -> None:
    filed = office.file()
    for method, path, body, _ in ENDPOINTS:
        made_up = dict.fromkeys(
            (
                "draft",
                "running",
                "paused",
                "conflict",
                "callback",
                "absence",
                "attachment",
                "duty",
                "inquiry",
                "report",
            ),
            uuid4(),
        )
        address = f"/api/v1{path.format(serial=filed.serial, **made_up)}"
        headers = {b"Authorization": header.encode("latin-1")} if header else {}
        options = sent(body)
        options.pop("headers", None)
        answer = office.client.request(method, address, headers=headers, **options)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["code"] == "unauthorized"


def named(path: str) -> str:
    """The path as the document spells it."""
    plain = re.sub("KEKAK000[12]", "{ogp_id}", path.partition("?")[0]).replace(NOBODYS, "{login}")
    for name, none in NONE.items():
        plain = plain.replace(none, f"{{{name}}}")
    plain = plain.replace("africastalking", "{channel}").replace("/plan/milestones", "/plan/{table}")
    return re.sub(r"\{(draft|running|paused)\}", "{broadcast}", plain)


def test_every_route_of_the_api_is_in_the_table(office: Office) -> None:
    """A route that is added without a row above fails here; each must ask for a token."""
    document = office.client.get("/openapi.json").json()
    routes = {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, methods in document["paths"].items()
        if path.startswith("/api/")
        for method in methods
    }
    listed = {(method, named(path)) for method, path, _, _ in ENDPOINTS}
    assert routes == listed
    for path, methods in document["paths"].items():
        if path.startswith("/api/"):
            assert all(operation["security"] for operation in methods.values())
