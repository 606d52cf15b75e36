"""The files around a notebook that its code needs."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from notebook_documents import document, markdown

from nbmde.engine import models
from nbmde.engine.errors import NbmdeError
from nbmde.engine.models import EObject, Registry
from nbmde.notebooks.inject import assets, content, inject

Injected = Callable[..., EObject]
Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The test's folder is a repository, and nobody's home is around it."""
    (tmp_path / ".git").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path.parent / "home"))
    return tmp_path


def paths(notebook: EObject) -> list[str]:
    return [asset.path for asset in notebook.assets]


def found(notebook: EObject) -> dict[str, list[str]]:
    return {asset.path: list(asset.foundFor) for asset in notebook.assets}


def test_named_file_is_embedded_with_its_content(
    write: Write, injected: Injected, tmp_path: Path, registry: Registry
) -> None:
    data = bytes(range(256)) * 50
    write(data, "nb/data/a.bin")
    notebook = injected("open('data/a.bin', 'rb'); open('data/absent.bin')", name="nb/work.ipynb")
    models.save({tmp_path / "n.xmi": notebook}, registry)
    (asset,) = models.load(tmp_path / "n.xmi", registry).assets
    assert (asset.path, asset.kind.name, asset.size, asset.folder) == ("data/a.bin", "dataset", len(data), False)
    assert content(asset) == data


def test_content_that_was_changed_or_left_out_is_an_error(write: Write, injected: Injected) -> None:
    write("1", "a.csv")
    (asset,) = injected("open('a.csv')").assets
    asset.sha256 = "0" * 64
    with pytest.raises(NbmdeError, match=r"a\.csv in the model does not have the checksum"):
        content(asset)
    asset.content = "!"
    with pytest.raises(NbmdeError, match="damaged"):
        content(asset)
    asset.content = None
    with pytest.raises(NbmdeError, match="not in the model"):
        content(asset)


@pytest.mark.parametrize(
    ("literal", "place"),
    [
        ("/content/drive/MyDrive/train.csv", "data/train.csv"),
        ("C:\\\\Users\\\\me\\\\train.csv", "data/raw/train.csv"),
        ("/kaggle/input/titanic/train.csv", "nb/input/train.csv"),
        ("../input/train.csv", "data/train.csv"),
        ("data\\\\train.csv", "nb/data/train.csv"),
        ("train.csv", "other/place/train.csv"),
    ],
)
def test_file_of_another_machine_is_found_by_its_name(
    literal: str, place: str, write: Write, injected: Injected
) -> None:
    write("a\n1\n", place)
    notebook = injected(f"pd.read_csv('{literal}')", name="nb/work.ipynb")
    (asset,) = notebook.assets
    assert asset.path == os.path.relpath(place, "nb")
    assert list(asset.foundFor) == [literal.replace("\\\\", "\\")]


def test_nearest_file_counts_and_the_longest_common_path(write: Write, injected: Injected) -> None:
    for place in ("nb/a/train.csv", "data/train.csv", "far/b/x.csv", "far/c/x.csv"):
        write(place, place)
    notebook = injected("open('/content/train.csv'); open('/kaggle/input/c/x.csv')", name="nb/work.ipynb")
    assert found(notebook) == {"../far/c/x.csv": ["/kaggle/input/c/x.csv"], "a/train.csv": ["/content/train.csv"]}


def test_several_candidates_are_reported_and_equal_ones_are_not(write: Write, injected: Injected) -> None:
    for place, text in (("nb/a/x.csv", "1"), ("nb/b/x.csv", "2"), ("nb/a/y.csv", "3"), ("nb/b/y.csv", "3")):
        write(text, place)
    notebook = injected("open('/content/x.csv'); open('/content/y.csv')", name="nb/work.ipynb")
    same, ambiguous = notebook.assets
    assert (same.path, content(same)) == ("a/y.csv", b"3")
    assert (ambiguous.path, list(ambiguous.foundFor), ambiguous.content) == ("x.csv", ["/content/x.csv"], None)
    assert ambiguous.omitted == "several files of this name: a/x.csv, b/x.csv"


def test_folder_comes_with_its_files_but_not_the_hidden_ones(write: Write, injected: Injected) -> None:
    for name in (
        "img/1.png",
        "img/sub/2.png",
        "img/.hidden",
        "img/.git/x.png",
        "img/venv/pyvenv.cfg",
        "img/venv/a.png",
    ):
        write(name, name)
    notebook = injected("import os\nIMG = 'img'\nfor n in os.listdir(IMG): open(os.path.join(IMG, n))")
    assert [(asset.path, asset.folder) for asset in notebook.assets] == [
        ("img", True), ("img/1.png", False), ("img/sub/2.png", False)]  # fmt: skip


def test_unknown_parts_and_patterns_match_what_is_there(write: Write, injected: Injected) -> None:
    for name in ("data/a_1.csv", "data/a_2.csv", "data/b.csv", "data/deep/c.csv", "top.csv"):
        write(name, name)
    assert paths(injected("open(f'data/a_{i}.csv')")) == ["data/a_1.csv", "data/a_2.csv"]
    assert paths(injected("glob.glob('data/*.csv')")) == ["data/a_1.csv", "data/a_2.csv", "data/b.csv"]
    assert paths(injected("Path('data').rglob('c*.csv')")) == ["data/deep/c.csv"]
    assert paths(injected("glob.glob('*.csv')")) == ["top.csv"]
    assert paths(injected("open(name + '.csv')")) == []


def test_folder_that_the_notebook_lies_in_is_never_embedded(write: Write, injected: Injected) -> None:
    write("1", "nb/a.csv")
    source = "os.listdir('..'); os.walk('../nb'); glob.glob('../*/*')"
    assert paths(injected(source, name="nb/work.ipynb")) == []


def test_the_data_in_the_folder_come_along_that_the_code_looks_at(write: Write, injected: Injected) -> None:
    for name in ("a.csv", "notes.md", "deep/b.csv"):
        write("1", name)
    for source in ("os.listdir()", "os.listdir('.')", "Path.cwd().iterdir()", "os.scandir(os.getcwd())"):
        assert paths(injected(source)) == ["a.csv"], source
    assert paths(injected("os.walk('.')")) == ["a.csv", "deep/b.csv"]


def test_what_the_code_writes_alone_does_not_come_along(write: Write, injected: Injected) -> None:
    for name in ("out/a.csv", "out/b.txt", "c.json", "d.csv"):
        write("1", name)
    writes = "df.to_csv(os.path.join(OUT, 'a.csv')); open(f'{OUT}/b.txt', 'w'); NAME = 'c.json'; open(NAME, 'w')"
    found = injected(f"OUT = 'out'; {writes}; shutil.copy('d.csv', 'out/a.csv')").assets
    assert [asset.path for asset in found if asset.kind.name != "marker"] == ["d.csv"]
    assert [asset.path for asset in found if asset.kind.name == "marker"] == ["out"]  # the folder has to be there
    assert paths(injected("NAME = 'c.json'; open(NAME, 'w'); open(NAME)")) == ["c.json"]
    assert paths(injected("open('c.json', 'a')")) == ["c.json"]


def test_what_a_command_writes_is_not_another_file_of_that_name(write: Write, injected: Injected) -> None:
    write("1", "rows.csv")
    read = "pd.read_csv('data/rows.csv')"
    assert paths(injected(read)) == ["rows.csv"]
    for made in (
        "!unzip x.zip -d data",
        "import zipfile\nzipfile.ZipFile('x.zip').extractall('data')",
        "!cp a.csv data/rows.csv",
    ):
        assert paths(injected(f"{made}\n{read}")) == [], made


def test_modules_scripts_and_what_they_need_come_along(write: Write, injected: Injected) -> None:
    write("from utils.text import clean\nimport numpy\nopen('data/x.csv')", "nb/helper.py")
    write("", "nb/utils/__init__.py")
    write("import single\nfrom . import sibling", "nb/utils/text.py")
    write("", "nb/utils/sibling.py")
    write("words", "nb/utils/stop.txt")
    write("", "nb/single.py")
    write("import json\nopen('data/y.csv')", "nb/run_me.py")
    write(document("open('data/z.csv')"), "nb/other.ipynb")
    for name in "xyz":
        write(name, f"nb/data/{name}.csv")
    notebook = injected("import helper\n%run other.ipynb\n!python run_me.py", name="nb/work.ipynb")
    assert {asset.path: asset.kind.name for asset in notebook.assets} == {
        "data/x.csv": "dataset", "data/y.csv": "dataset", "data/z.csv": "dataset", "helper.py": "module",
        "other.ipynb": "notebook", "run_me.py": "script", "single.py": "module", "utils/__init__.py": "module",
        "utils/sibling.py": "module", "utils/stop.txt": "dataset", "utils/text.py": "module"}  # fmt: skip


def test_modules_on_the_search_path_and_in_the_project(write: Write, injected: Injected) -> None:
    write("", "lib/one.py")
    write("", "src/two/__init__.py")
    write("", "space/three/four.py")
    write("", "space/three/unused.py")
    source = "import sys; sys.path.append('../lib')\nimport one, two, json, nowhere\nfrom space.three import four"
    assert paths(injected(source, name="nb/work.ipynb")) == [
        "../lib/one.py",
        "../space/three/four.py",
        "../src/two/__init__.py",
    ]


def test_data_folder_is_no_module(write: Write, injected: Injected) -> None:
    write("1", "data/a.csv")
    assert paths(injected("import data")) == []


def test_working_directory_is_followed(write: Write, injected: Injected) -> None:
    write("1", "data/a.parquet")
    write("1", "deep/b.unusual")
    assert found(injected("%cd ..\nopen('data/a.parquet')", name="nb/work.ipynb")) == {
        "../data/a.parquet": ["data/a.parquet"]
    }
    assert found(injected("os.chdir('../deep')\nopen('b.unusual')", name="nb/work.ipynb")) == {
        "../deep/b.unusual": ["b.unusual"]
    }


def test_secrets_are_named_but_never_embedded(write: Write, injected: Injected) -> None:
    names = [".env", "kaggle.json", "service_account.json", "id_rsa", "server.pem", "secrets.toml"]
    for name in names:
        write("password=1", name)
    notebook = injected("; ".join(f"open('{name}')" for name in names))
    assert sorted(paths(notebook)) == sorted(names)
    assert {asset.content for asset in notebook.assets} == {None}
    assert {asset.omitted for asset in notebook.assets} == {"may hold a secret"}


def test_files_outside_the_project_are_named_and_left_there(
    tmp_path_factory: pytest.TempPathFactory, injected: Injected
) -> None:
    outside = tmp_path_factory.mktemp("elsewhere")
    for name in ("a.csv", "b.conf", "c.py", ".d.csv", "e/f.csv", ".hide/g.csv"):
        (outside / name).parent.mkdir(exist_ok=True)
        (outside / name).write_text("x")
    source = "; ".join(f"open('{outside / name}')" for name in ("a.csv", "b.conf", "c.py", ".d.csv", ".hide/g.csv"))
    notebook = injected(f"{source}; os.listdir('{outside / 'e'}'); open('/etc/passwd'); open('/dev/zero')")
    assert {asset.path for asset in notebook.assets} == {"a.csv", ".d.csv", "g.csv"}
    assert {asset.omitted for asset in notebook.assets} == {assets.OUTSIDE, assets.HIDDEN}
    assert not [asset for asset in notebook.assets if asset.content is not None]


def test_links_out_of_the_project_are_treated_as_outside(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path,
                                                         injected: Injected) -> None:  # fmt: skip
    outside = tmp_path_factory.mktemp("elsewhere")
    for name in ("a.csv", "b.conf"):
        (outside / name).write_text("x")
        (tmp_path / name).symlink_to(outside / name)
    assert paths(injected("open('a.csv'); open('b.conf')")) == ["a.csv"]


def test_limits_leave_out_the_content_and_say_so(
    write: Write, injected: Injected, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assets, "MAX_FILE", 2**20)
    monkeypatch.setattr(assets, "MAX_TOTAL", 2**21)
    write(bytes(2**20 + 1), "a.bin")
    for name in ("b.bin", "c.bin", "d.bin"):
        write(bytes(2**20), name)
    notebook = injected("[open(n) for n in ('a.bin', 'b.bin', 'c.bin', 'd.bin')]")
    large, first, second, third = notebook.assets
    assert (large.omitted, large.size, large.content) == ("larger than 1 MB", 2**20 + 1, None)
    assert (first.omitted, second.omitted) == (None, None)
    assert third.omitted == "more than 2 MB together with the files before it"
    monkeypatch.setattr(assets, "MAX_FILES", 1)
    assert [bool(asset.content) for asset in injected("[open(n) for n in ('b.bin', 'c.bin')]").assets] == [True, False]


def test_folder_with_too_many_files(write: Write, injected: Injected, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "MAX_FILES", 3)
    for number in range(5):
        write("x", f"img/{number}.png")
    folder, *files = injected("os.listdir('img/')").assets
    assert folder.omitted == "only the first 3 of its files are here"
    assert len(files) == 3


def test_pictures_of_the_prose(write: Write, injected: Injected) -> None:
    write("x", "img/plan.png")
    (asset,) = injected(markdown("![plan](img/plan.png) ![web](http://x.org/a.png) ![gone](gone.png)"), "1").assets
    assert (asset.path, asset.kind.name) == ("img/plan.png", "other")


def test_notebooks_of_other_languages_and_urls_need_nothing(write: Write, injected: Injected) -> None:
    write("1", "a.csv")
    assert paths(injected("read.csv('a.csv')", language_info={"name": "R"})) == []
    assert paths(injected("pd.read_csv('https://x.org/a.csv'); print('a?', '', '\\0')")) == []


def test_the_notebook_itself_is_no_asset(injected: Injected) -> None:
    assert paths(injected("open('work.ipynb')")) == []


def test_same_model_every_time(write: Write, registry: Registry, tmp_path: Path) -> None:
    source = textwrap.dedent("""
        import helper, json, numpy
        for n in ('b', 'a'): open(f'data/{n}.csv')
    """)
    write("import other", "helper.py")
    write("", "other.py")
    for name in "ab":
        write(name, f"data/{name}.csv")
    path = write(document(source))
    files = [tmp_path / f"{n}.xmi" for n in (1, 2)]
    for file in files:
        models.save({file: inject(path, registry)}, registry)
    assert files[0].read_bytes() == files[1].read_bytes()
    assert str(tmp_path) not in files[0].read_text()


def outside_of(tmp_path: Path) -> Path:
    """A folder outside the project, with a file, a hidden one and a link that leads out of it."""
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    for name in ("pay.csv", ".hidden/pay.csv"):
        (outside / name).parent.mkdir(parents=True, exist_ok=True)
        (outside / name).write_text("x")
    (tmp_path.parent / f"{tmp_path.name}-far.csv").write_text("x")
    (outside / "link.csv").symlink_to(tmp_path.parent / f"{tmp_path.name}-far.csv")
    return outside


def test_files_from_a_folder_that_the_user_names_come_along(tmp_path: Path, registry: Registry, write: Write) -> None:
    outside = outside_of(tmp_path)
    names = ("pay.csv", ".hidden/pay.csv", "link.csv")
    notebook = write(document("; ".join(f"open('{outside / name}')" for name in names)))
    taken = {asset.path for asset in inject(notebook, registry, data_from=[outside]).assets if asset.content}
    assert taken == {"pay.csv"}
    assert not [asset for asset in inject(notebook, registry).assets if asset.content]


def test_files_from_outside_come_along_where_the_user_says_so(tmp_path: Path, registry: Registry, write: Write) -> None:
    outside = outside_of(tmp_path)
    asked: list[str] = []
    notebook = write(document(f"open('{outside / 'pay.csv'}'); open('{outside / 'link.csv'}')"))
    found = inject(notebook, registry, ask=lambda file: asked.append(file.name) is None)
    assert asked == ["pay.csv"]
    assert [(asset.path, asset.outside) for asset in found.assets if asset.content] == [("pay.csv", True)]


def test_links_that_lead_out_and_what_is_hidden_stay(write: Write, injected: Injected, tmp_path: Path) -> None:
    outside = outside_of(tmp_path)
    (tmp_path / "in.csv").symlink_to(outside / "pay.csv")
    for name in (".cache/a.csv", ".settings.json", ".tool.py"):
        write("1", name)
    notebook = injected(
        "open('in.csv'); open('.cache/a.csv'); open('.git/config.txt'); open('.settings.json')", "!python .tool.py"
    )
    assert not [asset for asset in notebook.assets if asset.content]
    assert {asset.path: asset.omitted for asset in notebook.assets}[".settings.json"] == assets.HIDDEN


def test_the_nearest_folder_that_looks_like_a_project_is_the_root(
    write: Write, tmp_path: Path, registry: Registry
) -> None:
    (tmp_path / ".git").rmdir()
    for name in ("work/data/a.csv", "work/b.csv", "above.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    path = write(document("open('../data/a.csv'); open('../b.csv'); open('../../above.csv')"), "work/notebooks/n.ipynb")
    notebook = inject(path, registry)
    assert notebook.folder == "notebooks"
    assert {asset.path for asset in notebook.assets if asset.content} == {"../data/a.csv", "../b.csv"}
    assert [asset.path for asset in notebook.assets if asset.omitted == assets.OUTSIDE] == ["../../above.csv"]
