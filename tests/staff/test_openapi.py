"""The OpenAPI document against the running application: no 5xx, no undeclared answer, whatever is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import negative_data_rejection, positive_data_acceptance
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.result import Ok

from gateway.staff.roles import Role
from tests.desk import Office

# Whether an e-mail takes cases, or a text fits two SMS, no schema can say: those are 422 with good data.
NOT_FOR_US = [positive_data_acceptance]

# A role that was refused so often in a row, whatever was sent, is refused.
REFUSED = 5

PARTS = 6


def fuzz(office: Office, roles: Sequence[str], examples: Mapping[GenerationMode, int], *, part: int = 0) -> None:
    """Good and bad requests to operations of the API, as schemathesis makes them up, each sent as every role.

    Made up once for all of them: that takes longer than sending. `part` is which of the `PARTS` of the operations; 0 is
    every one.
    """
    document = office.client.get("/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document).include(path_regex="^/api/")
    with requests.Session() as session:
        session.trust_env = False
        for at, found in enumerate(schema.get_all_operations()):
            assert isinstance(found, Ok), "the document itself is wrong"
            if part in (0, at % PARTS + 1):
                for mode, most in examples.items():
                    fuzz_operation(office, roles, found.ok(), mode, most, session)
    assert {office.ask("GET", "/me", role).status_code for role in roles} == {200}, "none was signed out on the way"


def fuzz_operation(
    office: Office,
    roles: Sequence[str],
    operation: APIOperation[Any, Any, Any, Any],
    mode: GenerationMode,
    examples: int,
    session: requests.Session,
) -> None:
    headers = {role: {"Authorization": f"Bearer {office.token(role)}"} for role in roles}
    serials = {role: a_case(office) for role in roles} if "{serial}" in operation.path else {}
    answers: dict[str, list[int]] = {role: [] for role in roles}

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Case[Any]) -> None:
        left_out = [*NOT_FOR_US, *([negative_data_rejection] if sound_once_sent(case) else [])]
        for role in roles:
            if len(answers[role]) >= REFUSED and set(answers[role]) == {403}:
                continue
            if mode is GenerationMode.POSITIVE and "serial" in case.path_parameters:
                case.path_parameters["serial"] = serials[role]  # a made-up one is always 404
            try:
                answer = case.call_and_validate(
                    base_url=str(office.client.base_url),
                    session=session,
                    headers=headers[role],
                    excluded_checks=left_out,
                    timeout=60,
                )
            except BaseException as wrong:
                wrong.add_note(f"sent as {role}")
                raise
            answers[role].append(answer.status_code)

    run()


def a_case(office: Office) -> str:
    """A fresh case that every role may have to do with."""
    serial = office.file().serial
    office.change_case(serial, department_code="environment")
    return serial


def sound_once_sent(case: Case[Any]) -> bool:
    """Whether what was spoilt may be gone once the request is written down.

    `{}` and None in a query are sent as `cursor=`, which asks for nothing and is welcome; the token is always ours.
    """
    assert case.meta is not None, "schemathesis made it up itself"
    spoilt = {place for place, part in case.meta.components.items() if part.mode is GenerationMode.NEGATIVE}
    blank = any(value in ({}, [], None, "") for value in case.query.values())
    spoilt.discard(ParameterLocation.HEADER)
    return not spoilt or (blank and spoilt == {ParameterLocation.QUERY})


def test_the_document_holds_for_an_officer(office: Office) -> None:
    fuzz(office, ["officer"], {GenerationMode.POSITIVE: 2, GenerationMode.NEGATIVE: 1})


@pytest.mark.deep
@pytest.mark.parametrize("part", range(1, PARTS + 1))
def test_the_document_holds_for_every_role(office: Office, part: int) -> None:
    fuzz(office, list(Role), dict.fromkeys(GenerationMode, 20), part=part)
