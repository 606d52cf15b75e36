"""Every phenomenon of Python in notebooks is converted exactly, or refused by name at its cell."""

from __future__ import annotations

import pytest
from oracle import Case, Oracle, cases


@pytest.mark.parametrize("case", list(cases()), ids=str)
def test_a_project_prints_what_its_notebook_prints(case: Case, oracle: Oracle) -> None:
    complaint = oracle.complaint(case)
    assert not complaint, complaint
