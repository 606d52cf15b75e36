"""What counts in a comparison: all that a cell does, but for the statements that the project does not have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from notebooks import REGISTRY
from verified import check, code_of, replace

from nbmde.engine import models
from nbmde.notebooks.verify import Verdict

Make = Callable[..., tuple[Path, Path]]


def differing(verdict: Verdict) -> dict[int, list[str]]:
    return {cell.number: [one.kind for one in cell.differences] for cell in verdict.cells if cell.differences}


def test_of_a_cell_with_a_command_the_command_alone_is_left_out(project_of: Make) -> None:
    notebook, project = project_of(
        "!pip list\ny = [3, 1, 2]\nprint('best', max(y))",
        "if y:\n    %pip list\nz = sorted(y)\nprint('all', z)",
        "!pip install nothing-at-all",
    )
    verdict = check(notebook, project, twice=False)
    assert verdict.equal
    assert [cell.status for cell in verdict.cells] == ["partly compared", "partly compared", "not compared"]

    replace(project, "max(y)", "min(y)")
    replace(project, '"all"', '"none"')
    assert differing(check(notebook, project, twice=False)) == {1: ["text"], 2: ["text"]}


def test_the_wording_of_a_finding_changes_nothing(project_of: Make) -> None:
    notebook, project = project_of("!pip list\nprint('best')", "print(1)")
    folder = project / ".nbmde"
    root = models.load(folder / "project.xmi", REGISTRY)
    for finding in [*root.findings, *root.workflow.findings]:
        finding.message, finding.remedy = "other words", "do nothing"
    before = check(notebook, project, twice=False)
    models.save({folder / "project.xmi": root, folder / "workflow.xmi": root.workflow}, REGISTRY)
    after = check(notebook, project, twice=False)

    assert before.equal
    assert after.equal
    assert before.counts() == after.counts()


def test_text_on_standard_error_counts_where_the_code_itself_writes_it(project_of: Make) -> None:
    notebook, project = project_of(
        "import logging\nimport sys\nimport warnings",
        "n = 3\nprint('problem', n, file=sys.stderr)",
        "logging.warning('low %s', n)\nlogging.getLogger('shop').error('none')",
        "warnings.warn(f'about {n}')\nsys.stderr.write('end')",
        "m = n + 1",
    )
    verdict = check(notebook, project, twice=False)
    assert verdict.equal
    assert [cell.gaps for cell in verdict.cells] == [[]] * 5

    replace(project, '"problem"', '"problems"')
    replace(project, '"low %s"', '"lower %s"')
    replace(project, "about {", "for {")
    assert differing(check(notebook, project, twice=False)) == {2: ["error"], 3: ["error"], 4: ["error"]}


def test_what_functions_and_containers_carry_counts(project_of: Make) -> None:
    notebook, project = project_of(
        "import collections\nimport functools\nrate = 2\namount = 9",
        "def scale(value, by=1):\n    return value * by * rate",
        "def adder(amount):\n    def add(value):\n        return value + amount\n    return add",
        "class Scale:\n    factor = 2\n\n    def of(self, value):\n        return value * self.factor",
        "doubled = functools.partial(scale, by=2)\nplain = scale\nprint(doubled(3), plain(1))",
        "add = adder(5)\ntables = [adder(1), adder(2)]",
        "kind = Scale\nkind.unit = 'm'\nthing = Scale()",
        "groups = collections.defaultdict(list)\nlast = collections.deque([1], maxlen=3)",
        "double = lambda value: value * 2\nprint(double(1))",
    )
    assert check(notebook, project, twice=False).equal

    replace(project, ", by=2", ", by=3")
    replace(project, "adder(2)", "adder(3)")
    replace(project, 'kind.unit = "m"', 'kind.unit = "s"')
    replace(project, "defaultdict(list)", "defaultdict(tuple)")
    replace(project, "maxlen=3", "maxlen=4")
    replace(project, "value * 2", "value + value")
    verdict = check(notebook, project, twice=False)
    found = {one.name: cell.number for cell in reversed(verdict.cells) for one in cell.differences}
    assert found == {"doubled": 5, "": 5, "tables": 6, "kind": 7, "thing": 7, "groups": 8, "last": 8}
    assert [gap.what for gap in verdict.cells[8].gaps] == ["double"]


def test_what_the_project_writes_outside_of_its_folder_is_a_difference(project_of: Make, tmp_path: Path) -> None:
    notebook, project = project_of(
        "import tempfile\nwith tempfile.TemporaryFile() as stream:\n    stream.write(b'x')",
        "count = 2\nprint(count)",
    )
    assert check(notebook, project, twice=False).equal

    replace(project, "count = 2", "count = 2\n    open('../up.txt', 'w').close()")
    verdict = check(notebook, project, twice=False)
    assert differing(verdict) == {2: ["file"]}
    assert verdict.first is not None
    assert verdict.first[1].detail.endswith("up.txt, outside of its folder")


def test_constants_that_stand_at_module_level_are_compared(project_of: Make) -> None:
    notebook, project = project_of(
        "WEIGHTS = [0.25, 0.75]",
        "LABELS = {'a': 1}\nclass Scale:\n    def apply(self, x):\n        return x * WEIGHTS[0] + len(LABELS)\n"
        "print('ready')",
        "print(Scale().apply(8))",
    )

    right = check(notebook, project)
    replace(project, "[0.25, 0.75]", "[0.25, 0.5]")
    replace(project, '{"a": 1}', '{"b": 1}')
    wrong = check(notebook, project)

    assert right.equal
    assert [cell.values for cell in right.cells][:2] == [1, 1]
    found = {cell.number: [difference.name for difference in cell.differences] for cell in wrong.cells}
    assert found == {1: ["WEIGHTS"], 2: ["LABELS"], 3: []}
    assert wrong.first is not None
    assert code_of(project, "[0.25, 0.5]") == (project / wrong.first[1].file, wrong.first[1].line)
