"""Who keeps accounts and machines: accounts from the first link to their end, the audit trail, the settings."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from gateway.staff import audit, practice, sessions
from gateway.staff.models import AuditEntry, RecoveryCode, Staff, StaffCredential, StaffSession
from gateway.staff.roles import Role
from tests.console.conftest import SignIn, digits
from tests.console.test_a_day import fits
from tests.desk import Office

pytestmark = pytest.mark.browser

OFFICER = practice.email_of(Role.OFFICER)


def prove_again(office: Office, page: Page) -> None:
    """The second factor once more, where a page asks for it."""
    page.locator("input[name=code]").fill(digits(office, "admin", later=1))
    page.locator("main button").click()


def test_an_administrator_keeps_accounts(office: Office, sign_in: SignIn) -> None:
    officer = sign_in("officer")
    assert officer.goto("/console/staff").status == 403  # type: ignore[union-attr]
    admin = sign_in("admin", width=360)
    with office.context.work() as session:  # as after a long morning
        session.execute(sa.update(StaffSession).values(proved_at=office.context.clock.now() - 2 * sessions.FRESH))
    admin.get_by_role("link", name="Accounts").click()
    expect(admin.get_by_role("listitem")).to_have_count(len(Role))
    fits(admin)
    admin.get_by_label("E-mail").fill("amina@kakamega.example")
    admin.get_by_label("Name").fill("Amina Wanjala")
    admin.locator("select[name=role]").last.select_option("focal")
    admin.get_by_role("button", name="Add it").click()
    prove_again(office, admin)
    admin.get_by_role("button", name="Add it").click()  # what was written was kept
    expect(admin.get_by_role("alert")).to_contain_text("A focal person needs a department.")
    admin.locator("select[name=department]").select_option("environment")
    admin.get_by_role("button", name="Add it").click()
    expect(admin.get_by_text("not invited yet")).to_be_visible()
    fits(admin)
    admin.get_by_role("button", name="Make a link").click()
    link = admin.get_by_role("status").locator("code").inner_text()
    fits(admin)
    expect(admin.locator(".at")).to_contain_text("invited until")
    guest = officer.context.browser.new_page()  # type: ignore[union-attr]
    assert guest.goto(link).status == 200  # type: ignore[union-attr]
    guest.close()
    admin.goto(admin.url)
    assert link not in admin.content(), "it is told once"

    admin.goto("/console/staff?role=officer")
    admin.get_by_role("link", name="Demo Officer").click()
    admin.get_by_role("button", name="End the account").click()
    expect(admin.get_by_text("This account ended.")).to_be_visible()
    officer.goto("/console")
    assert "/console/sign-in" in officer.url
    (ended,) = office.rows(Staff, Staff.email == OFFICER)
    with office.context.work() as session:
        assert session.get(StaffCredential, ended.id) is None
        assert session.query(RecoveryCode).filter_by(staff_id=ended.id).count() == 0
    admin.get_by_role("button", name="Open it again").click()
    expect(admin.get_by_text("not invited yet")).to_be_visible()
    admin.goto("/console/staff?role=admin")
    admin.locator(".cases a").click()
    expect(admin.get_by_role("button", name="End the account")).to_have_count(0)
    (own,) = office.rows(Staff, Staff.role == "admin", Staff.email == practice.email_of(Role.ADMIN))
    rows = office.rows(AuditEntry, AuditEntry.staff_id == own.id, ~AuditEntry.action.in_(["staff.signed_in"]))
    assert [row.action for row in rows] == [
        "staff.proved_again",
        "staff.added",
        "staff.invited",
        "staff.tokens_revoked",
        "staff.signed_out",
        "staff.ended",
        "staff.opened_again",
    ]


def test_the_audit_trail_and_the_settings_are_read_at_the_desk(office: Office, sign_in: SignIn) -> None:
    admin = sign_in("admin", language="sw")
    with office.context.work() as session:
        session.execute(sa.insert(AuditEntry).values(action="case.moved", subject="KAK-2026-000007", data={"to": "é"}))
    admin.get_by_role("link", name="Kumbukumbu").click()
    expect(admin.get_by_text("KAK-2026-000007")).to_be_visible()
    fits(admin)
    admin.locator("input[name=action]").fill("staff.signed")
    admin.locator("main form button").click()
    expect(admin.locator(".entries li")).to_have_count(1)
    expect(admin.locator(".entries")).to_contain_text(practice.email_of(Role.ADMIN))
    with office.context.work() as session:
        audit.link(session, whole=True)
    admin.get_by_role("link", name="Uhesabu upya").click()
    expect(admin.get_by_role("status")).to_be_visible()
    admin.set_viewport_size({"width": 360, "height": 800})
    fits(admin)
    admin.goto("/console/settings")
    expect(admin.get_by_text("BARAZA_SEALING_KEYS")).to_be_visible()
    settings = office.context.settings
    for secret in (settings.sealing_keys, settings.lookup_key, settings.callback_secrets):
        assert secret.get_secret_value() not in admin.content()
    fits(admin)
