"""Postgres and Valkey out of wheels, for the demo and the tests; other commands are given addresses.

`start_postgres(data)` and `start_valkey(data)` start a store under a data folder and return it once it answers.
`prepare_postgres(data)` and `prepare_valkey(data)` do everything but start, for who supervises the process.
"""

from operations.embedded.postgres import (
    PreparedPostgres,
    RunningPostgres,
    make_roles,
    prepare_postgres,
    start_postgres,
)
from operations.embedded.store import RunningStore, StoreMissing
from operations.embedded.valkey import PreparedValkey, RunningValkey, prepare_valkey, start_valkey

__all__ = [
    "PreparedPostgres",
    "PreparedValkey",
    "RunningPostgres",
    "RunningStore",
    "RunningValkey",
    "StoreMissing",
    "make_roles",
    "prepare_postgres",
    "prepare_valkey",
    "start_postgres",
    "start_valkey",
]
