"""The OpenAPI document against the running application: no 5xx, no undeclared answer, whatever is sent."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import positive_data_acceptance
from schemathesis.core.result import Ok

from gateway.staff.roles import Role
from tests.desk import Office

# Whether an e-mail takes cases, or a text fits two SMS, no schema can say: those are 422 with good data.
NOT_FOR_US = [positive_data_acceptance]


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
        case.call_and_validate(
            base_url=str(office.client.base_url), headers=headers, excluded_checks=NOT_FOR_US, timeout=20
        )

    run()


def test_the_document_holds_for_an_officer(office: Office) -> None:
    fuzz(office, "officer", examples=4)


@pytest.mark.deep
@pytest.mark.parametrize("role", list(Role))
def test_the_document_holds_for_every_role(office: Office, role: str) -> None:
    fuzz(office, role, examples=40)
