"""Every table, imported once, so that the metadata is whole for migrations and for the classification of columns."""

from __future__ import annotations

from gateway.broadcasts import models as broadcasts
from gateway.cases import desk_models as desk
from gateway.cases import models as cases
from gateway.cases import records as case_records
from gateway.commitments import asking_models as asking
from gateway.commitments import models as commitments
from gateway.commitments import progress_models as progress
from gateway.commitments import scoring_models as scoring
from gateway.commitments import watch_models as watch
from gateway.database import Base
from gateway.intake import models as intake
from gateway.letters import models as letters
from gateway.messaging import models as messaging
from gateway.residents import models as residents
from gateway.staff import models as staff
from gateway.statistics import models as statistics

__all__ = [
    "Base",
    "asking",
    "broadcasts",
    "case_records",
    "cases",
    "commitments",
    "desk",
    "intake",
    "letters",
    "messaging",
    "progress",
    "residents",
    "scoring",
    "staff",
    "statistics",
    "watch",
]
