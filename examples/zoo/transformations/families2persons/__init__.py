"""Families to persons: each member of a family becomes a male or a female person, and families become nothing."""

from nbmde.m2m import Context, Transformation
from nbmde.models import EObject

transformation = Transformation("families2persons", source="Families", target="Persons", roots="Person")


@transformation.helper("Member")
def family(t: Context, member: EObject) -> EObject:
    """The family of a member, whatever it is in there."""
    return member.eContainer()


@transformation.helper("Member")
def is_female(t: Context, member: EObject) -> bool:
    """Whether a member is a mother or a daughter."""
    return member.eContainmentFeature().name in ("mother", "daughters")


@transformation.rule("Member", to="Person", abstract=True)
def member2person(t: Context, member: EObject, person: EObject) -> None:
    """What all persons have."""
    person.fullName = f"{member.firstName} {t.helpers.family(member).lastName}"


@transformation.rule("Member", to="Male", extends="member2person", guard=lambda t, member: not t.helpers.is_female(member))
def member2male(t: Context, member: EObject, male: EObject) -> None:
    """A father or a son."""


@transformation.rule("Member", to="Female", extends="member2person", guard=lambda t, member: t.helpers.is_female(member))
def member2female(t: Context, member: EObject, female: EObject) -> None:
    """A mother or a daughter."""
