"""What paths and modules code names."""

from __future__ import annotations

import pytest
from counting import calls

from nbmde.notebooks.inject.literals import ANY, named, pictures


def whole(*sources: str) -> set[str]:
    return {mention.text for mention in named(sources).mentions if mention.whole}


def folders(*sources: str) -> set[str]:
    return {mention.text for mention in named(sources).mentions if mention.folder}


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("pd.read_csv('data/a.csv')", "data/a.csv"),
        ("D = 'data/'\npd.read_csv(D + 'a.csv')", "data/a.csv"),
        ("import os\nD = 'data'\npd.read_csv(os.path.join(D, 'raw', 'a.csv'))", "data/raw/a.csv"),
        ("from pathlib import Path\npd.read_csv(Path('data') / 'raw' / 'a.csv')", "data/raw/a.csv"),
        ("P = Path('data', 'raw')\nQ = P.joinpath('a.csv')\nopen(Q)", "data/raw/a.csv"),
        ("D = 'data'\nN = 'a'\npd.read_csv(f'{D}/{N}.csv')", "data/a.csv"),
        ("def f(name): return open(f'data/{name}.csv')", f"data/{ANY}.csv"),
        ("for name in ['a', 'b']: open(f'data/{name}.csv')", "data/b.csv"),
        ("[open('data/' + name) for name in ('a.csv', 'b.csv')]", "data/b.csv"),
        ("D = 'a/'\nopen(D + 'x.csv')\nD = 'b/'\nopen(D + 'x.csv')", "b/x.csv"),
        ("C = {'train': 'data/a.csv'}\npd.read_csv(C['train'])", "data/a.csv"),
        ("A, B = 'data/a.csv', 'data/b.csv'\nopen(B)", "data/b.csv"),
        ("D = 'data' if local else '/content'\nopen(D + '/a.csv')", "/content/a.csv"),
        ("open('data/{}.csv'.format(name))", f"data/{ANY}.csv"),
        ("open('data/%s.csv' % name)", f"data/{ANY}.csv"),
        ("open(os.path.abspath(os.path.join(os.getcwd(), '..', 'a.csv')))", "../a.csv"),
        ("BASE = Path('x/y/z.txt').parent.parent\nopen(BASE / 'a.csv')", "x/a.csv"),
        ("open(str(Path('data') / 'a.csv'))", "data/a.csv"),
        ("for p in sorted(Path('data').glob('*.csv')): print(p)", "data/*.csv"),
        ("%run scripts/prepare", "scripts/prepare.py"),
        ("!python tools/x.py --input 'my data.csv'", "my data.csv"),
        ("%%time\nopen('a.csv')", "a.csv"),
        ("%time x = open('a.csv')", "a.csv"),
        ("%%writefile s.py\nopen('a.csv')", "a.csv"),
        ("%%bash\ncat a.csv | head", "a.csv"),
        ("def f(name): return open('data/' + name)\nf('a.csv')", "data/a.csv"),
        ("def f(*, name): return open('data/' + name)\nf(name='a.csv')", "data/a.csv"),
        (
            "class A:\n def __init__(self, d): self.d = d\n def f(self, n): open(self.d + n)\nA('data/').f('a.csv')",
            "data/a.csv",
        ),
        ("config.folder = 'data/'\nopen(config.folder + 'a.csv')", "data/a.csv"),
    ],
)
def test_paths_are_put_together(source: str, path: str) -> None:
    assert path in whole(source)


def test_constants_are_known_across_cells_and_in_functions() -> None:
    assert "data/a.csv" in whole(
        "def load(n):\n    return pd.read_csv(DIR + n)\nload('a.csv')\nopen(DIR + 'a.csv')", "DIR = 'data/'"
    )


@pytest.mark.parametrize(
    ("source", "folder"),
    [
        ("os.listdir('images')", "images"),
        ("IMAGES = 'images'\nload(IMAGES)", "images"),
        ("for p in Path('images').iterdir(): pass", "images"),
        ("load('data/images')", "data/images"),
        ("def f(where): return os.listdir(where)\nf('images')", "images"),
        ("def f(*places): return os.listdir(places[0])\nf('x', *['images'])\nos.listdir('images')", "images"),
        ("IMAGES = 'images'\n[os.path.join(IMAGES, n) for n in names]", f"images/{ANY}"),
    ],
)
def test_folders_that_are_read(source: str, folder: str) -> None:
    assert folder in folders(source)


@pytest.mark.parametrize(
    "source",
    ["df['data']", "df.groupby('data')", "D = 'data/'\nopen(D + 'a.csv')", "os.makedirs('data/out')", "x = ['data']"],
)
def test_folders_that_are_not_meant(source: str) -> None:
    assert not {folder for folder in folders(source) if folder.startswith("data") and "a.csv" not in folder}


def test_places_that_are_written_to_or_printed_are_not_read() -> None:
    source = (
        "df.to_csv('out.csv')\nopen('log.txt', 'w')\nopen('in.txt')\np.savefig('f.png')\nprint(f'saved to m/{x}.pkl')"
    )
    assert whole(source) == {"in.txt"}


def test_modules_and_search_path() -> None:
    names = named(["import sys\nsys.path.append('../src')\nfrom pkg.sub import f\nimport a.b as c", "from . import d",
                   "import importlib\nimportlib.import_module('e')\n%cd ..\nimport os; os.chdir('x')"])  # fmt: skip
    assert list(names.modules) == ["sys", "pkg.sub.f", "a.b", ".d", "importlib", "e", "os"]
    assert (list(names.search), list(names.working)) == (["../src"], ["..", "x"])


def test_cells_that_are_not_python_are_passed_over() -> None:
    assert whole("print 'a.csv'", "open('b.csv')") == {"b.csv"}


@pytest.mark.parametrize(
    "source",
    [
        "x = ''\n" + "x = x + 'a'\n" * 300,
        "\n".join(f"x{i} = x{(i + 1) % 40} + x{(i + 7) % 40} + 'a'" for i in range(40)),
        "x = " + " + ".join(["'a'"] * 3000),
        "\n".join(f"for a{i} in ['1', '2', '3', '4']: pass" for i in range(12))
        + "\nopen(a0"
        + "".join(f" + a{i}" for i in range(12))
        + ")",
    ],
    ids=["accumulation", "cycle", "long sum", "many choices"],
)
def test_folding_is_bounded(source: str) -> None:
    with calls() as clock:
        assert "last.csv" in whole(source, "open('last.csv')")
    assert clock.count < 1_000_000


def test_names_that_are_bound_to_themselves_stand_for_anything() -> None:
    assert {f"data/{ANY}.csv", "last.csv"} <= whole("n = n + '.csv'\nopen('data/' + n)\nopen('last.csv')")


def test_pictures_of_markdown() -> None:
    text = "![a](img/a%20b.png 'title') ![w](https://x.org/w.png) ![c](attachment:c.png)"
    text += "<img width=3 src='b.jpg'>\n<IMG SRC=\"d.gif\"/>"
    assert pictures(text) == ["img/a b.png", "b.jpg", "d.gif"]
