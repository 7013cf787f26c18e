"""The hop under whatever a network and two residents can do to it, over real HTTP and real stores.

Hypothesis makes up the sequences; what must hold after every hop and after every sequence is in `Town`.
"""

from __future__ import annotations

import itertools
import json
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import quote_plus
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from gateway.cases.models import Case, CaseEvent
from gateway.context import Context
from gateway.intake.models import Draft
from gateway.residents.models import Resident
from menus import gsm7
from menus.engine import SCREENS
from tests.conftest import SECRET, Stores, make_settings
from tests.web import USSD_CODE, serve

ON = {
    "lang": "12",
    "menu": "11123454",
    "resume": "1123",
    "kind": "267",
    "danger": "1",
    "privacy": "1234",
    "privacy.help": "0",
    "subcounty": "49",
    "ward": "6123",
    "story.more": "1123",
    "confirm": "1111123",
    "change": "1234",
    "receipt.write": "1",
    "info.kind": "123",
    "cases": "12",
    "case": "123",
    "case.answers": "1",
    "case.withdraw": "1",
    "case.receipt": "12",
    "promises": "1234",
    "promise": "12",
    "follow": "1",
    "settings": "123456",
    "settings.language": "12",
    "settings.ward": "12",
    "settings.ward.area": "4",
    "settings.ward.ward": "12",
    "settings.ward.consent": "1",
    "settings.sms": "123",
    "settings.sms.full": "1",
    "data": "12",
    "data.ask": "12",
    "noted": "1",
}
"""Digits that lead on from a screen; everywhere else words are typed."""

FILED = {"end.receipt", "end.nosms", "end.info", "end.data", "receipt.write"}
RECEIPT = re.compile(r"\b\d{4}-\d{3}-\d{4}\b")
NUMBERS = itertools.count(70_000_000)


@dataclass
class Phone:
    """One resident. Words carry the resident's own mark, so that they can be told apart wherever they end up."""

    number: str
    mark: str
    session: str = ""
    text: str = ""
    screen: str = ""
    sent: list[str] = field(default_factory=list)

    def dial(self) -> str:
        self.session, self.sent = "ATUid_" + secrets.token_hex(16), []
        return ""

    def typed(self, answer: str) -> str:
        return f"{self.text}*{answer}" if self.text else answer

    def on(self, words: str, place: int) -> str:
        """What leads on from where the phone is, one way or another; words where the screen offers no choice."""
        ways = ON.get(self.screen)
        return ways[place % len(ways)] if ways else self.own(words)

    def own(self, words: str) -> str:
        return f"{self.mark} {words}" if len(words) > 2 else words


class Town:
    """Two residents and the gateway; everything that must always hold."""

    def __init__(self, http: httpx.Client, context: Context) -> None:
        self.http, self.context = http, context
        first = next(NUMBERS)
        self.phones = [Phone(f"+2547{first}", "qza"), Phone(f"+2541{first}", "qzb")]
        self.answers: dict[tuple[str, str, str], str] = {}
        self.receipts: dict[tuple[str, str, str], str] = {}
        """Receipts shown, by number, session and the text that confirmed."""
        self.told: dict[str, str] = {}
        """Whose receipt it is, by the number that saw it first."""
        self.confirming: set[tuple[str, str, str]] = set()
        for phone in self.phones:
            self.hop(phone, phone.dial())

    def hop(self, phone: Phone, text: str, *, copies: int = 1) -> None:
        """One hop, or several copies of it at once."""
        if copies == 1:
            answers = [self.post(phone, text)]
        else:
            with ThreadPoolExecutor(copies) as at_once:
                answers = list(at_once.map(lambda _: self.post(phone, text), range(copies)))
        bodies = {body for _, body in answers}
        assert len(bodies) == 1, ("copies of one hop differ", bodies)
        (name, body) = answers[0]
        phone.text, phone.screen = text, name
        phone.sent.append(text)
        place = (phone.number, phone.session, text)
        assert self.answers.setdefault(place, body) == body, "a hop that came again got another answer"
        assert {"qza": "qzb", "qzb": "qza"}[phone.mark] not in body, "another's words are shown"
        for receipt in RECEIPT.findall(body):
            assert self.told.setdefault(receipt, phone.number) == phone.number, "another's receipt is shown"
        if name == "confirm":
            self.confirming.add(place)
        if name in FILED:
            self.receipts[place] = RECEIPT.findall(body)[0]

    def post(self, phone: Phone, text: str) -> tuple[str, str]:
        form = {
            "sessionId": phone.session,
            "phoneNumber": phone.number,
            "networkCode": "63902",
            "serviceCode": USSD_CODE,
            "text": text,
        }
        # By hand: a lone surrogate or a byte that is no UTF-8 goes out as it is.
        body = "&".join(f"{name}={quote_plus(value.encode('utf-8', 'surrogatepass'))}" for name, value in form.items())
        return self.raw(body.encode())

    def raw(self, body: bytes) -> tuple[str, str]:
        """Whatever is posted, the answer is 200 and a screen that a handset can show."""
        answer = self.http.post("/ussd", content=body, headers={"content-type": "application/x-www-form-urlencoded"})
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.text[:4] in {"CON ", "END "}
        shown = answer.text[4:]
        assert gsm7.foreign(shown) == []
        assert 0 < gsm7.length(shown) <= 156
        name = answer.headers["at-ussd-hop-metadata"]
        assert name in SCREENS
        assert name not in {"end.busy", "end.notsaved"}, "nothing is broken here"
        return name, answer.text

    def settle(self, known: set[UUID]) -> None:
        """What is stored is what was confirmed, once each, and everybody's words are under their own number."""
        for (number, session, text), receipt in list(self.receipts.items()):
            phone = Phone(number, "", session)
            assert receipt in self.post(phone, text)[1], "a receipt that was shown is not shown again"
        for number, session, confirm in self.confirming:
            sent = {
                receipt
                for (by, under, text), receipt in self.receipts.items()
                if (by, under) == (number, session) and re.fullmatch(re.escape(confirm) + r"\*[^*]*", text)
            }
            assert len(sent) <= 1, "two cases for one confirmation"
        filed = self.stored(known)
        assert sorted(filed) == sorted({RECEIPT_DIGITS(receipt) for receipt in self.receipts.values()})

    def stored(self, known: set[UUID]) -> list[str]:
        """The receipts of new cases; raises where words are under another's number."""
        sealer, receipts = self.context.vault.sealer, []
        with self.context.work() as session:
            numbers = {
                row.id: sealer.open(row.number_sealed, f"residents.number:{row.id}")
                for row in session.execute(sa.select(Resident.id, Resident.number_sealed))
            }
            for case in session.scalars(sa.select(Case).where(Case.id.not_in(known))):
                known.add(case.id)
                receipts.append(sealer.open(case.receipt_sealed, f"cases.receipt:{case.id}"))
                self.belongs(sealer.open(case.story_sealed, f"cases.story:{case.id}"), numbers.get(case.resident_id))
            for event in session.execute(
                sa.select(CaseEvent.id, CaseEvent.text_sealed, Case.resident_id)
                .join(Case, Case.id == CaseEvent.case_id)
                .where(CaseEvent.kind == "resident_wrote")
            ):
                words = sealer.open(event.text_sealed, f"case_events.text:{event.id}")
                self.belongs(words, numbers.get(event.resident_id))
            for draft in session.scalars(sa.select(Draft).where(Draft.resident_id.is_not(None))):
                if draft.checkpoint_sealed:
                    place = f"drafts.checkpoint:{draft.session_key.hex()}"
                    state = json.loads(sealer.open(draft.checkpoint_sealed, place))["state"]
                    self.belongs(json.dumps(state), numbers.get(draft.resident_id))
        return receipts

    def belongs(self, words: str, number: str | None) -> None:
        """Only the owner's mark stands in words that are kept with a number."""
        if number is None:
            return
        theirs = {"qza" if number.startswith("+2547") else "qzb"}
        assert set(re.findall(r"qz[ab]", words)) <= theirs, "words under another's number"


def RECEIPT_DIGITS(receipt: str) -> str:  # noqa: N802  # reads as the constant it stands beside
    return receipt.replace("-", "")


@dataclass(frozen=True)
class Act:
    """One thing that happens; a failure prints as a story of them."""

    who: int
    verb: str
    words: str
    digit: str
    place: int

    def happen(self, town: Town) -> None:
        DO[self.verb](town, town.phones[self.who], self.words, self.digit, self.place)


WHO = st.integers(0, 1)
DIGIT = st.sampled_from([*map(str, range(13)), "00", "98", "77", "", " 1 ", "01", "1.", "rudi", "menu", "\u0661"])
WORDS = st.one_of(
    st.sampled_from(["Maji hakuna", "a*b * c", "*", "**1", "1*1*1", "x" * 61, "\u014bombe \U0001f642", "{receipt} %s"]),
    st.text(max_size=90),
)


def _again(town: Town, phone: Phone, words: str, digit: str, place: int) -> None:
    """An earlier hop comes again, late; the resident goes on from where they were."""
    text, screen = phone.text, phone.screen
    town.hop(phone, phone.sent[place % len(phone.sent)])
    phone.text, phone.screen = text, screen


def _share(town: Town, phone: Phone, words: str, digit: str, place: int) -> None:
    """The aggregator gives one session id to two numbers."""
    phone.session, phone.sent = town.phones[1 - town.phones.index(phone)].session, []
    town.hop(phone, "")


def _hurry(town: Town, phone: Phone, words: str, digit: str, place: int) -> None:
    """Several answers one after the other, each to the screen that is shown: how anything gets filed at all."""
    for step in range(place % 12):
        town.hop(phone, phone.typed(phone.on(words, place + step * digit.count("1"))))


def _raw(town: Town, phone: Phone, words: str, digit: str, place: int) -> None:
    town.raw(words.encode("utf-8", "surrogatepass") + bytes([place, 255 - place]) + b"&text=" + digit.encode())


DO: dict[str, Callable[[Town, Phone, str, str, int], None]] = {
    "goes on": lambda town, phone, words, digit, place: town.hop(phone, phone.typed(phone.on(words, place))),
    "hurries on": _hurry,
    "types": lambda town, phone, words, digit, place: town.hop(phone, phone.typed(phone.own(words))),
    "presses": lambda town, phone, words, digit, place: town.hop(phone, phone.typed(digit)),
    "sends copies": lambda town, phone, words, digit, place: town.hop(
        phone, phone.typed(phone.on(words, place)), copies=3
    ),
    "loses a hop": lambda town, phone, words, digit, place: town.hop(
        phone, phone.typed(phone.on(words, place)) + "*" + digit
    ),
    "comes again": _again,
    "sends only the last": lambda town, phone, words, digit, place: town.hop(phone, phone.on(words, place)),
    "sends anything": lambda town, phone, words, digit, place: town.hop(phone, phone.own(words)),
    "dials": lambda town, phone, words, digit, place: town.hop(phone, phone.dial()),
    "shares a session": _share,
    "raw": _raw,
}
# What leads somewhere comes more often.
VERBS = ["goes on"] * 6 + ["hurries on"] * 4 + ["presses"] * 3 + ["comes again"] * 2 + list(DO)
ACTS = st.builds(Act, who=WHO, verb=st.sampled_from(VERBS), words=WORDS, digit=DIGIT, place=st.integers(0, 60))


@contextmanager
def gateway(stores: Stores) -> Iterator[httpx.Client]:
    """A gateway with time enough: this is about order, not speed."""
    with (
        serve(make_settings(stores, hop_budget=15.0)) as address,
        httpx.Client(base_url=f"{address}/channels/africastalking/{SECRET}", timeout=30) as http,
    ):
        yield http


def fuzz(stores: Stores, context: Context, *, examples: int, steps: int, phases: Sequence[Phase]) -> None:
    known: set[UUID] = set()
    with gateway(stores) as http:

        @settings(
            max_examples=examples,
            deadline=None,
            phases=phases,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
        )
        @given(st.lists(ACTS, min_size=steps // 2, max_size=steps))
        def run(story: list[Act]) -> None:
            town = Town(http, context)
            for act in story:
                note(str(act))
                act.happen(town)
            town.settle(known)

        run()
    assert len(known) > examples // 10, "hardly anything was filed: the sequences do not lead far enough"


QUICK = (Phase.explicit, Phase.reuse, Phase.generate)
"""Without making a failure shorter: that takes minutes."""


def test_whatever_happens_to_the_hops_of_two_residents(stores: Stores, context: Context) -> None:
    fuzz(stores, context, examples=15, steps=30, phases=QUICK)


@pytest.mark.deep
def test_whatever_happens_to_the_hops_of_two_residents_for_long(stores: Stores, context: Context) -> None:
    fuzz(stores, context, examples=150, steps=60, phases=list(Phase))
