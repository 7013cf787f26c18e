"""Owe a notice to a million readers, as the clock does after an approval: how long it takes, and how much memory.

`python -m bench.million` makes residents and readers by one statement each; their numbers are not sealed, and nothing
is sent. See bench/RESULTS.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.hops import machine, say, table
from bench.messages import House, Watch
from bench.systems import SERVER_CORES
from gateway.broadcasts.audiences import NOTICE, audience
from gateway.ids import new_id
from gateway.messaging.audience import reach
from gateway.messaging.models import Broadcast

_RESIDENTS = """
    insert into residents (id, number_lookup, number_sealed, language, created_at)
    select gen_random_uuid(), decode(lpad(to_hex(place), 64, '0'), 'hex'), 'bench', 'en', now()
    from generate_series(1, {count}) as place
"""
_READERS = """
    insert into notice_readers (id, resident_id, ward_code, since, channel)
    select gen_random_uuid(), id, 'bench', now(), 'ussd' from residents
"""


def approved(house: House) -> Broadcast:
    """A notice to every reader, approved a moment ago."""
    now = house.context.clock.now()
    row = Broadcast(
        id=new_id(),
        kind=NOTICE,
        topic="",
        bodies={"en": "Budget hearing on 3 December at the county hall."},
        status="adding",
        created_at=now,
        approved_at=now,
        recipients=0,
    )
    with house.context.work() as session:
        session.add(row)
    return row


def timed(what: Callable[[], object]) -> float:
    began = time.perf_counter()
    what()
    return time.perf_counter() - began


def count(house: House, row: Broadcast) -> None:
    """The dry run."""
    context = house.context
    with context.work() as session:
        reach(session, audience(context.pack, row), context.clock.now())


def add(house: House, row: Broadcast, watch: Watch) -> None:
    """Wait for the clock."""
    status = "adding"
    while status == "adding":
        watch.look()
        time.sleep(0.2)
        ((found,),) = house.stores.sql("select status from broadcasts", house.stores.baraza_url)
        status = str(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="1,000,000 recipients, where none are given")
    parser.add_argument("--recipients", type=int)
    options = parser.parse_args()
    recipients = options.recipients or (1_000_000 if options.full else 50_000)
    with tempfile.TemporaryDirectory(prefix="baraza-bench-") as folder:
        house = House(Path(folder))
        try:
            say(machine() + "\n")
            for statement in (_RESIDENTS.format(count=recipients), _READERS, "vacuum analyze"):
                house.stores.sql(statement, house.stores.baraza_url)
            command = [sys.executable, "-m", "operations", "clock", "--data", folder]
            with house.program("clock", command, lambda _: True, SERVER_CORES) as pid:
                time.sleep(10)  # it has started and taken its lock
                watch = Watch(pid)
                watch.look()
                before = watch.peak
                row = approved(house)
                adding = timed(lambda: add(house, row, watch))
                counting = timed(lambda: count(house, row))
            states = house.states()
            if states != {"owed": recipients}:
                raise SystemExit(f"not right: {states}, {recipients} read notices")
            say(f"clock: {before:.0f} MiB before, at most {watch.peak:.0f} MiB while adding\n")
            figures = [
                f"{recipients:,}",
                f"{adding:.0f} s",
                f"{counting:.0f} s",
                f"{watch.peak - before:.1f} MiB",
            ]
            table([["recipients", "added in", "counted (dry run) in", "memory of the clock grew by"], figures])
        finally:
            house.stop()


if __name__ == "__main__":
    main()
