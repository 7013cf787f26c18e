"""The desk's pages under test: people who sign in with a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page

from gateway.staff import practice
from gateway.staff.roles import Role
from tests.desk import Office, address, office

__all__ = ["address", "office"]

SignIn = Callable[..., Page]


def digits(office: Office, role: str, *, later: int = 0) -> str:
    """What this person's authenticator shows now, or some steps later."""
    with office.context.work() as session:
        wall = office.context.clock.wall() + timedelta(seconds=30 * later)
        return practice.code_of(session, office.context.vault, practice.email_of(Role(role)), wall)


@pytest.fixture
def sign_in(office: Office, browser: Browser) -> Iterator[SignIn]:
    """Opens a window of its own and signs in, as a person does: e-mail, password, six digits."""
    contexts = []
    with office.context.work() as session:
        practice.seed(session, office.context.vault, office.context.pack, office.context.clock.now())

    def signing_in(role: str, *, width: int = 1280, scripts: bool = True, language: str = "en") -> Page:
        window = browser.new_context(
            base_url=str(office.client.base_url),
            viewport={"width": width, "height": 800},
            java_script_enabled=scripts,
            locale=language,
            bypass_csp=True,  # the checker is a script, and the page's own policy would keep it out
        )
        window.set_default_timeout(30_000)
        contexts.append(window)
        page = window.new_page()
        page.goto("/console")
        page.locator("input[name=email]").fill(practice.email_of(Role(role)))
        page.locator("input[name=password]").fill(practice.PASSWORD)
        page.locator("main button").click()
        page.locator("input[name=code]").fill(digits(office, role))
        page.locator("main button").click()
        page.wait_for_url("**/console")
        return page

    yield signing_in
    for window in contexts:
        window.close()
