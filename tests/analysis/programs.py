"""Small programs at random, as cells of a notebook: they bind, alias, change and capture a few variables."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

NUMBERS, LISTS, FUNCTIONS = ("a", "b", "c"), ("xs", "ys", "zs"), ("f", "g", "h")
HEAD = "a, b, c = 1, 2, 3\nxs = [3, 1, 2]\nys = xs\nzs = []\nd = {'k': 1}\nf = g = h = abs"

number, numbers, function = st.sampled_from(NUMBERS), st.sampled_from(LISTS), st.sampled_from(FUNCTIONS)
literal = st.integers(0, 9).map(str)


@st.composite
def expression(draw: DrawFn, depth: int = 2) -> str:
    """An expression that gives a number."""
    if depth == 0:
        return draw(number | literal)
    one, two = (draw(expression(depth - 1)) for _ in range(2))
    forms = [
        draw(number),
        f"({one} + {two})",
        f"({one} * {two} % 7)",
        f"len({draw(numbers)})",
        f"sum({draw(numbers)}, {one})",
        f"{draw(function)}({one})",
        f"({one} if {two} > 2 else {draw(number)})",
        f"sum(v + {one} for v in {draw(numbers)})",
        f"(lambda v: v + {draw(number)})({one})",
        f"d.get('k', {one})",
        f"({draw(number)} := {one})",
    ]
    return draw(st.sampled_from(forms))


@st.composite
def definition(draw: DrawFn) -> str:
    """A function of one argument, which reads, changes or rebinds what is outside."""
    name, read, bound = draw(function), draw(number), draw(number)
    inner = draw(expression(1))
    bodies = [
        f"    return x + {read}",
        f"    {draw(numbers)}.append(x)\n    return {inner}",
        f"    global {bound}\n    {bound} = {bound} + 1\n    return x + {bound}",
        f"    def inner(y={read}):\n        return x + y\n    return inner()",
        f"    total = 0\n    for v in {draw(numbers)}:\n        total += v * x\n    return total + {read}",
        f"    if x > 3:\n        return {read}\n    return {name}(x + 2)",
        f"    {read} = x\n    return {read} + {bound if bound != read else 1}",
        f"    return [v + {read} for v in range(x % 4)][-1:] == [] and {inner}",
    ]
    parameter = draw(st.sampled_from(["x", f"x={read}", f"x, *rest, key={read}"]))
    return f"def {name}({parameter}):\n{draw(st.sampled_from(bodies))}"


@st.composite
def statement(draw: DrawFn) -> str:
    """A statement of some kind."""
    name, other, values, more = draw(number), draw(number), draw(numbers), draw(numbers)
    value = draw(expression())
    kinds = [
        f"{name} = {value}",
        f"{name} += {value}",
        f"{name}, {other} = {other}, {value}",
        f"{values}.append({value})",
        f"{values} = {more}",
        f"{values} = {more} + [{name}]",
        f"{values} += [{value}]",
        f"{values}.sort()",
        f"{values}[:1] = [{value}]",
        f"*{values}, {name} = [*{more}, {value}]",
        f"d['k'] = {value}",
        f"for {name} in {values}[:3]:\n    {other} = {other} + {name}",
        f"for v in range(3):\n    if v == {value} % 3:\n        break\n    {values}.append(v)\nelse:\n    {name} = 5",
        f"if {value} > 4:\n    {name} = {other}\nelse:\n    {values}.append({name})",
        f"while len({values}) < 3:\n    {values}.append({name})",
        f"try:\n    {name} = {values}[{value}]\nexcept IndexError:\n    {name} = -1",
        f"with open('n.txt', 'w') as file:\n    {name} = file.write(str({value}))",
        f"del {values}[:1]",
        f"{draw(function)} = lambda x, y={name}: x + y + {other}",
        f"class P:\n    size = {name}\n    def get(self):\n        return self.size + {other}\n{other} = P().get()",
        f"class Q:\n    def bump(self):\n        global {name}\n        {name} += 1\n        return {other}\n"
        "print(Q().bump())",
        f"print({name}, {values}, {value})",
        f"{values} is {more}",
        f"{value}",
    ]
    return draw(st.sampled_from(kinds) | definition())


@st.composite
def cells(draw: DrawFn) -> list[str]:
    """The cells of a notebook: a head that binds all variables, statements cut anywhere, and a look at the end."""
    statements = draw(st.lists(statement(), min_size=4, max_size=14))
    cuts = sorted(draw(st.sets(st.integers(1, len(statements) - 1), max_size=5)))
    parts = [statements[a:b] for a, b in zip([0, *cuts], [*cuts, None], strict=True)]
    return [HEAD, *("\n".join(part) for part in parts), "print(a, b, c, xs, ys, zs, d, xs is ys, f(2))"]
