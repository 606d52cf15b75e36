"""Values that expressions write out, and their types."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from notebook_programs import expression, resolver

from nbmde.notebooks.analysis import values

DOTTED = resolver(
    "from datetime import date, datetime\nfrom typing import Any, Dict, List, Optional, Tuple, Union"
).dotted


@pytest.mark.parametrize(
    ("source", "data", "type_"),
    [
        ("1", 1, "int"),
        ("-2.5", -2.5, "float"),
        ("True", True, "bool"),
        ("'a'", "a", "str"),
        ("None", None, "None"),
        ("2 ** 10 - 1", 1023, "int"),
        ("2 ** 64 / 2 ** 62", None, ""),
        ("7 // 2 + 7 % 4 * 2", 9, "int"),
        ("1 / 4", 0.25, "float"),
        ("1 / 0", None, ""),
        ("2 ** 65", None, ""),
        ("1 << 3", None, ""),
        ("2.0 ** 60", 2.0**60, "float"),
        ("1.5 ** -64", 1.5**-64, "float"),
        ("1.5 ** -65", None, ""),
        ("'a' + 'b'", None, ""),
        ("True + 1", None, ""),
        ("1e400", None, ""),
        ("2 ** 53", None, ""),
        ("9007199254740991", 9007199254740991, "int"),
        ("9007199254740992", None, ""),
        ("-9007199254740992", None, ""),
        ("-True", None, ""),
        ("-'a'", None, ""),
        ("+1", None, ""),
        ("b'a'", None, ""),
        ("1j", None, ""),
        ("x", None, ""),
        ("[1, 2]", [1, 2], "list[int]"),
        ("[]", [], "list[Any]"),
        ("[1, 2.5]", [1, 2.5], "list[int | float]"),
        ("[1, None]", [1, None], "list[int | None]"),
        ("[None, 1]", [None, 1], "list[int | None]"),
        ("[None]", [None], "list[Any]"),
        ("[[1], ['a']]", [[1], ["a"]], "list[list[Any]]"),
        ("[[1], [2]]", [[1], [2]], "list[list[int]]"),
        ("[(1, 2), (3,)]", [[1, 2], [3]], "list[tuple[Any, ...]]"),
        ("[[1], (2,)]", [[1], [2]], "list[list[int] | tuple[int]]"),
        ("(1, 'a', None)", [1, "a", None], "tuple[int, str, Any]"),
        ("()", [], "tuple[Any, ...]"),
        ("{1, 2}", [1, 2], "set[int]"),
        ("{'a': 1, 'b': None}", {"a": 1, "b": None}, "dict[str, int | None]"),
        ("{}", {}, "dict[str, Any]"),
        ("{1: 2}", None, ""),
        ("{'a': x}", None, ""),
        ("{**a}", None, ""),
        ("[x]", None, ""),
        ("date(2020, 1, 2)", "2020-01-02", "date"),
        ("datetime(2020, 1, day=2)", "2020-01-02T00:00:00", "datetime"),
        ("date(2020, 13, 1)", None, ""),
        ("date(2020)", None, ""),
        ("date('2020', 1, 1)", None, ""),
        ("date(2020, True, 1)", None, ""),
        ("other(2020, 1, 1)", None, ""),
    ],
)
def test_only_what_is_written_out_is_known(source: str, data: Any, type_: str) -> None:
    found = values.value(expression(source), DOTTED)
    if not type_:
        assert found is None
    else:
        assert found == values.Value(data, type_)
        assert type(found.data) is type(data)


@pytest.mark.parametrize(
    ("source", "annotation"),
    [
        ("int", "int"),
        ("'int'", "int"),
        ("' str '", "str"),
        ("Any", "Any"),
        ("None", "None"),
        ("int | None", "int | None"),
        ("None | int", "int | None"),
        ("float | str | int", "float | str | int"),
        ("list", "list[Any]"),
        ("tuple", "tuple[Any, ...]"),
        ("set", "set[Any]"),
        ("dict", "dict[str, Any]"),
        ("Dict", "dict[str, Any]"),
        ("List[int]", "list[int]"),
        ("Tuple[int, ...]", "tuple[int, ...]"),
        ("Tuple[int, str]", "tuple[int, str]"),
        ("typing.Dict[str, float]", "dict[str, float]"),
        ("Optional[int]", "int | None"),
        ("Optional[Union[int, str]]", "int | str | None"),
        ("Union[int, None, str]", "int | str | None"),
        ("Union[int, Union[str, int]]", "int | str"),
        ("list[int] | list[str]", "list[Any]"),
        ("date", "date"),
        ("datetime", "datetime"),
        ("np.array", ""),
        ("bytes", ""),
        ("frozenset[int]", ""),
        ("list[np.array]", ""),
        ("'not python ('", ""),
        ("int + str", ""),
        ("1", ""),
    ],
)
def test_an_annotation_that_names_other_types_is_not_taken(source: str, annotation: str) -> None:
    assert values.annotation(expression(source), DOTTED) == annotation


@pytest.mark.parametrize(
    ("data", "type_", "fits"),
    [
        (1, "int", True),
        (1, "float", False),
        (True, "int", False),
        (True, "bool", True),
        (None, "None", True),
        (None, "int", False),
        (None, "int | None", True),
        ("a", "int | None", False),
        ("a", "Any", True),
        ([1], "list[int]", True),
        ([1, "a"], "list[int]", False),
        ([1, "a"], "list[int | str]", True),
        ([1, "a"], "tuple[int, str]", True),
        ([1, 2], "tuple[int, str]", False),
        ([1], "tuple[int, str]", False),
        ([1, 2, 3], "tuple[int, ...]", True),
        ([1, "a"], "tuple[int, ...]", False),
        ([1], "set[int]", True),
        ({"a": 1}, "dict[str, int]", True),
        ({"a": "b"}, "dict[str, int]", False),
        ([1], "dict[str, int]", False),
        ({"a": 1}, "list[int]", False),
        ({"a": 1}, "dict[int]", False),
        ([1], "frozenset[int]", False),
        ("2020-01-02", "date", True),
        ("2020-13-02", "date", False),
        ("2020-01-02", "datetime", False),
        ("2020-01-02T00:00:00", "datetime", True),
        ("2020-01-02T00:00", "datetime", False),
        (1, "date", False),
        (1, "not python (", False),
    ],
)
def test_a_value_of_another_type_does_not_fit(data: Any, type_: str, fits: bool) -> None:
    assert values.fits(data, type_) == fits


@pytest.mark.parametrize(
    ("data", "type_", "plain"),
    [
        ("2020-01-02", "date", date(2020, 1, 2)),
        ("2020-01-02T03:04:05", "datetime", datetime(2020, 1, 2, 3, 4, 5)),
        ("2020-01-02", "str", "2020-01-02"),
        ("2020-01-02", "str | date", "2020-01-02"),
        ("2020-01-02", "int | date", date(2020, 1, 2)),
        (["2020-01-02", "b"], "tuple[date, str]", [date(2020, 1, 2), "b"]),
        (["2020-01-02", "2020-01-03"], "tuple[date, ...]", [date(2020, 1, 2), date(2020, 1, 3)]),
        (["2020-01-02", "2020-01-03"], "list[date]", [date(2020, 1, 2), date(2020, 1, 3)]),
        ({"a": "2020-01-02"}, "dict[str, date]", {"a": date(2020, 1, 2)}),
        (None, "date | None", None),
        (3, "int", 3),
    ],
)
def test_dates_are_dates_again(data: Any, type_: str, plain: Any) -> None:
    assert values.plain(data, type_) == plain


def test_types_are_joined_once_and_none_comes_last() -> None:
    assert values.joined("None", "int") == "int | None"
    assert values.joined("int | str", "str") == "int | str"
    assert values.joined("list[int]", "list[str] | None") == "list[Any] | None"
