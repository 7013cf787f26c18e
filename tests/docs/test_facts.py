"""Plain figures and confessions in the documents are the code's own; when one changes, its sentence must."""

from __future__ import annotations

import inspect

from gateway.channels.africastalking import AfricasTalking
from gateway.intake.sessions import SESSION_SECONDS
from gateway.pack import load
from gateway.staff.service import issue_token
from operations.parts import GRACE
from tests.docs.documents import read
from tests.docs.test_compose import SERVICES

PACK = load("kakamega")


def test_the_readme_says_that_the_kiswahili_is_unreviewed_for_as_long_as_it_is() -> None:
    assert ("Kiswahili is unreviewed" in read("README.md")) == ("sw" in PACK.unreviewed)


def test_the_codes_are_the_demos() -> None:
    codes = PACK.about.codes
    assert codes.demo
    assert f"the codes `{codes.ussd}` and {codes.sms}" in read("README.md")


def test_quiet_hours_are_told_as_the_pack_has_them() -> None:
    quiet = PACK.about.quiet_hours
    assert f"({quiet.start:%H:%M} to {quiet.end:%H:%M} in Nairobi)" in read("README.md")


def test_how_long_things_are_kept() -> None:
    privacy, limits = read("docs/privacy.md"), PACK.about.limits
    assert f"`draft_days` of the pack ({limits.draft_days})" in privacy
    assert limits.receipt_guesses_a_day == limits.unlock_guesses_a_day == 5
    assert privacy.count("five tries a day") == 2
    assert f"{SESSION_SECONDS // 60} minutes" in privacy
    days = inspect.signature(issue_token).parameters["days"].default
    assert f"valid for {days} days" in read("docs/production.md")


def test_what_is_assumed_of_the_aggregator() -> None:
    assert f"at most {AfricasTalking.batch}; 429 means wait" in read("docs/production.md")
    assert f"{PACK.guide.room} characters beside it" in read("docs/production.md")


def test_a_worker_is_given_the_time_it_needs_to_stop() -> None:
    given = {int(SERVICES[name]["stop_grace_period"].rstrip("s")) for name in SERVICES if name.startswith("worker")}
    assert given == {45}
    assert min(given) >= GRACE
    assert "45 seconds to the workers" in read("docs/production.md").replace("\n", " ")
