"""The local files that a notebook's code names, imports or runs: read once, so that later steps read models only."""

from __future__ import annotations

import base64
import hashlib
import os
import posixpath
import re
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from nbmde.engine.errors import NbmdeError
from nbmde.notebooks.inject import document, patterns
from nbmde.notebooks.inject.enclosing_project import Surroundings
from nbmde.notebooks.inject.literals import ANY, Mention, Named, named
from nbmde.notebooks.inject.patterns import HERE
from nbmde.notebooks.inject.shell_outputs import Made
from nbmde.notebooks.inject.writing import WrittenFile, written_files

if TYPE_CHECKING:
    from nbmde.metamodels import NotebookMetamodel
    from nbmde.metamodels.notebook import Asset, Cell

MAX_FILE = 64 * 2**20
"""Bytes of the largest file that is embedded."""
MAX_TOTAL = 256 * 2**20
"""Bytes of all embedded files together."""
MAX_FILES = 2000
"""Number of embedded files."""

DATA = re.compile(
    r".+\.(csv|tsv|txt|dat|data|names|jsonl?|ndjson|geojson|xml|arff|libsvm|parquet|feather|orc|arrow|avro|"
    r"xls[xmb]?|ods|db|sqlite3?|pkl|pickle|joblib|npy|npz|h5|hdf5?|nc|mat|sav|dta|sas7bdat|rds|pth?|ckpt|onnx|keras|pb|"
    r"tflite|safetensors|cbm|ubj|pmml|model|bin|zip|t?gz|tar|bz2|xz|7z|zst|shp|shx|dbf|prj|gpkg|"
    r"png|jpe?g|gif|bmp|tiff?|webp|svg|wav|mp3|flac|ogg|mp4|avi|pdf|docx)",
    re.IGNORECASE,
)
"""Names of files that hold data, saved models included."""
OUTSIDE = "it lies outside the notebook's project, and comes along with --data-from DIR only"
HIDDEN = "it is hidden, and hidden files never come along"
SECRET = "may hold a secret"
"""Why a file does not come along that was not asked for."""
_SECRET = re.compile(
    r"\.env(\..+)?|[._]netrc|\.pgpass|\.pypirc|kaggle\.json|client_secret.*|id_(rsa|dsa|ecdsa|ed25519)(\..+)?|"
    r"(.+[-_.])?(credentials?|secrets?|token|service[-_]?account|password)([-_.].+)?\.(json|ya?ml|toml|ini|txt|pickle|pkl)|"
    r".+\.(pem|key|p12|pfx|jks|keystore|ppk)",
    re.IGNORECASE,
)
SETTINGS = 100_000
"""Bytes of the largest file that is taken for one with settings."""
_SETTINGS = re.compile(r".+\.(json|ya?ml|toml|ini|cfg|conf|properties)", re.IGNORECASE)
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_GLOB = re.compile(r"[*?]|" + ANY)


@dataclass
class Found:
    """A file or folder beside a notebook.

    Attributes:
        file: where it lies.
        path: its path in the model: relative to the notebook's folder with forward slashes.
        kind: name of a literal of AssetKind.
        found_for: literals that mean it and are spelled in another way than its path.
        omitted: why its content is left out.
        outside: it lies outside the notebook's project, and the user wants it.
        search_folder: of a module: the folder of the search path with it, as `path`; "." for the notebook's own.
        written: what the notebook itself writes there, before it imports or runs the file.
    """

    file: Path | None
    path: str
    kind: str
    found_for: list[str] = field(default_factory=list)
    omitted: str | None = None
    search_folder: str | None = None
    outside: bool = False
    written: WrittenFile | None = None


def collect(
    path: Path,
    around: Surroundings,
    sources: list[str],
    pictures: list[str],
    distributed: Callable[[Iterable[str]], set[str]],
) -> tuple[list[Found], list[str]]:
    """The files around a notebook that it needs, and the modules that it imports from elsewhere.

    Args:
        path: the notebook's file.
        sources: the code cells.
        pictures: paths that its prose shows.
        distributed: which of some modules are known to come from a distribution or from Python itself.

    Returns:
        The files in the order of their paths, and dotted names of modules in the order of their first import.
    """
    written = written_files(sources, lambda path: "".join(_sources(around.folder / path)))
    collection = _Collection(Path(os.path.abspath(path)), around, written)
    collection.scan(sources)
    while collection.pending or collection.unresolved:
        if collection.pending:
            file = collection.pending.pop(0)
            collection.scan(collection.sources(file), file)
        else:
            collection.resolve(distributed)
    for picture in pictures:
        collection.picture(picture)
    found = sorted(collection.found.values(), key=lambda found: found.path)
    return found, list(dict.fromkeys(collection.external))


def to_model(metamodel: NotebookMetamodel, found: Iterable[Found], cells: Sequence[Cell]) -> list[Asset]:
    """Assets with their contents, within the limits on their size and number.

    Args:
        cells: the code cells.
    """
    assets, embedded, total = [], 0, 0
    for item in found:
        asset = metamodel.Asset(path=item.path, kind=metamodel.AssetKind.getEEnumLiteral(item.kind))
        asset.foundFor.extend(item.found_for)
        asset.omitted = item.omitted
        asset.outside = item.outside
        asset.searchFolder = item.search_folder
        assets.append(asset)
        if item.file is None:
            continue
        if item.file.is_dir():
            asset.folder = True
            continue
        if item.written is not None:
            asset.made = not item.file.exists()
            asset.writers.extend([cells[number] for number in item.written.cells])
        text = item.written.text if item.written is not None else None
        try:
            asset.size = item.file.stat().st_size if text is None else len(text.encode())
            asset.omitted = asset.omitted or _excess(asset.size, total, embedded)
            if asset.omitted:
                continue
            data = item.file.read_bytes() if text is None else text.encode()
        except OSError as error:
            asset.omitted = f"cannot be read: {error.strerror}"
            continue
        embedded, total, asset.size = embedded + 1, total + len(data), len(data)
        asset.sha256 = hashlib.sha256(data).hexdigest()
        asset.content = base64.b64encode(zlib.compress(data)).decode("ascii")
    return assets


def _excess(size: int, total: int, embedded: int) -> str | None:
    """Which limit a file of some size exceeds after `embedded` files of `total` bytes."""
    limits = (
        (size > MAX_FILE, f"larger than {MAX_FILE // 2**20} MB"),
        (total + size > MAX_TOTAL, f"more than {MAX_TOTAL // 2**20} MB together with the files before it"),
        (embedded >= MAX_FILES, f"more than {MAX_FILES} files"),
    )
    return next((reason for exceeded, reason in limits if exceeded), None)


def content(asset: Asset) -> bytes:
    """The bytes of an asset's file.

    Raises:
        NbmdeError: the model does not hold them, or they were changed.
    """
    if asset.content is None:
        raise NbmdeError(f"the content of {asset.path} is not in the model: {asset.omitted or 'it is a folder'}")
    try:
        data = zlib.decompress(base64.b64decode(asset.content, validate=True))
    except (ValueError, zlib.error) as error:
        raise NbmdeError(f"the content of {asset.path} in the model is damaged: {error}") from error
    if asset.sha256 and hashlib.sha256(data).hexdigest() != asset.sha256:
        raise NbmdeError(f"the content of {asset.path} in the model does not have the checksum stated there")
    return data


def words_of_settings(name: str, data: bytes) -> list[str]:
    """The words in a file with settings, in their order; none in any other file.

    Args:
        name: of the file.
    """
    if not _SETTINGS.fullmatch(name) or len(data) > SETTINGS:
        return []
    return list(dict.fromkeys(re.findall(r"[\w./\\~-]*\w", data.decode("utf-8", "replace"))))


class _Collection:
    """Files found so far; modules and scripts among them are scanned in turn."""

    def __init__(self, notebook: Path, around: Surroundings, written: Mapping[str, WrittenFile]) -> None:
        self.notebook = notebook
        self.around = around
        self.written = {Path(os.path.normpath(around.folder / path)): file for path, file in written.items()}
        self.found: dict[Path | str, Found] = {}
        self.unresolved: list[str] = []  # modules that do not lie where the code is
        self.external: list[str] = []  # modules from elsewhere
        self.bases = [around.folder]  # where relative paths start
        self.search = [around.folder]  # where modules lie
        self.made = Made()  # what commands write
        self.pending: list[Path] = []  # code that is not scanned yet
        self.searched: dict[Path, Path] = {}  # where the modules among the files were found

    def sources(self, file: Path) -> list[str]:
        """The code in a file, as cells."""
        written = self.written.get(file)
        return _sources(file) if written is None else [written.text or ""]

    def _is_file(self, place: Path) -> bool:
        """Whether a file is there, or will be when the notebook imports or runs it."""
        written = self.written.get(place)
        return place.is_file() if written is None else written.text is not None

    def _is_folder(self, place: Path) -> bool:
        """Whether a folder is there, or will be when the notebook has written a file into it."""
        return place.is_dir() or any(file.is_relative_to(place) for file in self.written)

    def scan(self, sources: Iterable[str], module: Path | None = None) -> None:
        """Everything that code names. `module` is the file that the code is in; None for the notebook."""
        depth = len(self.around.above) - 1
        names = named(sources, depth, self.around.relative(module) if module else "")
        for places, texts in ((self.search, [*names.search, *names.working]), (self.bases, names.working)):
            folders = (Path(os.path.normpath(self.around.folder / text)) for text in texts)
            places += [
                folder
                for folder in folders
                if self._is_folder(folder) and folder not in places and self.around.inside(folder)
            ]
        for name in names.modules:
            self._module(name, module)
        results, self.made = names.only_written(), self.made + names.made
        for mention in names.mentions:
            if mention.text not in results:
                self.mention(mention, module.parent if module else None)
        if module is None:
            self._keep_folders(names.written if names.working else _staying(names))
        if module is None and HERE in names.listed:
            self._list(names.walks)

    def mention(self, mention: Mention, beside: Path | None = None) -> None:
        """Whatever a text leads to from one of the places where relative paths start."""
        text = mention.text.removeprefix("file://")
        if _URL.match(text):
            return
        for base in [*self.bases, *([beside] if beside else [])]:
            for spelling in dict.fromkeys((text, text.replace("\\", "/"))):
                if self._exact(base, spelling, mention):
                    return
        if mention.whole and mention.sure and ANY not in text and not self.made.covers(text):
            self._elsewhere(text)

    def _keep_folders(self, written: Iterable[str]) -> None:
        """Mark the folders that are there of files that the code writes: the project needs them as well."""
        for path in written:
            for base in self.bases if ANY not in path.rpartition("/")[0] else ():
                with suppress(OSError, ValueError):  # a text that cannot be a path
                    place = Path(os.path.normpath(base / path)).parent
                    if place.is_dir():
                        self._mark(place)

    def _list(self, deep: bool) -> None:
        """Add the data in the notebook's folder, of which the code asks what is in it; also in the folders there?"""
        for file in self.around.files(self.around.folder):
            if (deep or file.parent == self.around.folder) and DATA.fullmatch(file.name):
                self._add(file, None)

    def picture(self, text: str) -> None:
        """Add a picture that prose shows."""
        with suppress(OSError, ValueError):
            self._add(Path(os.path.normpath(self.around.folder / text)), None, "other")

    def _exact(self, base: Path, text: str, mention: Mention) -> bool:
        """Add what lies at a path; tell whether anything does."""
        try:
            place = Path(os.path.normpath(base / os.path.expanduser(text)))
            if _GLOB.search(text) and not place.exists():
                return (mention.folder or mention.whole) and self._pattern(base, text)
            if mention.asked and place.exists() and not DATA.fullmatch(place.name):
                self._mark(place)
                return True
            if self._is_file(place) if place.suffix == ".py" else place.is_file():
                if self.around.given(place):
                    self._add(place, mention.text)
                elif mention.whole and (DATA.fullmatch(place.name) or _is_hidden(place)):
                    if self.around.wanted(place):
                        self._add(place, mention.text)
                    else:
                        self._leave(place, mention.text)
                return True
            if place.is_dir():
                if mention.folder and self._holds_data(place):
                    self._add_folder(place, mention.text)
                return True
        except (OSError, ValueError):  # a text that cannot be a path
            pass
        return False

    def _holds_data(self, folder: Path) -> bool:
        """Whether a folder that a text leads to is one of the notebook's, and not one that the notebook lies in."""
        return self.around.given(folder) and folder.is_dir() and not self.around.folder.is_relative_to(folder)

    def _pattern(self, base: Path, text: str) -> bool:
        """Add the files that a pattern or a path with unknown parts can mean, if it says where they lie."""
        text = re.sub(r"^(?:\./+)+", "", text)
        known = text[: _GLOB.search(text).start()]  # type: ignore[union-attr]
        folder = Path(os.path.normpath(base / known.rpartition("/")[0]))
        beside = "/" not in known and ANY not in text and DATA.fullmatch(text)
        if not beside and not ("/" in known and self._holds_data(folder)):
            return False
        rest = text[known.rfind("/") + 1 :]
        pattern = patterns.compiled(rest, **{ANY: r".*"})
        files = [file for file in self.around.files(folder) if pattern.fullmatch(file.relative_to(folder).as_posix())]
        for file in files[:MAX_FILES]:
            self._add(file, None)
        return bool(files)

    def _elsewhere(self, text: str) -> None:
        """Add the one file of the project that has the name of a data file which is not where the code says."""
        parts = [part for part in re.split(r"[\\/]+", text) if part]
        if not parts or not DATA.fullmatch(parts[-1]):
            return
        for tier in self.around.tiers():
            candidates = tier.get(parts[-1], [])
            shared = {file: _shared_tail(file, parts) for file in candidates}
            best = [file for file in candidates if shared[file] == max(shared.values())]
            if len(best) > 1 and len({_digest(file) for file in best}) == 1:
                best = best[:1]
            if len(best) == 1:
                self._add(best[0], text)
                return
            if best:
                names = ", ".join(sorted(self.around.relative(file) for file in best)[:5])
                self.found.setdefault(
                    text, Found(None, parts[-1], "dataset", [text], f"several files of this name: {names}")
                )
                return

    def resolve(self, distributed: Callable[[Iterable[str]], set[str]]) -> None:
        """Look for the modules that no distribution provides in the project."""
        names, self.unresolved = self.unresolved, []
        elsewhere = distributed(names)
        for name in names:
            if name in elsewhere or not self._add_module(name, self._packages()):
                self.external.append(name)

    def _packages(self) -> list[Path]:
        """Where a project's own modules may lie."""
        return [place for folder in self.around.above for place in (folder, folder / "src")]

    def _module(self, name: str, module: Path | None) -> None:
        """Add the files of a module that lies beside the code or where it adds to the module search path."""
        level = len(name) - len(name.lstrip("."))
        if level and module:
            self._add_module(name[level:], [module.parents[level - 1]], self.searched.get(module))
        elif not level and not self._add_module(name, [*self.search, *([module.parent] if module else [])]):
            self.unresolved.append(name)

    def _add_module(self, name: str, places: list[Path], searched: Path | None = None) -> bool:
        """Add the files of a module in the first folder that has it; tell whether one has.

        Args:
            searched: the folder of the search path, where it is none of the places: of a relative import.
        """
        for place in places:
            if files := self._module_files(place, name.split(".")):
                for file in files:
                    module = file.suffix == ".py"
                    if module:
                        self.searched.setdefault(file, searched or place)
                    self._add(file, None, "module" if module else None)
                return True
        return False

    def _module_files(self, base: Path, parts: list[str]) -> list[Path]:
        """The files of a module below a folder: one file, or all of a package."""
        place = base
        for part in filter(None, parts):
            place /= part
            if self._is_file(place / "__init__.py"):
                return self._files(place)
            if self._is_file(file := place.with_name(f"{part}.py")):
                return [file]
            if not place.is_dir() and not any(file.is_relative_to(place) for file in self.written):
                return []
        return [file for file in self._files(place) if file.suffix == ".py"] if place != base else []

    def _files(self, folder: Path) -> list[Path]:
        """The files below a folder, with those that the notebook writes there."""
        written = [file for file in self.written if file.is_relative_to(folder) and self._is_file(file)]
        return list(dict.fromkeys([*self.around.files(folder), *written]))

    def _add_folder(self, folder: Path, literal: str) -> None:
        """Add a folder and all files in it, hidden ones excepted."""
        files = [file for file in self.around.files(folder) if self.around.given(file)]
        item = Found(folder, self.around.relative(folder), "dataset")
        if len(files) > MAX_FILES:
            item.omitted = f"only the first {MAX_FILES} of its files are here"
        if folder in self.found and self.found[folder].kind != "marker":
            item = self.found[folder]
        self.found[folder] = item
        if literal.rstrip("/") != item.path and literal not in item.found_for:
            item.found_for.append(literal)
        for file in files[:MAX_FILES]:
            self._add(file, None)

    def _add(self, file: Path, literal: str | None, kind: str | None = None) -> None:
        """Add a file, unless it is none of the notebook's business, and scan it if it is code."""
        if (
            file == self.notebook
            or not self._is_file(file)
            or not (self.around.given(file) or self.around.wanted(file))
        ):
            return
        item = self.found.get(file)
        if item is None or item.kind == "marker":
            item = self.found[file] = Found(file, self._path(file, literal), kind or _kind(file))
            item.written = self.written.get(file)
            item.outside = not self.around.inside(file)
            if _SECRET.fullmatch(file.name):
                item.omitted = SECRET
            elif file.suffix in (".py", ".ipynb"):
                self.pending.append(file)
            else:
                self._configured(file)
        elif kind:
            item.kind = kind
        if kind == "module":
            item.search_folder = self.around.relative(self.searched[file]) or "."
        if literal is not None and literal not in (item.path, *item.found_for):
            item.found_for.append(literal)

    def _configured(self, file: Path) -> None:
        """Add the data files of the project that a file with settings names, each where it is the only one."""
        for word in words_of_settings(file.name, file.read_bytes() if file.stat().st_size <= SETTINGS else b""):
            name = re.split(r"[\\/]+", word)[-1]
            if DATA.fullmatch(name) and len(places := self.around.named(name)) == 1:
                self._add(places[0], None)

    def _mark(self, place: Path) -> None:
        """Note that something lies at a place above the notebook's folder or in it: no more is asked."""
        if place.is_relative_to(self.around.root) and not self.around.folder.is_relative_to(place):
            item = self.found.setdefault(place, Found(place, self.around.relative(place), "marker"))
            if item.kind == "marker" and (not self.around.inside(place) or _SECRET.fullmatch(place.name)):
                item.omitted = "it is only asked for"

    def _leave(self, file: Path, literal: str) -> None:
        """Note a file that is none of the project's."""
        reason = SECRET if _SECRET.fullmatch(file.name) else HIDDEN if _is_hidden(file) else OUTSIDE
        item = self.found.setdefault(file, Found(None, self._path(file, literal), "dataset", omitted=reason))
        if literal not in (item.path, *item.found_for):
            item.found_for.append(literal)

    def _path(self, file: Path, literal: str | None) -> str:
        """The path of a file in the model.

        For one that an absolute path outside the project leads to its name, with as many folders as make it unique.
        """
        if not os.path.isabs(os.path.expanduser(literal or "")) or self.around.inside(file):
            return self.around.relative(file)
        taken = {item.path for item in self.found.values()}
        names = ("/".join(file.parts[-n:]) for n in range(1, len(file.parts)))
        return next((name for name in names if name not in taken), file.name)


def _staying(names: Named) -> list[str]:
    """Paths that are written and stay as they are in the project: put together, or in a folder that the code names."""
    folders = {posixpath.normpath(mention.text) for mention in names.mentions}
    return [path for path in names.written if path in names.composed or posixpath.dirname(path) in folders]


def _is_hidden(file: Path) -> bool:
    return file.name.startswith(".")


def _shared_tail(file: Path, parts: list[str]) -> int:
    """How many of the last parts of a path and of a literal are the same."""
    pairs = zip(reversed(file.parts), reversed(parts), strict=False)
    return next((count for count, (one, other) in enumerate(pairs) if one != other), min(len(file.parts), len(parts)))


def _digest(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return str(file)


def _kind(file: Path) -> str:
    return {".py": "script", ".ipynb": "notebook"}.get(file.suffix, "dataset" if DATA.fullmatch(file.name) else "other")


def _sources(file: Path) -> list[str]:
    """The code in a file, as cells."""
    try:
        if file.suffix == ".py":
            return [file.read_text(encoding="utf-8")] if file.stat().st_size <= 2**20 else []
        if file.suffix == ".ipynb":
            cells = document.read(file).node["cells"]
            return [cell["source"] for cell in cells if cell["cell_type"] == "code"]
    except (OSError, UnicodeDecodeError, NbmdeError):
        pass
    return []
