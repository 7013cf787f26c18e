"""What a form of a promise's pages wants is what the API's route wants: the page calls the route past its own check."""

from __future__ import annotations

import re

import pytest

from gateway.console import accounts, asking, ideas, promise_forms, scoring, texts
from tests.staff.test_roles import ENDPOINTS

ROUTES = {
    (asking, "ask"): "/checks",
    (asking, "end"): "/checks/{}/close",
    (asking, "outcome"): "/checks/{}/outcome",
    (asking, "approve"): "/broadcasts/{}/approve",
    (asking, "cancel"): "/broadcasts/{}/cancel",
    (scoring, "open"): "/scorecards",
    (scoring, "end"): "/scorecards/{}/close",
    (scoring, "name"): "/facilities",
    (scoring, "rename"): "/facilities/{}/name",
    (scoring, "retire"): "/facilities/{}/retire",
    (scoring, "plan"): "/scorecards/{}/plan",
    (ideas, "collect"): "/proposals",
    (ideas, "publish"): "/proposals/{}/decision",
    (ideas, "refuse"): "/proposals/{}/decision",
    (ideas, "take-up"): "/proposals/{}/decision",
    (promise_forms, "report"): "/commitments/KEKAK0002/reports",
    (promise_forms, "answer"): "/queries/{}/answer",
    (promise_forms, "publish"): "/reports/{}/publish",
    (promise_forms, "return"): "/reports/{}/return",
    (promise_forms, "assess"): "/commitments/KEKAK0002/assessments",
    (promise_forms, "audit"): "/claims/{}/audits",
    (promise_forms, "ask"): "/commitments/KEKAK0002/queries",
    (promise_forms, "link"): "/commitments/KEKAK0002/links",
    (promise_forms, "news"): "/commitments/KEKAK0001/updates",
    **{(texts, name): f"/broadcasts/{{}}/{name}" for name in ("approve", "pause", "resume", "cancel")},
    (texts, "send-again"): "/messages/{}/release",
    (texts, "give-up"): "/messages/{}/give-up",
    **{(accounts, name): f"/staff/{{}}/{name}" for name in ("change", "sign-out", "end", "open-again")},
    (accounts, "invite"): "/staff/{}/invitation",
    (promise_forms, "unlink"): "/commitments/KEKAK0002/links/{}/end",
}
NEEDED = {
    re.sub(r"\{\w+\}|[0-9a-f]{8}-[0-9a-f-]{27}", "{}", path): permission
    for method, path, _, permission in ENDPOINTS
    if method == "POST"
}


@pytest.mark.parametrize("module", [accounts, asking, scoring, ideas, promise_forms, texts])
def test_a_form_wants_what_the_api_wants(module: object) -> None:
    actions = module.ACTIONS  # type: ignore[attr-defined]  # each of these pages has its table
    assert {name: action.permission for name, action in actions.items()} == {
        name: NEEDED[path] for (where, name), path in ROUTES.items() if where is module
    }
