"""The table of settings in docs/production.md is the one the code would print."""

from __future__ import annotations

import re

from gateway.settings import Settings
from tests.docs.documents import ROOT, documents, read
from tests.docs.settings_table import lines


def test_the_table_is_the_code() -> None:
    assert "\n".join(lines()) in read("docs/production.md"), "run: python -m tests.docs.settings_table"


def test_no_document_names_a_setting_that_is_not_read() -> None:
    known = {f"BARAZA_{name.upper()}" for name in Settings.model_fields}
    known |= set(re.findall(r"\"(BARAZA_[A-Z_]+)\"", (ROOT / "migrations/grants.py").read_text(encoding="utf-8")))
    for document in documents():
        named = set(re.findall(r"\bBARAZA_[A-Z_]*[A-Z]\b", document.read_text(encoding="utf-8")))
        assert named <= known, document.name
