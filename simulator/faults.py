"""What goes wrong on purpose: a plan of faults, used up in order. ``README.md`` has them as a table."""

import random
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Kind = Literal[
    "refuse",
    "status",
    "slow",
    "timeout_after_accept",
    "reset",
    "no_recipients",
    "invalid_sender",
    "wrong_content_type",
    "recipient_code",
    "report_late",
    "report_double",
    "report_reorder",
    "report_lost",
    "report_status",
    "reports_off",
    "inbound_repeat",
]
Family = Literal["listener", "call", "report", "inbound"]

_FAMILIES: dict[str, Family] = {"refuse": "listener", "inbound_repeat": "inbound"}


_SECONDS = {"refuse": 2.0, "slow": 2.0, "timeout_after_accept": 15.0, "report_late": 5.0}


class Fault(BaseModel):
    """One thing that goes wrong ``count`` times (``None``: always) with a ``probability`` each time."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    count: int | None = Field(default=1, ge=0)
    probability: float = Field(default=1.0, ge=0, le=1)
    status: int | str | None = None
    body: str | None = Field(default=None, max_length=10_000)
    seconds: float = Field(default=2.0, ge=0, le=60)
    accepted: bool = False
    code: int = Field(default=500, ge=1, le=9999)
    number: str | None = Field(default=None, max_length=40)
    times: int = Field(default=2, ge=1, le=10)
    reason: str = Field(default="DeliveryFailure", max_length=40)

    @model_validator(mode="after")
    def _fill(self) -> Self:
        if "seconds" not in self.model_fields_set:
            self.seconds = _SECONDS.get(self.kind, 0.0)
        if self.kind == "reports_off":
            self.count = None
        if self.kind == "status":
            self.status = 500 if self.status is None else self.status
            if not isinstance(self.status, int) or not 400 <= self.status <= 599:
                raise ValueError("status is an HTTP status from 400 to 599")
        if self.kind == "report_status":
            self.status = "Failed" if self.status is None else self.status
            if not isinstance(self.status, str):
                raise ValueError("status is the word of a delivery report")
        return self

    @property
    def http_status(self) -> int:
        """The status a call is answered with."""
        return self.status if isinstance(self.status, int) else 500

    @property
    def report_status(self) -> str:
        """The status a delivery report says."""
        return self.status if isinstance(self.status, str) else "Success"

    @property
    def family(self) -> Family:
        """What the fault waits for: the listening socket, a call, a delivery report or an inbound SMS."""
        if self.kind.startswith("report"):
            return "report"
        return _FAMILIES.get(self.kind, "call")


class FaultPlan:
    """The faults still to come, in order; at most one of them meets each call, report or inbound SMS."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._dice = random.Random()  # noqa: S311  # dice, not keys

    def set(self, faults: list[Fault], seed: int | None = None) -> None:
        """Replace the plan; a ``seed`` makes probabilities fall the same way every time."""
        self._faults = [fault.model_copy() for fault in faults]
        self._dice = random.Random(seed)  # noqa: S311

    def draw(self, family: Family) -> Fault | None:
        """Take the next fault of a family, if one is due now."""
        for fault in self._faults:
            if fault.family != family or fault.count == 0:
                continue
            if fault.probability < 1 and self._dice.random() >= fault.probability:
                continue
            if fault.count is not None:
                fault.count -= 1
            return fault
        return None

    def left(self) -> list[Fault]:
        """The plan as it stands, with the counts that are left."""
        return [fault for fault in self._faults if fault.count != 0]
