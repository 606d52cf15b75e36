"""Names in annotations, of which some are texts."""

import ast

import pytest

from nbmde.notebooks.analysis.annotations import annotation_names


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("x: a = b", "a"),
        ("x: 'a.b' = c", "a"),
        ("def f(p: a, *q: b, k: 'c' = d, **r: e) -> g: pass", "a c b e g"),
        ("async def f() -> 'a[b]': pass", "a b"),
        ("x: Literal['a', 'b']", "Literal"),
        ("x: typing.Literal['a'] | 'b'", "typing b"),
        ("x: list['a']", "list a"),
        ("x: 'not python ('", ""),
        ("cast('a', b)", "a"),
        ("typing.cast(a, 'b')", "a"),
        ("T = TypeVar('T', 'a', b, bound='c', covariant=d)", "a b c"),
        ("T = NewType('T', 'a')", "a"),
        ("ForwardRef('a')", "a"),
        ("print('a', bound='b')", ""),
    ],
)
def test_each_name_that_a_reader_of_types_must_know_is_found(source: str, names: str) -> None:
    assert sorted(annotation_names(ast.parse(source))) == sorted(names.split())
