"""Constraints are checked on the elements they are for; conformance comes before them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nbmde.engine import constraints, models
from nbmde.engine.constraints import ConstraintSet
from nbmde.engine.diagnostics import Diagnostic
from nbmde.engine.errors import NbmdeError


def texts(findings: list[Diagnostic]) -> list[str]:
    return [str(finding) for finding in findings]


def test_a_good_model_has_no_findings(order: Any, registry: models.Registry, extension: Path) -> None:
    assert constraints.check(order, registry, (extension,)) == []


def test_findings_come_in_walk_order_and_by_name(order: Any, registry: models.Registry, extension: Path) -> None:
    order.items[0].amount = 0
    order.items[0].name = order.items[1].name
    order.items[1].to = None
    order.items[1].amount = 100
    findings = constraints.check(order, registry, (extension,))
    assert texts(findings) == [
        "error: Order (A1): names are unique does not hold [names_are_unique]",
        "error: Item 'card' (//@items.0): nobody orders nothing [amount_is_positive]",
        "warning: Gift 'card' (//@items.1): 100 is much [amount_is_usual]",
        "error: Gift 'card' (//@items.1): it is for nobody [gift_is_for_somebody]"
        " (Give it to you: nbmde validate --fix)",
    ]
    assert [(one.severity, one.element) for one in findings[2:3]] == [("warning", order.items[1])]


def test_a_constraint_is_not_checked_where_one_it_depends_on_does_not_hold(
    order: Any, registry: models.Registry, extension: Path
) -> None:
    order.items[0].amount = -100
    names = [finding.code for finding in constraints.check(order, registry, (extension,))]
    assert names == ["amount_is_positive"]


def test_what_is_checked_first_is_told_in_its_place(order: Any, registry: models.Registry) -> None:
    found = ConstraintSet("shop")

    def add(name: str, result: bool, *depends: str) -> None:
        def check(order: Any) -> bool:
            return result

        check.__name__ = name
        found.constraint("Order", satisfies=depends)(check)

    add("a", True, "m")
    add("c", False)
    add("m", False)
    add("b", False)
    assert [finding.code for finding in found.check(order, registry)] == ["b", "c", "m"]


def test_dependence_is_transitive(order: Any, registry: models.Registry) -> None:
    checked: list[str] = []
    chain = ConstraintSet("shop")

    def add(name: str, result: bool, depends: tuple[str, ...]) -> None:
        def check(order: Any) -> bool:
            checked.append(name)
            return result

        check.__name__ = name
        chain.constraint("Order", satisfies=depends)(check)

    add("a", True, ("b",))
    add("b", True, ("c",))
    add("c", False, ())
    add("d", True, ())
    assert [finding.code for finding in chain.check(order, registry)] == ["c"]
    assert checked == ["c", "d"]


def test_a_guard_decides_whether_a_constraint_is_for_an_element(
    order: Any, registry: models.Registry, extension: Path
) -> None:
    shop = ConstraintSet("shop")
    shop.constraint("Item", guard=lambda item: item.name == "pen")(lambda item: False)
    assert [finding.element.name for finding in shop.check(order, registry)] == ["pen"]


def test_a_fix_makes_the_constraint_hold(order: Any, registry: models.Registry, extension: Path) -> None:
    order.items[1].to = None
    (finding,) = constraints.check(order, registry, (extension,))
    assert finding.fix is not None
    finding.fix.do(finding.element)
    assert constraints.check(order, registry, (extension,)) == []


def rules_of(folder: Path, metamodel: str, *checks: str) -> None:
    """Writes constraints of an extension."""
    file = folder / "transformations" / "constraints" / "house_rules.py"
    file.parent.mkdir(parents=True)
    header = f"from nbmde.constraints import ConstraintSet\nconstraints = ConstraintSet({metamodel!r})\n"
    file.write_text(header + "\n".join(checks))
    (file.parent / "_parts.py").write_text("raise SystemError('not a file of constraints')\n")


LONG = "@constraints.constraint('Order')\ndef number_is_long(order):\n    return f'{order.number} is short'\n"
POSITIVE = "@constraints.constraint('Item')\ndef amount_is_positive(item):\n    return item.amount >= 0\n"


def test_an_extension_adds_constraints(order: Any, registry: models.Registry, extension: Path, tmp_path: Path) -> None:
    rules_of(tmp_path, "shop", LONG)
    assert texts(constraints.check(order, registry, (extension, tmp_path))) == [
        "error: Order (A1): A1 is short [number_is_long]"
    ]


STORE = """<?xml version="1.0" encoding="UTF-8"?>
<ecore:EPackage xmi:version="2.0" xmlns:xmi="http://www.omg.org/XMI" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xmlns:ecore="http://www.eclipse.org/emf/2002/Ecore"
    name="{name}" nsURI="http://example.org/{name}" nsPrefix="{name}">
  <eClassifiers xsi:type="ecore:EClass" name="{made}" eSuperTypes="{base}"/>
</ecore:EPackage>
"""


def test_what_holds_for_a_class_holds_for_those_of_other_metamodels_that_extend_it(
    extension: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "metamodels"
    folder.mkdir()
    for name, made, base in (("store", "Article", "shop.ecore#//Gift"), ("market", "Bargain", "store.ecore#//Article")):
        (folder / f"{name}.ecore").write_text(STORE.format(name=name, made=made, base=base))
    rules_of(
        tmp_path, "store", "@constraints.constraint('Article')\ndef is_for_ann(one):\n    return one.to == 'Ann'\n"
    )
    registry = models.Registry((extension, tmp_path))
    article, bargain = registry["store"].Article, registry["market"].Bargain
    found = {
        made.name: [one.code for one in constraints.check(made(name="pen", amount=0), registry, (extension, tmp_path))]
        for made in (registry["shop"].Item, registry["shop"].Gift, article, bargain)
    }
    assert found == {
        "Item": ["amount_is_positive"],
        "Gift": ["amount_is_positive", "gift_is_for_somebody"],
        "Article": ["is_for_ann", "amount_is_positive", "gift_is_for_somebody"],
        "Bargain": ["is_for_ann", "amount_is_positive", "gift_is_for_somebody"],
    }


def test_an_extension_overrides_by_name_what_nbmde_has(tmp_path: Path) -> None:
    name, own = next(iter(constraints.find("workflow").constraints.items()))
    rules_of(tmp_path, "workflow", f"@constraints.constraint('Step')\ndef {name}(step):\n    return True\n")
    override = constraints.find("workflow", (tmp_path,)).constraints[name]
    assert override.file != own.file
    assert override.context == "Step"


def test_two_extensions_with_the_same_constraint_are_both_named(
    order: Any, registry: models.Registry, extension: Path, tmp_path: Path
) -> None:
    rules_of(tmp_path, "shop", POSITIVE)
    with pytest.raises(NbmdeError, match=r"house_rules.py, line 3: constraint amount_is_positive .*shop.py, line \d+"):
        constraints.check(order, registry, (extension, tmp_path))


# --- what does not fit ----------------------------------------------------------------------------------------------


def condition(*arguments: Any) -> Any:
    """A check that fails."""
    raise ZeroDivisionError("oops")


@pytest.mark.parametrize(
    ("declare", "reason"),
    [
        (lambda s: s.constraint("Itm")(condition), "constraint condition: metamodel shop has no class 'Itm' (Item?)"),
        (lambda s: s.constraint("Item", severity="fatal")(condition), "severity 'fatal' is none of error, critique"),
        (lambda s: s.constraint("Item", satisfies=("x",))(condition), "needs 'x', which does not exist"),
        (lambda s: s.constraint("Item", satisfies="condition")(condition), "needs 'condition', which needs it"),
        (lambda s: [s.constraint("Item")(condition) for _ in range(2)], "another constraint of that name"),
        (lambda s: s.constraint("Item")(condition), "on Item 'pen' (//@items.0): ZeroDivisionError: oops"),
        (lambda s: s.constraint("Item", guard=condition)(condition), "on Item 'pen' (//@items.0): ZeroDivisionError"),
        (lambda s: s.constraint("Item")(lambda item: 3), "3 is neither a truth value nor a message"),
    ],
)  # fmt: skip
def test_a_constraint_that_cannot_be_checked_is_told_with_its_place(
    declare: Callable[[ConstraintSet], Any], reason: str, order: Any, registry: models.Registry
) -> None:
    def declare_and_check() -> None:
        shop = ConstraintSet("shop")
        declare(shop)
        shop.check(order, registry)

    with pytest.raises(NbmdeError) as error:
        declare_and_check()
    assert reason in str(error.value)
    assert Path(error.value.file or "").name == Path(__file__).name
    assert error.value.line


@pytest.mark.parametrize(
    ("text", "reason"),
    [("x = 1", "defines no constraints"), ("x = [", "SyntaxError"), ("import nothing_at_all", "ModuleNotFoundError")],
)
def test_a_file_of_constraints_that_cannot_be_used_is_refused(text: str, reason: str, tmp_path: Path) -> None:
    folder = tmp_path / "transformations" / "constraints"
    folder.mkdir(parents=True)
    (folder / "broken.py").write_text(text)
    with pytest.raises(NbmdeError, match=rf"broken\.py: .*{reason}"):
        constraints.find("shop", (tmp_path,))


# --- conformance ----------------------------------------------------------------------------------------------------


def test_what_the_metamodel_demands_is_checked(registry: models.Registry) -> None:
    shop = registry["shop"]
    items = [shop.Item(name="a", id="x y"), shop.Item(amount=2**31, id="z"), shop.Item(name="c", id="z")]
    items.append(shop.Item(name="\x1b", price=float("inf")))
    assert texts(constraints.conformance(shop.Order(items=items))) == [
        "error: Order: number is required [lower_bound]",
        "error: Order: items takes 3, has 4 [upper_bound]",
        "error: Item 'a' (x y): id 'x y' holds more than letters, digits, '_', '.' and '-' [well_formed_id]",
        "error: Item (z): name is required [lower_bound]",
        "error: Item (z): amount: 2147483648 does not fit in 32 bits [datatype]",
        "error: Item 'c' (z): id 'z' is also that of a Item [unique_id]",
        "error: Item '\\x1b' (//@items.3): name: XML cannot hold U+001B; the datatype Text can [datatype]",
        "error: Item '\\x1b' (//@items.3): price: inf is no finite number [datatype]",
    ]
    assert texts(constraints.conformance(shop.Order(number="A1"))) == [
        "error: Order (A1): items needs 1, has 0 [lower_bound]"
    ]


def test_a_required_attribute_with_a_default_needs_no_value(registry: models.Registry) -> None:
    assert constraints.conformance(registry["shop"].Item(name="a")) == []


def test_constraints_are_not_checked_on_a_model_that_does_not_conform(
    order: Any, registry: models.Registry, extension: Path
) -> None:
    order.items[0].amount = 0
    order.items[1].name = None
    assert [one.code for one in constraints.check(order, registry, (extension,))] == ["lower_bound"]


def test_what_conforms_can_be_saved_and_what_does_not_conform_in_values_or_ids_cannot(
    order: Any, registry: models.Registry, tmp_path: Path
) -> None:
    models.save({tmp_path / "good.xmi": order}, registry)
    order.items[0].price = float("nan")
    assert constraints.conformance(order)
    with pytest.raises(NbmdeError):
        models.save({tmp_path / "bad.xmi": order}, registry)


def test_fixes_are_applied_until_none_is_left(order: Any, registry: models.Registry, extension: Path) -> None:
    shop = ConstraintSet("shop")

    @shop.constraint("Item")
    def amount_is_even(item: Any) -> bool:
        return item.amount % 2 == 0

    @shop.constraint("Item", satisfies="amount_is_even")
    def amount_is_a_multiple_of_four(item: Any) -> bool:
        return item.amount % 4 == 0

    @shop.fix("amount_is_even", "Take one more")
    def one_more(item: Any) -> None:
        item.amount += 1

    @shop.fix("amount_is_a_multiple_of_four", "Take two more")
    def two_more(item: Any) -> None:
        item.amount += 2

    order.items[0].amount, order.items[1].amount = 1, 4
    applied = constraints.fix(order, lambda root: shop.check(root, registry))
    assert [fix.title for _, fix in applied] == ["Take one more", "Take two more"]
    assert [item.amount for item in order.items] == [4, 4]


def test_a_fix_that_does_not_help_and_one_that_fails_are_named(order: Any, registry: models.Registry) -> None:
    for do, reason in (
        (lambda item: None, "fix 'Mend it' does not make check hold for"),
        (lambda item: item.nothing, "fix 'Mend it' on .*AttributeError"),
    ):
        shop = ConstraintSet("shop")

        @shop.constraint("Item")
        def check(item: Any) -> bool:
            return False

        shop.fix("check", "Mend it")(do)
        with pytest.raises(NbmdeError, match=reason) as failed:
            constraints.fix(order, lambda root, shop=shop: shop.check(root, registry))  # type: ignore[misc]
        assert "test_constraints.py" in str(failed.value.file)


def test_an_automatic_fix_that_does_not_help_leaves_the_word_to_the_check(
    order: Any, registry: models.Registry
) -> None:
    shop = ConstraintSet("shop")
    tried: list[Any] = []

    @shop.constraint("Order")
    def check(order: Any) -> bool:
        return False

    shop.fix("check", "Mend it", automatic=True)(tried.append)
    applied = constraints.fix(order, lambda root: shop.check(root, registry), automatic=True)
    assert [fix.title for _, fix in applied] == ["Mend it"]
    assert tried == [order]
    assert [one.code for one in shop.check(order, registry)] == ["check"]


def test_a_fix_is_for_a_constraint_that_is_there_and_has_none() -> None:
    shop = ConstraintSet("shop")
    shop.constraint("Item")(lambda item: True)
    with pytest.raises(NbmdeError, match="there is no constraint 'other'"):
        shop.fix("other", "Mend it")(lambda item: None)
    shop.fix("<lambda>", "Mend it")(lambda item: None)
    with pytest.raises(NbmdeError, match="<lambda> has another fix"):
        shop.fix("<lambda>", "Mend it")(lambda item: None)
