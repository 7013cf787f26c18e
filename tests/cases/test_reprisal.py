"""'They punish me for this': one key, and from that moment nobody but the supervisor sees the case, or that it was."""

from __future__ import annotations

import pytest

from tests.conftest import SECRET
from tests.desk import Office
from tests.web import Handset

ROLES = ["intake", "officer", "focal", "oversight", "admin", "supervisor"]


def seen(office: Office, serial: str) -> set[str]:
    """The roles that find the case: by its serial, in the list, with its messages."""
    for role in ROLES[:-2]:
        listed = [case["serial"] for case in office.get("/cases", role)["items"]]
        assert (serial in listed) == (office.ask("GET", f"/cases/{serial}", role).status_code == 200)
    return {role for role in ROLES if office.ask("GET", f"/cases/{serial}", role).status_code == 200}


@pytest.mark.parametrize("by", ["resident", "officer"])
def test_only_the_supervisor_sees_it_from_that_moment(office: Office, address: str, by: str) -> None:
    filed = office.file(language="en")
    serial = filed.serial
    office.post(f"/cases/{serial}/assign", {"department": "environment"})
    office.post(f"/cases/{serial}/replies", {"text": "We look at it"})
    assert seen(office, serial) == set(ROLES) - {"admin"}
    phone = Handset(address, SECRET)
    if by == "resident":
        phone.dial()
        assert "Only our supervisor will see this case then." in phone.type("3", "1", "4"), phone.screen
        assert "Only the supervisor sees it now" in phone.type("1")
    else:
        assert office.post(f"/cases/{serial}/reprisal", {}).json() == {"hidden": True}

    assert seen(office, serial) == {"supervisor"}
    case = office.get(f"/cases/{serial}", "supervisor")
    assert (case["reprisal"], case["urgent"], case["assignee"]) == (True, True, None)
    for role in ("intake", "officer", "oversight"):
        assert office.get("/duties", role)["items"] == []
        assert office.get("/reports/solved", role)["total"]["filed"] == 0
    assert office.get("/messages", "officer")["items"] == []
    assert office.ask("GET", f"/cases/{serial}/timeline", "focal").status_code == 404
    assert office.post(f"/cases/{serial}/notes", {"text": "?"}, "focal").status_code == 404
    (duty,) = office.get("/duties", "supervisor")["items"]
    assert (duty["kind"], duty["case"], duty["yours"]) == ("reprisal", serial, True)
    assert office.post(f"/duties/{duty['id']}/done", None, "officer").status_code == 404
    assert [template for template, _, _ in office.owed()] == ["reply"], "a shared phone is told nothing"

    phone.dial()
    assert "They punish me" not in phone.type("3", "1"), "the resident still sees the case, and the key is gone"
    assert "pass what you wrote to: Commission on Administrative Justice" in phone.type("1"), (
        "on to the CAJ, if they say so"
    )
    phone.type("1")
    assert {duty["kind"] for duty in office.get("/duties", "supervisor")["items"]} == {"reprisal", "consent"}
    on = {"office": "caj", "reference": "CAJ/9/2026", "reason": "You are being punished"}
    assert office.post(f"/cases/{serial}/referral", on, "supervisor").json()["status"] == "referred"
    over = office.post(f"/cases/{serial}/reprisal/end", {"text": "Settled with the CAJ"}, "supervisor")
    assert over.status_code == 200
    assert office.get("/duties", "supervisor")["items"] == []
    assert seen(office, serial) == set(ROLES) - {"admin"}
    for role in ("officer", "focal", "oversight"):
        kinds = [event["kind"] for event in office.get(f"/cases/{serial}/timeline", role)["items"]]
        assert not {"reprisal", "reprisal_ended"} & set(kinds), "nor is it told of afterwards"
    kinds = [event["kind"] for event in office.get(f"/cases/{serial}/timeline", "supervisor")["items"]]
    assert {"reprisal", "reprisal_ended"} <= set(kinds)
