"""What must hold for orders."""

from typing import Any

from nbmde.engine.constraints import ConstraintSet

constraints = ConstraintSet("shop")


@constraints.constraint("Item")
def amount_is_positive(item: Any) -> bool:
    """nobody orders nothing"""
    return item.amount > 0


@constraints.constraint("Item", severity="critique", satisfies="amount_is_positive")
def amount_is_usual(item: Any) -> str | None:
    return f"{item.amount} is much" if item.amount > 99 or item.amount < -99 else None


@constraints.constraint("Gift", message="it is for nobody")
def gift_is_for_somebody(gift: Any) -> bool:
    return gift.to is not None


@constraints.fix("gift_is_for_somebody", "Give it to you")
def give_it_to_you(gift: Any) -> None:
    gift.to = "you"


@constraints.constraint("Order", guard=lambda order: len(order.items) > 1)
def names_are_unique(order: Any) -> bool:
    return len({item.name for item in order.items}) == len(order.items)
