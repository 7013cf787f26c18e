"""The public figures over many cases: counting them all, catching up after changes, and how fast the pages are.

`python -m bench.statistics` makes cases by one statement (their words and receipts are not sealed), counts them as
the clock does, compares the counts with a plain `GROUP BY`, and asks the web process for pages and files. See
bench/RESULTS.md.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx

from bench.hops import machine, say, table
from bench.messages import House
from bench.systems import all_systems, running
from gateway.statistics import published, rollups

SMALL, LARGE = 10_000, 1_000_000
PAGES = ("/statistics?lang=en", "/open-data/cases-by-place.csv", "/open-data/cases-by-category-and-month.json")

_CASES = """
    insert into cases (id, serial, receipt_lookup, receipt_sealed, reference, privacy, kind, category, status,
        area_code, ward_code, department_code, language, channel, story_sealed, filed_at)
    select gen_random_uuid(), 'B-' || n, decode(lpad(to_hex(n), 64, '0'), 'hex'), '', '1234', 'not_kept',
        (array['complaint', 'complaint', 'information'])[1 + n % 3], (array['DELAY', 'POOR', 'new'])[1 + n % 3],
        (array['received', 'assigned', 'resolved', 'confirmed', 'rejected'])[1 + n / 7 % 5],
        split_part(place, '/', 1), split_part(place, '/', 2), (array['environment', 'finance', 'health'])[1 + n % 3],
        'en', 'ussd', '', now() - n % 700 * interval '1 day'
    from (select n, (array[{places}])[1 + n % {wards}] as place
        from generate_series({first}, {last}) as n) as made
"""
_EVENTS = """
    insert into case_events (id, case_id, at, kind, actor, audience)
    select ('00000000-0000-7000-' || substr(id::text, 20))::uuid, id, filed_at + interval '5 days', 'replied',
        'staff', 'resident'
    from cases where status in ('resolved', 'confirmed')
"""
# A change as the desk makes it: a new status, and an event whose id is of now (version 7).
_CHANGE = """
    with changed as (
        update cases set status = 'rejected' where id in (select id from cases where status = 'received' limit 1000)
        returning id
    )
    insert into case_events (id, case_id, at, kind, actor, audience, data)
    select (lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0') || '7'
        || substr(md5(id::text), 1, 19))::uuid, id, now(), 'moved', 'staff', 'internal', '{"to": "rejected"}'
    from changed
"""
_PLAIN = "select status, count(*) from cases group by 1"


def timed(what: Callable[[], object]) -> float:
    began = time.perf_counter()
    what()
    return time.perf_counter() - began


def fill(house: House, first: int, last: int) -> None:
    """Cases from one number to another."""
    places = [f"'{place.area_code}/{place.ward_code}'" for place in house.context.pack.places]
    statement = _CASES.format(places=", ".join(places), wards=len(places), first=first, last=last)
    for one in ("set statement_timeout = 0;" + statement, "truncate case_events cascade", _EVENTS, "vacuum analyze"):
        house.stores.sql(one, house.stores.baraza_url)


def right(house: House) -> None:
    """Whether the counts are what Postgres counts. Raises SystemExit."""
    with house.context.work() as session:
        counted = rollups.counts(session)
    total = sum(counted["speed"].values())
    rejected = sum(number for (_, outcome), number in counted["offices"].items() if outcome == "rejected")
    rows = house.stores.sql(_PLAIN, house.stores.baraza_url)
    plain = {str(status): int(str(count)) for status, count in rows}
    if (total, rejected) != (sum(plain.values()), plain.get("rejected", 0)):
        raise SystemExit(f"not right: {total}, {rejected}; {plain}")


def asked(port: int, path: str, times: int) -> float:
    """The 95th percentile in milliseconds of so many requests, one after the other."""
    taken = []
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        for _ in range(times):
            began = time.perf_counter()
            client.get(path).raise_for_status()
            taken.append(1000 * (time.perf_counter() - began))
    return statistics.quantiles(taken, n=20)[-1]


def measured(house: House, folder: Path, cases: int, times: int) -> list[str]:
    """One line of the table."""
    context = house.context
    whole = timed(lambda: rollups.recount(context.work, context.pack, context.clock.wall()))
    right(house)
    house.stores.sql(_CHANGE, house.stores.baraza_url)

    def catch_up() -> None:
        rollups.catch_up(context.work, context.pack, context.clock.wall())

    def publish() -> None:
        with context.work() as session:
            published.publish(session, context.pack, context.clock.now(), every=timedelta())

    caught, made = timed(catch_up), timed(publish)
    right(house)
    with running([all_systems(house.stores)["baraza"]], folder) as (web,):
        speeds = [f"{asked(web.port, path, times):.1f} ms" for path in PAGES]
    return [f"{cases:,}", f"{whole:.1f} s", f"{caught:.2f} s", f"{made:.2f} s", *speeds]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, nargs="+", help="10,000 and 100,000 without --full")
    parser.add_argument("--full", action="store_true", help="10,000 and a million cases")
    parser.add_argument("--times", type=int, default=300)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="baraza-bench-") as name:
        folder = Path(name)
        house = House(folder)
        try:
            say(machine() + "\n")
            lines, first = [], 1
            for cases in sorted(options.cases or [SMALL, LARGE if options.full else SMALL * 10]):
                fill(house, first, cases)
                lines.append(measured(house, folder, cases, options.times))
                first = cases + 1
            heads = ["cases", "all counted in", "1,000 changes counted in", "published in", *PAGES]
            table([["p95 of " + head if head.startswith("/") else head for head in heads], *lines])
        finally:
            house.stop()


if __name__ == "__main__":
    main()
