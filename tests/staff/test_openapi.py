"""The OpenAPI document against the running application: no 5xx, no undeclared answer, whatever is sent."""

from __future__ import annotations

from typing import Any

import pytest
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


def fuzz(office: Office, role: str, *, examples: int) -> None:
    """Good and bad requests to every operation of the API, as schemathesis makes them up."""
    document = office.client.get("/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document).include(path_regex="^/api/")
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), "the document itself is wrong"
        for mode in GenerationMode:
            fuzz_operation(office, role, found.ok(), mode, examples)


def fuzz_operation(
    office: Office, role: str, operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode, examples: int
) -> None:
    headers = {"Authorization": f"Bearer {office.token(role)}"}
    serial = office.file().serial
    office.change_case(serial, department_code="environment")
    answers: list[int] = []

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
        if mode is GenerationMode.POSITIVE and "serial" in case.path_parameters:
            case.path_parameters["serial"] = serial  # a made-up one is always 404
        left_out = [*NOT_FOR_US, *([negative_data_rejection] if sound_once_sent(case) else [])]
        if len(answers) >= REFUSED and set(answers) == {403}:
            return
        answer = case.call_and_validate(
            base_url=str(office.client.base_url), headers=headers, excluded_checks=left_out, timeout=20
        )
        answers.append(answer.status_code)

    run()


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
    fuzz(office, "officer", examples=2)


@pytest.mark.deep
@pytest.mark.parametrize("role", list(Role))
def test_the_document_holds_for_every_role(office: Office, role: str) -> None:
    fuzz(office, role, examples=20)
