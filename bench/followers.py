"""News of a promise to a hundred thousand followers: from the approval until the clock has owed it to all of them.

`python -m bench.followers` makes followers of the promise, of its area and of wards, many of them in several ways, by a
few statements; their numbers are not sealed, and nothing is sent. See bench/RESULTS.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from bench.hops import machine, say, table
from bench.messages import House
from bench.systems import SERVER_CORES
from gateway.broadcasts import service
from gateway.broadcasts.audiences import UPDATE
from gateway.messaging.models import Broadcast
from gateway.pack_load import put_pack
from gateway.staff import service as staff
from gateway.staff.models import Staff

PROMISE, AREA, WARD = "KEKAK0003", "budget", "1017"
AUTHOR, OTHER = "author@example.org", "other@example.org"

_RESIDENTS = """
    insert into residents (id, number_lookup, number_sealed, language, created_at)
    select gen_random_uuid(), decode(lpad(to_hex(place), 64, '0'), 'hex'), 'bench', 'en', now()
    from generate_series(1, {count}) as place
"""
# Each follows in one way at least; every second one in two ways, every sixth in all three.
_FOLLOWS = """
    with people as (select id, row_number() over () as place from residents)
    insert into follows (id, resident_id, {column}, since, channel)
    select gen_random_uuid(), id, '{code}', now(), 'ussd' from people where {which}
"""
_WAYS = (
    ("ogp_id", PROMISE, "place % 3 = 0 or place % 2 = 0"),
    ("area", AREA, "place % 3 = 1 or place % 6 = 0"),
    ("ward_code", WARD, "place % 3 = 2 or place % 6 = 0"),
)


def draft(house: House) -> tuple[Staff, Broadcast]:
    """News about the ward, written by one person; another may approve."""
    context = house.context
    now = context.clock.now()
    with context.work() as session:
        put_pack(session, context.pack, now)
        people = [
            staff.add_staff(session, email=email, name="Bench", role="supervisor", now=now) for email in (AUTHOR, OTHER)
        ]
        text = {code.code: "Budget hearing on 3 December at the county hall." for code in context.pack.guide.languages}
        row = service.draft(
            session, context.pack, kind=UPDATE, topic=PROMISE, places=[WARD], text=text, staff=people[0], now=now
        )
    return people[1], row


def approved(house: House, row: Broadcast, person: Staff) -> float:
    """Seconds from the approval until the clock has owed it to everybody."""
    began, context = time.perf_counter(), house.context
    with context.work() as session:
        service.approve(session, context.pack, broadcast=row.id, staff=person, now=context.clock.now())
    status = "adding"
    while status == "adding":
        time.sleep(0.05)
        ((found,),) = house.stores.sql("select status from broadcasts", house.stores.baraza_url)
        status = str(found)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--followers", type=int, help="20,000 without --full")
    parser.add_argument("--full", action="store_true", help="100,000 followers")
    options = parser.parse_args()
    followers = options.followers or (100_000 if options.full else 20_000)
    with tempfile.TemporaryDirectory(prefix="baraza-bench-") as folder:
        house = House(Path(folder))
        try:
            say(machine() + "\n")
            person, row = draft(house)
            ways = [_FOLLOWS.format(column=column, code=code, which=which) for column, code, which in _WAYS]
            for statement in (_RESIDENTS.format(count=followers), *ways, "vacuum analyze"):
                house.stores.sql(statement, house.stores.baraza_url)
            ((follows,),) = house.stores.sql("select count(*) from follows", house.stores.baraza_url)
            command = [sys.executable, "-m", "operations", "clock", "--data", folder]
            with house.program("clock", command, lambda _: True, SERVER_CORES):
                time.sleep(10)  # it has started and taken its lock
                seconds = approved(house, row, person)
            if house.states() != {"owed": followers}:
                raise SystemExit(f"not right: {house.states()}, {followers} follow")
            figures = [f"{followers:,}", f"{follows:,}", f"{seconds:.1f} s"]
            table([["followers", "their follows", "all owed after the approval in"], figures])
        finally:
            house.stop()


if __name__ == "__main__":
    main()
