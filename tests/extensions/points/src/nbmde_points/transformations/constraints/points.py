"""What must hold for functions and books."""

from nbmde.constraints import ConstraintSet

constraints = ConstraintSet("points")


@constraints.constraint("Function", severity="critique")
def function_is_not_trivial(function):
    """a single statement needs no function"""
    return function.statements != 1


@constraints.constraint("Book")
def title_is_short(book):
    """nobody remembers this title"""
    return len(book.title) < 40
