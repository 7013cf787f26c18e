"""What a screen may ask the gateway to do, as data. A closed family: `gateway.intake.effects` has one verb for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class SaveDraft(NamedTuple):
    """Keep the words typed so far before the next screen shows. The gateway stores the state after this answer."""

    resident_known: bool
    """The resident chose that the number may be kept: the draft can be offered at the next dial."""
    sms_wanted: bool = False
    """The resident wants SMS: a draft left alone may be mentioned by one."""


@dataclass(frozen=True, slots=True)
class FinishBySms:
    """Texts that follow join this session's draft, until it is sent from the menu."""


@dataclass(frozen=True, slots=True)
class DeleteDraft:
    """Forget the unfinished draft that was offered at dial."""

    draft: str


class FileCase(NamedTuple):
    """File a case. The result is the fact `filed`: {"receipt": "4821-093-5579", "serial": …}."""

    kind: str
    category: str
    privacy: str
    """`sms` (Ombudsman only, SMS me), `no_sms` (Ombudsman only, no SMS) or `not_kept`."""
    ward: str
    """Ward code; empty when the resident was not sure."""
    area: str
    """Sub-county code."""
    story: str
    urgent: bool = False
    commitment: str = ""
    """OGP id when the complaint began at a promise."""
    draft: str = ""
    """The resumed draft that this files, if any."""


@dataclass(frozen=True, slots=True)
class AddToCase:
    """The resident adds words to a case of theirs, by menu."""

    case: str
    text: str


@dataclass(frozen=True, slots=True)
class MarkRead:
    """The answers of a case were shown to the resident."""

    case: str


@dataclass(frozen=True, slots=True)
class WithdrawCase:
    case: str


@dataclass(frozen=True, slots=True)
class AnswerSolved:
    """The resident judges a resolved case: `yes`, `partly` or `no`."""

    case: str
    solved: str


@dataclass(frozen=True, slots=True)
class AnswerConsent:
    """Whether the file may go to another office; `wording` is the question as it was shown."""

    case: str
    given: bool
    wording: str
    office: str
    """The code of the office that the question named: staff may have come to another one meanwhile."""


@dataclass(frozen=True, slots=True)
class ReportReprisal:
    """The resident is punished for complaining: only the supervisor may see the case from now on."""

    case: str


@dataclass(frozen=True, slots=True)
class Follow:
    """Follow by SMS; `wording` is the consent text as it was shown."""

    kind: str
    """`promise`, `area` (all promises of one) or `ward` (what is about it or about the whole county)."""
    code: str
    """OGP id, code of the area, or code of the ward."""
    wording: str
    monthly: bool = False
    """One text a month instead of one for each change."""


@dataclass(frozen=True, slots=True)
class Unfollow:
    kind: str
    code: str


@dataclass(frozen=True, slots=True)
class UnfollowAll:
    """Follow nothing any more; notices and answers still come."""


@dataclass(frozen=True, slots=True)
class AgreeToBeAsked:
    """May be asked about a ward now and then; `wording` is the consent text as it was shown."""

    ward: str
    wording: str


@dataclass(frozen=True, slots=True)
class LeaveQuestions:
    """No more questions, and the ward agreed to for them is forgotten with that."""


@dataclass(frozen=True, slots=True)
class AnswerCheck:
    """An answer to a question about a promise."""

    check: str
    answer: int
    """1 yes, 2 no, 3 do not know."""


@dataclass(frozen=True, slots=True)
class SendScores:
    """Scores of a facility. The number is not kept for it."""

    facility: str
    scores: tuple[int, ...]
    """1 to 5 for each of the five items."""
    code: str
    """The digits that its staff were given; empty for who uses it."""


@dataclass(frozen=True, slots=True)
class GetNotices:
    """Get the county's notices for a ward by SMS; `wording` is the consent text as it was shown."""

    ward: str
    wording: str


@dataclass(frozen=True, slots=True)
class LeaveNotices:
    """No more notices, and the ward agreed to for them is forgotten with that."""


@dataclass(frozen=True, slots=True)
class SetLanguage:
    """The resident chose a language; remembered only for a number that is already kept."""

    language: str


@dataclass(frozen=True, slots=True)
class RememberWard:
    """Remember the ward, with the consent wording shown; an empty ward forgets it."""

    ward: str
    wording: str


@dataclass(frozen=True, slots=True)
class StopMessages:
    """`everything` also stops answers to one's own cases."""

    everything: bool


@dataclass(frozen=True, slots=True)
class StartMessages:
    pass


@dataclass(frozen=True, slots=True)
class WantFullAnswers:
    """Answers by SMS in full words instead of "dial to read"."""

    wanted: bool


@dataclass(frozen=True, slots=True)
class LockCases:
    """Lock lists behind four digits of the resident's own; empty digits unlock."""

    digits: str


@dataclass(frozen=True, slots=True)
class AskCall:
    """The resident wants to be called; `wording` is the consent text as it was shown."""

    hours: str
    """When it is safe: `morning`, `afternoon`, `evening` or `any`."""
    language: str
    wording: str


@dataclass(frozen=True, slots=True)
class CancelCall:
    """No call any more; the number is forgotten unless something else needs it."""


Effect = (
    SaveDraft
    | FinishBySms
    | DeleteDraft
    | FileCase
    | AddToCase
    | MarkRead
    | WithdrawCase
    | AnswerSolved
    | AnswerConsent
    | ReportReprisal
    | Follow
    | Unfollow
    | UnfollowAll
    | AgreeToBeAsked
    | LeaveQuestions
    | AnswerCheck
    | SendScores
    | GetNotices
    | LeaveNotices
    | SetLanguage
    | RememberWard
    | StopMessages
    | StartMessages
    | WantFullAnswers
    | LockCases
    | AskCall
    | CancelCall
)
