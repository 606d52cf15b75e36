"""Digests tell values apart and nothing else; making them changes nothing."""

from __future__ import annotations

import ast
import collections
import copy
import enum
import functools
import io
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbmde.notebooks.verify import digest, probe
from nbmde.notebooks.verify.digest import Digester

NUMBERS = st.one_of(st.booleans(), st.integers(), st.floats(), st.complex_numbers())
PLAIN = st.one_of(st.none(), NUMBERS, st.text(max_size=8), st.binary(max_size=8))
HASHABLE = st.one_of(st.integers(), st.text(max_size=4), st.tuples(st.integers(), st.text(max_size=2)))
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.tuples(inner, inner),
        st.dictionaries(HASHABLE, inner, max_size=4),
        st.frozensets(HASHABLE, max_size=4),
    ),
    max_leaves=20,
)


class Point:
    def __init__(self, x: Any) -> None:
        self.x = x


class Slotted:
    __slots__ = ("left", "right")

    def __init__(self, left: Any, right: Any) -> None:
        self.left, self.right = left, right


class Named(list[Any]):
    """A container with an attribute."""

    name = ""


class Colour(enum.Enum):
    red = 1
    blue = 2


def record(value: Any, **options: Any) -> dict[str, Any]:
    return Digester(own=(__name__,), **options).record(value)


def hash_of(value: Any, **options: Any) -> str:
    found = record(value, **options)
    assert not found["gaps"], found["gaps"]
    return str(found["hash"])


@given(VALUES)
def test_a_copy_has_the_same_digest(value: Any) -> None:
    assert hash_of(copy.deepcopy(value)) == hash_of(value)


@given(VALUES, VALUES)
def test_equal_digests_mean_equal_spellings(one: Any, other: Any) -> None:
    def spelled(value: Any) -> Any:
        if isinstance(value, frozenset):
            return ("frozenset", sorted(map(repr, value)))
        if isinstance(value, (list, tuple)):
            return (type(value).__name__, [spelled(item) for item in value])
        if isinstance(value, dict):
            return ("dict", [(spelled(key), spelled(item)) for key, item in value.items()])
        return (type(value).__name__, repr(value))

    assert (hash_of(one) == hash_of(other)) == (spelled(one) == spelled(other))


@given(VALUES)
def test_a_digest_draws_no_random_numbers(value: Any) -> None:
    state = random.getstate()
    record(value)
    assert random.getstate() == state


@given(st.lists(st.one_of(st.integers(), st.text(max_size=3)), min_size=400, max_size=500), st.data())
def test_one_change_in_a_long_list_changes_the_digest(values: list[Any], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(values) - 1))
    changed = [*values[:place], "another", *values[place + 1 :]]
    assert (hash_of(changed) == hash_of(values)) == (values[place] == "another")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (1, 1.0),
        ("1", 1),
        (0.0, -0.0),
        ([1, 2], (1, 2)),
        ([[1], [2]], [[1, 2]]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({1, 2}, frozenset((1, 2))),
        (collections.OrderedDict(a=1), {"a": 1}),
        (collections.deque([1, 2]), [1, 2]),
        (Point(1), Point(2)),
        (Slotted(1, 2), Slotted(2, 1)),
        (Colour.red, Colour.blue),
        (bytearray(b"a"), b"a"),
        (random.Random(1), random.Random(2)),
        (Path("a"), Path("b")),
        (ValueError("a"), ValueError("b")),
        (len, max),
    ],
)
def test_different_values_have_different_digests(one: Any, other: Any) -> None:
    assert hash_of(one) != hash_of(other)
    assert hash_of(one) == hash_of(copy.deepcopy(one))


def test_integers_too_long_to_be_printed_are_told_apart() -> None:
    assert hash_of(10**6000) != hash_of(10**6000 + 1)
    assert hash_of([10**6000] * 400) != hash_of([10**6000 + 1] * 400)


def test_a_container_with_attributes_is_both() -> None:
    one, other, third = Named([1]), Named([1]), Named([2])
    one.name, other.name, third.name = "a", "b", "a"
    assert len({hash_of(one), hash_of(other), hash_of(third)}) == 3


def test_cycles_end() -> None:
    loop: list[Any] = [1]
    loop.append(loop)
    other: list[Any] = [1]
    other.append(other)
    point = Point(None)
    point.x = point
    assert hash_of(loop) == hash_of(other) != hash_of([1, [1]])
    assert hash_of(point)


def test_deep_and_large_values_are_not_compared_rather_than_not_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    assert "levels deep" in record(deep)["gaps"][0][1]
    monkeypatch.setattr(digest, "PARTS", 1000)
    large = record([[n] for n in range(2000)])
    assert "more than 1,000 parts" in large["gaps"][0][1]
    assert "hash" not in large
    monkeypatch.setattr(digest, "PARTS", 10_000)
    monkeypatch.setattr(digest, "SECONDS", -1)
    assert "takes more than" in record([[n] for n in range(2000)])["gaps"][0][1]


def test_what_cannot_be_compared_is_named_by_its_place() -> None:
    def numbers() -> Any:
        yield 1

    value = {"fine": 1, "bad": [numbers(), open(__file__)]}  # noqa: SIM115 - an open file is what is tested
    found = record(value)
    value["bad"][1].close()
    assert [place for place, _ in found["gaps"]] == ["['bad'][0]", "['bad'][1]"]
    assert [reason.partition(":")[0] for _, reason in found["gaps"]] == ["a generator", "an open file"]
    assert next(value["bad"][0]) == 1
    assert found["hash"] != record({**value, "fine": 2})["hash"]


def test_closed_files_and_files_in_memory_are_compared(tmp_path: Path) -> None:
    with open(tmp_path / "a", "w") as one, open(tmp_path / "b", "w") as other, open(tmp_path / "a") as third:
        assert record(one)["gaps"] == [("", "an open file")]
    assert len({hash_of(file) for file in (one, other, third)}) == 3
    first, second = io.StringIO("text"), io.StringIO("text")
    assert hash_of(first) == hash_of(second) != hash_of(io.StringIO("other"))
    second.read()
    assert hash_of(first) != hash_of(second)


def test_an_object_that_refuses_is_not_compared() -> None:
    class Refusing:
        def __reduce_ex__(self, protocol: Any) -> Any:
            raise RuntimeError("never")

    found = Digester(own=()).record(Refusing())
    assert found["gaps"] == [("", "Refusing (never)")]


def test_functions_and_classes_count_by_name_wherever_the_notebooks_own_code_is() -> None:
    def made(module: str) -> Any:
        def area(x: int) -> int:
            return x

        area.__module__ = module
        return area

    kernel = Digester(own=("__main__",))
    project = Digester(own=("__main__", "shop"))
    one, other = made("__main__"), made("shop.models.train")
    assert kernel.record(one)["hash"] == project.record(other)["hash"]
    bound = Digester(own=("__main__", "shop"), taken={"area": ["rate"]}).record(functools.partial(other, rate=1))
    assert {**kernel.record(one), "text": ""} == {**bound, "text": ""}
    assert kernel.record(one)["hash"] != project.record(made("elsewhere"))["hash"]
    thing = type("Thing", (), {"__module__": "__main__"})
    other_thing = type("Thing", (), {"__module__": "shop.data"})
    assert kernel.record(thing())["hash"] == project.record(other_thing())["hash"]
    assert kernel.record(thing())["type"] == "own.Thing"


def test_an_estimator_is_its_parameters_and_what_it_learned() -> None:
    class Mean:
        def __init__(self, shift: float = 0.0) -> None:
            self.shift = shift

        def get_params(self, deep: bool = True) -> dict[str, Any]:
            return {"shift": self.shift}

        def fit(self, numbers: list[float]) -> Mean:
            self.mean_ = sum(numbers) / len(numbers)
            return self

    assert hash_of(Mean().fit([1.0, 2.0])) == hash_of(Mean().fit([2.0, 1.0]))
    assert hash_of(Mean().fit([1.0])) != hash_of(Mean(1.0).fit([1.0]))
    parts, others = record(Mean().fit([1.0]))["parts"], record(Mean().fit([3.0]))["parts"]
    assert {name for name in parts if parts[name] != others[name]} == {"mean_"}


def test_measured_times_do_not_count_and_are_named() -> None:
    one = record({"mean_fit_time": 0.1, "score": 1})
    other = record({"mean_fit_time": 0.2, "score": 1})
    assert one["hash"] == other["hash"]
    assert one["gaps"] == [("['mean_fit_time']", "a time that was measured")]


def test_variables_that_are_one_object_are_known() -> None:
    first = [1]
    records = Digester().snapshot({"b": first, "a": first, "c": [1], "d": 1, "e": 1, "f": (1,), "g": "x", "h": "x"})
    assert records["a"]["same"] == records["b"]["same"] != records["c"]["same"]
    assert not any("same" in records[name] for name in "defgh")


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e6, max_value=1e6), min_size=1))
def test_a_sketch_tells_how_far_numbers_are_apart(numbers: list[float]) -> None:
    near = record([number * (1 + 1e-13) for number in numbers], tolerant=True)
    far = record([number + 1 + abs(number) for number in numbers], tolerant=True)
    here = record(numbers, tolerant=True)
    from nbmde.notebooks.verify.comparison import different

    assert here["hash"] == near["hash"] == far["hash"]
    assert not different(here, near, 1e-9)
    assert different(here, far, 1e-9)


def test_places_of_files_are_spelled_alike() -> None:
    one = Digester(spelled=probe.Spelling([("/tmp/a/data", "<data>"), ("/tmp/a", "<folder>")]))
    other = Digester(spelled=probe.Spelling([("/tmp/b/raw", "<data>"), ("/tmp/b", "<folder>")]))
    for value in ("/tmp/{}/x.csv", "/tmp/{}/{}/x.csv"):
        texts = [value.format(*pair) for pair in (("a", "data"), ("b", "raw"))]
        assert one.record(texts[0])["hash"] == other.record(texts[1])["hash"]
        assert one.record(Path(texts[0]))["hash"] == other.record(Path(texts[1]))["hash"]
        assert one.record([texts[0]] * 400)["hash"] == other.record([texts[1]] * 400)["hash"]


@pytest.mark.parametrize("module", [digest, probe])
def test_what_is_loaded_in_other_pythons_is_python_3_8_without_dependencies(module: Any) -> None:
    import sys

    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"), feature_version=(3, 8))
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert all(name.partition(".")[0] in sys.stdlib_module_names for name in names)
    called = {node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and hasattr(node.func, "attr")}
    assert not called & {"removeprefix", "removesuffix", "is_relative_to"}
