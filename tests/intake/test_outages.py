"""Parts really stopped, slow or changed while a resident is inside: what is read then is short and true."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.cases.models import Case
from gateway.context import Context
from gateway.database import sqlalchemy_url
from gateway.pack_load import load_pack
from gateway.settings import Settings
from operations.embedded import start_postgres, start_valkey
from operations.migrate import upgrade
from tests.conftest import SECRET, Stores, make_settings
from tests.intake.test_hops import COMPLAINT, count, hops_of
from tests.web import Handset, serve


@pytest.fixture
def own() -> Iterator[tuple[Stores, Handset, Context]]:
    """Stores that this test may stop."""
    folder = Path(tempfile.mkdtemp(prefix="baraza-outage-"))
    folder.chmod(0o755)
    stores = Stores(folder)
    settings = make_settings(stores)
    upgrade(settings)
    load_pack(settings)
    context = Context.make(settings)
    with serve(settings) as address:
        yield stores, Handset(address, SECRET), context
    context.close()
    stores.stop()
    shutil.rmtree(folder, ignore_errors=True)


def test_without_valkey_the_whole_journey_is_rebuilt_from_text_and_draft(
    own: tuple[Stores, Handset, Context],
) -> None:
    stores, handset, context = own
    handset.dial()
    stores.valkey.stop()
    names = []
    for text in hops_of(COMPLAINT)[1:]:
        handset.hop(text)
        names.append(handset.name)
    assert names == ["menu", "kind", "privacy", "subcounty", "ward", "story", "confirm", "end.receipt"]
    assert count(context, Case) == 1
    first = handset.screen
    assert handset.hop("*".join(COMPLAINT)) == first
    assert count(context, Case) == 1
    stores.valkey = start_valkey(stores.folder)
    assert "Make a complaint" in handset.dial()


def test_without_valkey_two_processes_read_the_same_digits_alike(own: tuple[Stores, Handset, Context]) -> None:
    """One that has not seen a session asks again who may know the number: what is answered then counts everywhere."""
    stores, one, context = own
    stores.valkey.stop()
    with serve(context.settings) as address:
        other = Handset(address, SECRET)
        one.dial()
        one.type("1", "1", "2")
        other.session = one.session
        other.hop("1*1*2*1")
        assert (one.name, other.name) == ("privacy", "privacy")
        for text, screen in (("1*1*2*1*3", "subcounty"), ("1*1*2*1*3*4", "ward"), ("1*1*2*1*3*4*6", "story")):
            assert one.hop(text) == other.hop(text)
            assert one.name == other.name == screen
        one.dial()
        one.type("1", "1", "2", "3", "4", "6")
        other.session = one.session
        other.hop(f"{one.text}*Water point dry")  # letters cannot be dialled: all screens before them were seen
        assert (other.name, '"Water point dry"' in other.screen) == ("confirm", True)
        one.hop(f"{one.text}*Water point dry*1")
    with context.work() as session:
        case = session.scalars(sa.select(Case)).one()
        assert (case.privacy, case.ward_code, case.resident_id) == ("not_kept", "1014", None)


@pytest.mark.parametrize("story", ["Water point dry", "Water * point dry"])
def test_a_valkey_that_hung_for_two_hops_does_not_make_words_of_what_was_answered_meanwhile(
    own: tuple[Stores, Handset, Context], story: str
) -> None:
    """Its list of the session lacks a hop then, but is there; the draft knows more."""
    stores, handset, context = own
    handset.dial()
    handset.type("1", "1", "2", "1", "4")
    os.kill(stores.valkey.pid, signal.SIGSTOP)
    try:
        handset.type("6", story)
        assert (handset.name, f'"{story}"' in handset.screen) == ("confirm", True)
    finally:
        os.kill(stores.valkey.pid, signal.SIGCONT)
    assert wait_until(stores.valkey.program.answers, stores.valkey.pid)
    first = handset.type("1")
    assert handset.name == "end.receipt"
    assert handset.hop(handset.text) == first
    assert count(context, Case) == 1


def wait_until(answers: Callable[[int], object], pid: int) -> bool:
    until = time.monotonic() + 10
    while not answers(pid) and time.monotonic() < until:
        time.sleep(0.05)
    return bool(answers(pid))


def test_without_postgres_menus_can_be_read_and_filing_says_that_nothing_was_sent(
    own: tuple[Stores, Handset, Context],
) -> None:
    stores, handset, context = own
    stores.postgres.stop()
    assert "Chagua lugha" in handset.dial()
    handset.type("2", "4")
    assert handset.name == "promises"
    assert handset.type("1").startswith("END Samahani, hatuwezi kuonyesha hilo sasa.")
    handset.dial()
    assert handset.type("2", "1", "2", "1", "4", "6", "Hakuna maji").startswith(
        "END Samahani, haikuhifadhiwa na HAIJATUMWA."
    )
    stores.postgres = start_postgres(stores.folder)
    # The session goes on where it stood: the very hop that failed is saved now.
    handset.hop(handset.text)
    assert handset.name == "confirm"
    assert handset.type("1").startswith("END Asante.")
    assert count(context, Case) == 1


def test_a_hop_that_cannot_be_answered_in_time_says_try_again_and_keeps_the_draft(
    context: Context, stores: Stores, owner: sa.Engine
) -> None:
    with serve(make_settings(stores, hop_budget=0.4)) as address:
        handset = Handset(address, SECRET)
        handset.dial()
        handset.type(*COMPLAINT[:-1])
        with owner.begin() as connection:
            connection.execute(sa.text("LOCK TABLE cases IN ACCESS EXCLUSIVE MODE"))
            slow = "END Sorry, we are slow now. Please dial *384*1# again in a few minutes."
            assert handset.type("1") == f"{slow}\nIt may be sent already: look in My cases first."
        assert "You did not finish last time." in handset.dial() or count(context, Case) == 1
    # Whichever came first, the words are there once: as a draft to go on with, or as the case the slow hop filed.
    assert count(context, Case) <= 1


@pytest.fixture
def changed(context: Context, stores: Stores, tmp_path: Path) -> Settings:
    """The same deployment after its pack was edited."""
    pack = tmp_path / "kakamega"
    shutil.copytree("packs/kakamega", pack)
    about = pack / "pack.toml"
    about.write_text(about.read_text().replace('en = "Baraza, Kakamega County"', 'en = "Baraza of Kakamega"'))
    return make_settings(stores, pack=str(pack))


def test_a_session_that_began_under_another_pack_is_told_to_dial_again(
    context: Context, settings: Settings, changed: Settings
) -> None:
    with serve(settings) as before, serve(changed) as after:
        handset, later = Handset(before, SECRET), Handset(after, SECRET)
        handset.dial()
        handset.type("2", "1")
        later.session = handset.session
        assert later.hop("2*1*2").startswith("END Menyu yetu imebadilika"), "in the language chosen a moment ago"
        assert later.name == "end.changed"
        assert "Baraza of Kakamega" in later.dial() or later.name == "lang"
        # Under its own version the session goes on.
        assert handset.type("2").startswith("CON Nani ajue nambari yako ya simu?")


def test_the_address_of_the_database_is_in_no_answer(own: tuple[Stores, Handset, Context]) -> None:
    stores, handset, _ = own
    stores.postgres.stop()
    address = sqlalchemy_url(stores.postgres.url)
    for text in hops_of(COMPLAINT):
        answer = handset.hop(text)
        assert str(address.port) not in answer
        assert len(answer) <= 160
