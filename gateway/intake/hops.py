"""One USSD hop: hear, fold, do what was asked in one transaction, answer. The state machine itself is in `menus`."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import redis
import sqlalchemy as sa
import structlog
from psycopg.errors import UniqueViolation

from gateway.channels.base import Hop
from gateway.connections import LOST, Connections
from gateway.context import Context
from gateway.database import once_more
from gateway.deadline import Deadline
from gateway.intake import drafts
from gateway.intake.caller import Who
from gateway.intake.effects import perform
from gateway.intake.facts import FACTS
from gateway.intake.memory import Memories, Walks, Way
from gateway.intake.paths import Paths
from gateway.intake.sessions import History, Sessions, session_key, session_mark
from gateway.intake.statements import STRANGER
from gateway.intake.visits import Visit, visit
from gateway.line import Line
from gateway.logs import where
from gateway.messaging.wake import enqueue, may_wake, wake
from gateway.residents.numbers import tidy_number
from menus.by_sms import has_words
from menus.effects import FileCase
from menus.engine import EMPTY, State, draw
from menus.fold import DIALLED, Landing, Standing, chain, fold, informed
from menus.layout import Shown, show

log = structlog.get_logger(__name__)

_ROUNDS = 12
"""Facts are fetched for one position a round; no walk through the menus needs this many."""

_SEEN_SESSIONS = 50_000

REPLIES = "replies"
"""The lane of what residents are owed."""

T = TypeVar("T")

AllFacts = dict[str, Mapping[str, Any]]
"""By the text consumed when they were fetched."""


class Hops:
    """Answers hops for one web process."""

    def __init__(self, context: Context, channel: str) -> None:
        self._context = context
        self._line = Line(context.settings.redis_url)
        self._sessions = Sessions(self._line, context.vault)
        self._connections = Connections(context.settings.database_url, context.settings.web_pool)
        self._channel = channel
        self._deadline = Deadline(context.settings.hop_budget)
        self._waking: set[asyncio.Task[None]] = set()
        self._to_wake = False
        """Whether a task is about to wake the worker that has not begun."""
        self._threads = ThreadPoolExecutor(context.settings.web_pool, thread_name_prefix="hop")
        # Sessions this process has answered: proof, when Valkey lost a session, that its screens were really shown.
        # Without the proof (a deep dial, another process) a screen that asks for consent is shown again: safe, slower.
        self._seen: OrderedDict[bytes, None] = OrderedDict()
        self.memories = Memories()
        self.walks = Walks()
        self.paths = Paths(context, channel)

    async def close(self) -> None:
        """Let what runs end, then close what was opened."""
        await self._connections.close()
        if self._waking:
            await asyncio.wait(self._waking)
        await self._line.aclose()
        self._threads.shutdown(wait=True)

    async def answer(self, hop: Hop) -> Shown:
        """The screen for one hop, within the budget; honest words when a store is away. Nothing is half done then."""
        number = tidy_number(hop.number, self._context.pack.about.country)
        key = session_key(self._context.vault, hop.session_id, number)
        walk = _Walk(self, key, number, hop.text)
        try:
            with self._deadline:
                standing, shown = await walk.land()
            self._remember(key)
            if shown.end:
                self.memories.forget(key)
            else:
                walk.remember(standing)
        except Exception as error:  # noqa: BLE001  # said in the resident's language, and found again by its mark
            shown = self._failed(walk, error)
        self.paths.note(key, shown.name, ended=shown.end, consumed=len(hop.text))
        return shown

    def _failed(self, walk: _Walk, error: Exception) -> Shown:
        """What a resident is told whose hop came to nothing."""
        session = session_mark(walk.key)
        if isinstance(error, TimeoutError):
            log.warning("hop_too_slow", session=session)
            return self.sorry("end.busy", walk.language, sending=walk.sending)
        if isinstance(error, _Outdated):
            return self.sorry("end.changed", walk.language)
        if isinstance(error, AWAY):
            log.warning("postgres_away", session=session, error=type(error).__name__)
            return self.sorry("end.notsaved" if walk.writing else "end.notread", walk.language)
        log.error("hop_failed", session=session, error=type(error).__name__, at=where(error))
        return self.sorry("end.notread" if walk.landed else "end.notsaved", walk.language)

    def sorry(self, screen: str, language: str = "", *, sending: str = "") -> Shown:
        """One of the last screens that say what went wrong; in the pack's first language for who has none yet.

        `sending` is who may know the number of who was just filing a case.
        """
        guide = self._context.pack.guide
        return show(State(screen, language or guide.languages[0].code, {"sending": sending}), guide)

    async def run(self, one: Visit) -> Mapping[str, Any] | None:
        """Make a visit to Postgres; what it gained, None when it was not enough, or drew a receipt that is taken."""
        try:
            gained = one.read(await self._connections.run(one.statement, one.values))
        except UniqueViolation:
            return None
        if one.owes and gained is not None and not self._to_wake:
            self._to_wake = True
            task = asyncio.get_running_loop().create_task(self._wake())
            self._waking.add(task)
            task.add_done_callback(self._waking.discard)
        return gained

    async def _wake(self) -> None:
        """Wake the lane of replies, once for all that was owed until now; no hop waits for it."""
        self._to_wake = False
        if await may_wake(self._line, REPLIES):
            await self.in_thread(enqueue, self._context.valkey, REPLIES)

    async def in_thread(self, function: Callable[..., T], *arguments: Any) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, function, *arguments)

    def seen(self, key: bytes) -> bool:
        return key in self._seen

    def _remember(self, key: bytes) -> None:
        self._seen[key] = None
        self._seen.move_to_end(key)
        if len(self._seen) > _SEEN_SESSIONS:
            self._seen.popitem(last=False)


SPARED: Mapping[str, Any] = {"imported": (), "scorable": {"mine": (), "here": (), "wards": ()}}
"""Facts that menus about promises do without while Postgres is away: what the pack alone knows."""
AWAY = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError, *LOST)
"""Postgres is down, restarting or full, or somebody else holds for long what the hop would change."""


class _Outdated(Exception):
    """The session began under another version of menus or pack: its digits mean something else now."""


class _Walk:
    """The fold of one hop, fetching what it asks for until it lands."""

    def __init__(self, hops: Hops, key: bytes, number: str, text: str) -> None:
        self._hops = hops
        self._context = hops._context
        self.key = key
        self._number = number
        self._text = text
        self._memory = hops.memories.of(key)
        self._walked: tuple[list[str], AllFacts, Way] | None = None
        self._kept = True
        """Whether Valkey keeps this session."""
        self.language = ""
        self.landed = False
        """Whether all that this hop asks for is done, and only its screen is to be shown."""
        self.writing = False
        """Whether what is being done is a change, not only something to read."""
        self.sending = ""
        """Who may know the number of who files a case now."""

    async def land(self) -> tuple[Standing, Shown]:
        """Where this hop leads and what it shows there, once all that it asks for is done."""
        is_dial = self._text == "" and not self._memory.listed.items
        caller = await self._gain(DIALLED, due=False) if is_dial else None
        try:
            history = await self._hops._sessions.hear(self.key, self._text, self._memory.listed, caller)
        except (redis.RedisError, OSError, TimeoutError):
            history = self._unheard(caller)
        links, facts = chain(history.texts, self._text, self._memory.links), dict(history.facts)
        checkpoint = self._rebuilt(history) if history.checkpoints else None
        lost = len(links) == 1 and self._text != "" and checkpoint is None
        # Letters cannot be dialled: who typed some was answered before, screen by screen, by another process.
        rebuilding = lost and (self._hops.seen(self.key) or (not self._kept and has_words(self._text)))
        before = links[-2] if len(links) > 1 else ""
        # Several answers at once are a sign that Valkey was away for a while; it may be one story with a `*`, too.
        if checkpoint is None and (lost or "*" in self._text[len(before) + 1 :]):
            checkpoint = await self._further(before, lost=lost)
            rebuilding = rebuilding or checkpoint is not None
        if self._kept and checkpoint is None and not lost:
            return await self._go_on(links, facts)
        landing = await self._fold(links, facts, checkpoint=checkpoint, rebuilding=rebuilding)
        if rebuilding:
            await self._note("rebuilt:" + self._text, {}, landing.state)
        if landing.cut:
            await self._keep_cut(landing)
        return self._drawn(landing)

    async def _go_on(self, links: list[str], facts: AllFacts) -> tuple[Standing, Shown]:
        """The plain way: nothing was lost, so what was folded before can be folded on."""
        walks = self._hops.walks
        self._check_version(facts)
        standing = self._memory.before(links, facts)
        way = self._memory.way if standing else walks.way(links[:-1], facts)
        walk = walks.find(way, self._text) if way else None
        if walk is None:
            landing = await self._fold(links, facts, standing=standing)
            if landing.cut:
                await self._keep_cut(landing)
            standing, shown = self._drawn(landing)
            if way and not landing.due and not landing.cut:
                walk = walks.keep(way, self._text, facts, standing, shown)
        else:
            standing, shown = walk.standing, walk.shown
        if self._kept:
            self._walked = links, facts, walk.way if walk else None
        return standing, shown

    async def _fold(
        self,
        links: list[str],
        facts: AllFacts,
        *,
        checkpoint: tuple[str, State] | None = None,
        rebuilding: bool = False,
        standing: Standing | None = None,
    ) -> Landing:
        """Fold, do and fetch what that asks for, and fold again until it lands; `facts` are added to."""
        guide = self._context.pack.guide
        done: set[str] = set()
        landing: Landing | None = None
        for _ in range(_ROUNDS):
            if landing and landing.position and landing.position == links[-1]:
                landing = informed(landing, facts[landing.position])
            else:
                self._check_version(facts)
                landing = fold(links, facts, guide, checkpoint=checkpoint, rebuilding=rebuilding, standing=standing)
            self.language = landing.state.language
            due = landing.position not in done and bool(landing.due)
            if not due and not landing.wants:
                return landing
            done.add(landing.position)
            if not await self._inform(landing, facts, due=due):
                return landing
        raise RuntimeError("a walk through the menus did not land")

    async def _inform(self, landing: Landing, facts: AllFacts, *, due: bool) -> bool:
        """Do and fetch what a landing asks for; whether there are facts for it now that were not there before."""
        self.writing = due
        self.sending = next((one.effect.privacy for one in landing.due if isinstance(one.effect, FileCase)), "")
        gained = await self._gain(landing, due)
        if gained:
            known = {**facts.get(landing.position, {}), **gained}
            facts[landing.position] = await self._note(landing.position, known)
        return bool(gained)

    def _drawn(self, landing: Landing) -> tuple[Standing, Shown]:
        self.landed = True
        guide = self._context.pack.guide
        drawn = draw(landing.state, guide)
        shown = show(landing.state, guide, drawn)
        return Standing(landing.position, landing.state, drawn, shown.pages), shown

    def remember(self, standing: Standing) -> None:
        """Keep where this hop came to for the next one, unless the way there was not the plain one."""
        if self._walked is not None:
            links, facts, way = self._walked
            self._memory.keep(links, facts, standing, way)

    def _check_version(self, facts: Mapping[str, Mapping[str, Any]]) -> None:
        began = facts.get("")
        if began and began.get("version") != self._context.pack.version:
            self.language = fold([self._text], {"": began}, self._context.pack.guide).state.language
            raise _Outdated

    async def _gain(self, landing: Landing, due: bool) -> dict[str, Any]:
        """What the landing asks for. Without Postgres a caller is nobody we know, and of promises the pack knows."""
        begins = not landing.position and landing.wants == ("profile",)
        began = {"version": self._context.pack.version} if begins else {}
        try:
            return began | await self._visit(landing, due)
        except AWAY:
            spared: Mapping[str, Any] = {"profile": STRANGER} if begins else SPARED
            if due or not spared.keys() >= set(landing.wants):
                raise
            log.warning("menu_without_postgres", session=session_mark(self.key))
            return {**began, **spared}

    def _rebuilt(self, history: History) -> tuple[str, State] | None:
        """The latest state reached by rebuilding that this text goes on from."""
        marks = [at.removeprefix("rebuilt:") for at in history.checkpoints if at.startswith("rebuilt:")]
        known = [text for text in marks if self._text == text or self._text.startswith(text + "*")]
        if not known:
            return None
        text = max(known, key=len)
        return text, history.checkpoints["rebuilt:" + text]

    def _unheard(self, caller: Mapping[str, Any] | None) -> History:
        """Without Valkey nothing is known of a session but its text, and nothing of it kept there."""
        self._kept = False
        log.warning("session_not_kept", session=session_mark(self.key))
        return History(facts={"": caller} if caller else EMPTY)

    async def _note(self, position: str, facts: Mapping[str, Any], state: State | None = None) -> Mapping[str, Any]:
        if not self._kept:
            return facts
        try:
            kept = await self._hops._sessions.note(self.key, position, facts, self._memory.listed, state)
        except (redis.RedisError, OSError, TimeoutError):
            self._kept = False
            return facts
        return kept

    async def _visit(self, landing: Landing, due: bool) -> dict[str, Any]:
        who = Who(
            vault=self._context.vault,
            pack=self._context.pack,
            now=self._context.clock.now(),
            channel=self._hops._channel,
            way="ussd",
            number=self._number,
            key=self.key,
            text=landing.position,
            state=landing.state,
        )
        one = visit(who, landing, due)
        gained = await self._hops.run(one) if one else None
        return dict(gained) if gained is not None else await self._in_thread(self._work, who, landing, due)

    async def _in_thread(self, function: Callable[..., T], *arguments: Any) -> T:
        return await self._hops.in_thread(once_more, function, *arguments)

    async def _keep_cut(self, landing: Landing) -> None:
        """Keep where a text led of which answers were dropped, for every process that hears more of the session.

        Valkey has it too: only without both is it not known what the next digit will mean.
        """
        try:
            await self._in_thread(self._save_cut, landing)
        except AWAY:
            if not self._kept:
                raise

    def _save_cut(self, landing: Landing) -> None:
        context, days = self._context, self._context.pack.about.limits.draft_days
        with context.work() as session:
            drafts.keep_cut(
                session, context.vault, self.key, self._text, landing.state, days=days, now=context.clock.now()
            )

    async def _further(self, before: str, *, lost: bool) -> tuple[str, State] | None:
        """Where the session's draft stands, if that is further than the text that its list ends with before this."""
        try:
            saved = await self._in_thread(self._draft)
        except AWAY:
            if lost:
                raise
            return None
        return saved if saved and len(saved[0]) > len(before) else None

    def _draft(self) -> tuple[str, State] | None:
        with self._context.work() as session:
            saved = drafts.checkpoint(session, self._context.vault, self.key, self._text)
        return (saved.text, saved.state) if saved else None

    def _work(self, who: Who, landing: Landing, due: bool) -> dict[str, Any]:
        """Effects, then facts, in one transaction; committed before anything is answered."""
        gained: dict[str, Any] = {}
        with self._context.work() as session:
            caller = who.within(session)
            for effect in landing.due if due else ():
                gained |= perform(caller, effect)
            for want in landing.wants:
                if want not in gained:
                    gained[want] = FACTS[want](caller)
        if due:
            wake(self._context.valkey, REPLIES)
        return gained
