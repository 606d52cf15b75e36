"""Rules for the town."""

from typing import Any

from nbmde.engine.m2m import Context

from . import transformation


@transformation.rule("Town", to="Register")
def town(t: Context, town: Any, register: Any) -> None:
    register.name = town.name
    register.entries.extend(t.resolve(person) for person in town.people)


@transformation.rule("Town", to="Year", lazy=True)
def year(t: Context, town: Any, entry: Any, year: int) -> None:
    entry.name = str(year)
    t.target.entries.append(entry)


@transformation.helper("Town", cached=True)
def population(t: Context, town: Any) -> int:
    return len(town.people)


@transformation.pre
def count(t: Context) -> None:
    t.helpers.population(t.source)


@transformation.post
def report_size(t: Context) -> None:
    t.report("info", f"{t.helpers.population(t.source)} people, {len(t.target.entries)} entries", t.target)
