"""Rules for people: one source to two targets, inheritance, called rules, several sources."""

from typing import Any

from nbmde.engine.m2m import Context

from . import transformation


@transformation.rule("Person", to=("Citizen", "Certificate"), abstract=True)
def person(t: Context, person: Any, citizen: Any, certificate: Any) -> None:
    citizen.name = person.name
    citizen.parents.extend(t.resolve(parent) for parent in person.parents)
    citizen.certificate = certificate
    certificate.of = citizen
    if person.born:
        t.make("year", t.source, key=person.born, year=person.born).births += 1
    if person.spouse is not None:
        first, second = sorted((person, person.spouse), key=lambda one: one.name)
        t.target.entries.append(t.make("marriage", (first, second)))


@transformation.rule("Woman", extends="person")
def woman(t: Context, woman: Any, citizen: Any, certificate: Any) -> None:
    citizen.title = "Ms"


@transformation.rule("Man", extends="person")
def man(t: Context, man: Any, citizen: Any, certificate: Any) -> None:
    citizen.title = "Mr"


@transformation.rule("Person", to="Marriage", lazy=True)
def marriage(t: Context, spouses: Any, marriage: Any) -> None:
    marriage.name = " & ".join(spouse.name for spouse in spouses)
    marriage.spouses.extend(t.resolve(spouse) for spouse in spouses)
