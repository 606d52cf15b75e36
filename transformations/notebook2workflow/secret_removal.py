"""Takes the secrets out of the code: it reads them from the environment, before anything else looks at the code.

A literal that is one, or that holds one and no white space, is replaced as a whole: ``os.environ["DATABASE_URL"]``. In
a longer text and in an f-string the secret alone is. In comments, docstrings and prose it is left out.
"""

from __future__ import annotations

import ast
import copy
import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from nbmde.engine.errors import NbmdeError
from nbmde.notebooks.analysis.cells import LineOffsets
from nbmde.notebooks.analysis.program import Unit, fresh, is_import
from nbmde.notebooks.analysis.rewrite import Edit, Places, apply
from nbmde.notebooks.inject.assets import content

from .places import Given, Place, compositions, key, text_of
from .prose import Prose
from .remarks import Remark
from .secrets import FIELD, Detection, Found

if TYPE_CHECKING:
    from nbmde.metamodels.notebook import Asset

LEFT_OUT = "..."
SUMMARY = "the notebook holds secrets, and so do its models: git ignores .nbmde, and .env, which has their values"
REMEDY = "withdraw them if the notebook was ever shared; who has no .env copies .env.example and fills it in"
_OPERATIONS = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.Attribute, ast.Subscript, ast.Starred)


@dataclass
class Secret:
    """A value that the code must not hold.

    Attributes:
        name: of the environment variable.
        value: empty where nothing reads it: in a comment or in prose.
        places: (cell, line) of every place.
        units: statements that read it.
    """

    name: str
    kind: str
    value: str
    places: list[tuple[int, int]] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)

    @property
    def read(self) -> bool:
        """Does the code read it?"""
        return bool(self.units)


@dataclass
class Hidden:
    """The secrets that were taken out.

    Attributes:
        module: what the code calls the module ``os``; empty where it reads nothing.
        remarks: in the order of the notebook, and one about all.
    """

    secrets: list[Secret] = field(default_factory=list)
    module: str = ""
    remarks: list[Remark] = field(default_factory=list)
    _hiding: _Hiding | None = None

    def values(self) -> dict[str, Secret]:
        """The secrets that were found, with the values that nothing reads."""
        return {**self._hiding.secrets, **self._hiding.unread} if self._hiding is not None else {}

    def also(self, units: Iterable[Unit]) -> None:
        """Takes the secrets out of statements that have come about since, from the text of cells."""
        if self._hiding is None:
            return
        told = len(self._hiding.remarks)
        for unit in units:
            self._hiding.apply(unit)
        self.remarks = [*self._hiding.remarks[told:], *self.remarks]
        self.secrets += [
            secret
            for secret in self._hiding.secrets.values()
            if secret.places and all(secret is not other for other in self.secrets)
        ]
        self.module = self._hiding.module if any(secret.read for secret in self._hiding.secrets.values()) else ""

    def follow(self, units: Sequence[Unit]) -> None:
        """Finds the statements anew that read secrets, where others have taken their place."""
        there = {id(unit) for unit in units}
        for secret in self.secrets:
            if any(id(unit) not in there for unit in secret.units):
                cells = {unit.cell for unit in secret.units}
                secret.units = [unit for unit in units if unit.cell in cells and secret.name in unit.text]


def hide(
    units: list[Unit], prose: Mapping[int, list[Prose]], table: Mapping[str, Any], identifiers: Iterable[str], file: str
) -> Hidden:
    """Takes the secrets out of statements and prose, in place.

    Args:
        prose: by position of the cell; 0 where it is not known.
        table: ``secrets.toml``.
        identifiers: every name that the notebook uses.

    Raises:
        NbmdeError: where the code cannot do without the literal.
    """
    texts = [part for parts in prose.values() for part in parts]
    detection = Detection(table)
    suspects = [unit for unit in units if detection.suspects(unit.text)]
    if not suspects and not any(detection.suspects(part.title + part.text) for part in texts):
        return Hidden()
    hiding = _Hiding(detection, Given(table, units, detection.speaks), file)
    for unit in suspects:
        hiding.edits(unit)
    hiding.module = _module(units, hiding.reads, identifiers)
    hiding.again()
    for unit in units:
        hiding.apply(unit)
    for cell, parts in prose.items():
        for part in parts:
            part.title = hiding.left_out(part.title, cell, 0, "the text")
            part.text = hiding.left_out(part.text, cell, 0, "the text")
    secrets = [secret for secret in hiding.secrets.values() if secret.places]
    module = hiding.module if secrets else ""
    remarks = sorted(hiding.remarks, key=lambda remark: (remark.cell, remark.line))
    if remarks:
        remarks.append(Remark("secrets-in-models", SUMMARY, remedy=REMEDY))
    return Hidden(secrets + list(hiding.unread.values()), module, remarks, hiding)


def modules_with_secrets(assets: Iterable[Asset], table: Mapping[str, Any]) -> dict[str, int]:
    """Paths of modules beside the notebook that hold secrets, with the line of the first; their text stays as it is."""
    found: dict[str, int] = {}
    for asset in assets:
        if asset.kind.name == "module" and asset.content:
            line = _first_secret(content(asset).decode("utf-8", "replace"), table, asset.path)
            if line is not None:
                found[asset.path] = line
    return found


def _first_secret(text: str, table: Mapping[str, Any], file: str) -> int | None:
    """The line of the first secret in a module, 1 if it is not known; None if there is no secret."""
    try:
        unit = Unit(text, ast.parse(text).body, 0)
        remarks = hide([unit], {}, table, (), file).remarks
    except (SyntaxError, ValueError, RecursionError, NbmdeError):
        detection = Detection(table)
        return 1 if detection.suspects(text) and detection.find(text, {}) else None
    return next((remark.line for remark in remarks if remark.line), 1) if remarks else None


def _module(units: list[Unit], reading: list[Unit], identifiers: Iterable[str]) -> str:
    """Return the code's name for the module ``os``: the notebook's own, if it surely means that module there."""
    bound = [
        (index, node)
        for index, unit in enumerate(units)
        for node in unit.nodes
        for part in ast.walk(node)
        if _binds_os(part)
    ]
    plain = [
        index
        for index, node in bound
        if isinstance(node, ast.Import)
        and is_import(node)
        and all(alias.asname != "os" or alias.name == "os" for alias in node.names)
    ]
    first = next((index for index, unit in enumerate(units) if any(unit is other for other in reading)), len(units))
    if bound and len(plain) == len(bound) and plain[0] < first:
        return "os"
    return fresh("os", identifiers)


def _binds_os(node: ast.AST) -> bool:
    if isinstance(node, ast.alias):
        return (node.asname or node.name.split(".")[0]) == "os"
    if isinstance(node, ast.Name):
        return node.id == "os" and not isinstance(node.ctx, ast.Load)
    if isinstance(node, ast.arg):
        return node.arg == "os"
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.name == "os"


class _Hiding:
    """Two passes over the statements: the first finds the values, the second takes them out wherever they stand."""

    def __init__(self, detection: Detection, given: Given, file: str) -> None:
        self.detection = detection
        self.given = given
        self.file = file
        self.module = "os"
        self.secrets: dict[str, Secret] = {}  # by what the environment variable holds
        self.unread: dict[str, Secret] = {}  # by the value: in comments and prose
        self.known: dict[str, str] = {}  # secret value -> kind
        self.reads: list[Unit] = []
        self.remarks: list[Remark] = []

    def again(self) -> None:
        """Begins the second pass."""
        self.reads, self.remarks = [], []
        self.unread.clear()
        for secret in self.secrets.values():
            secret.places.clear()
            secret.units.clear()

    # -- statements ----------------------------------------------------------------------------------------------
    def apply(self, unit: Unit) -> None:
        """Changes a statement."""
        if not self.detection.suspects(unit.text) and not any(value in unit.text for value in self.known):
            return
        edits = self.edits(unit)
        if not edits:
            return
        text = apply(unit.text, edits)
        try:
            nodes = ast.parse(text).body
        except SyntaxError as error:
            raise self._stays(unit, error) from None
        unit.text, unit.nodes = text, nodes

    def edits(self, unit: Unit) -> list[Edit]:
        """List the changes to make in a statement."""
        places = Places(unit.text)
        names = self.given.places(unit.nodes)
        composed = self._composed(unit.nodes)
        found: list[Edit] = []
        shown = unit.nodes[-1] if unit.nodes and unit.echo else None
        for node, role in _literals(unit.nodes, shown):
            line = unit.line + node.lineno - _first_line(unit)
            start, end = places.span(node)
            if role == "remark":
                text = unit.text[start:end]
                without = self._docstring(text, node, unit, line)
                if without != text:
                    found.append(Edit(start, end, without))
            elif isinstance(node, ast.JoinedStr):
                changed = _InText(self, unit, names, line).visit(copy.deepcopy(node))
                if ast.dump(changed) != ast.dump(node):
                    found.append(Edit(start, end, self._unparsed(changed, unit)))
            elif isinstance(node, ast.Constant):
                pieces = self.pieces(node.value, names.get(key(node)), unit, line, composed.get(key(node), ()))
                if pieces is not None:
                    if role == "pattern":
                        raise NbmdeError(
                            "a secret in a case of match",
                            file=self.file,
                            cell=unit.cell,
                            line=line,
                            remedy="compare it with os.environ",
                        )
                    space = " " if start and (unit.text[start - 1].isalnum() or unit.text[start - 1] == "_") else ""
                    found.append(
                        Edit(start, end, space + self._source(pieces, isinstance(node.value, bytes), role == "operand"))
                    )
        for start, end, line in _comments(unit.text):
            comment = unit.text[start:end]
            without = self.left_out(comment, unit.cell, unit.line + line - _first_line(unit), "a comment")
            if without != comment:
                found.append(Edit(start, end, without))
        return found

    def _composed(self, nodes: Iterable[ast.AST]) -> dict[tuple[int, ...], list[Found]]:
        """Secrets in literals that show only in what they become part of, by `key`."""
        secrets: dict[tuple[int, ...], list[Found]] = {}
        for parts in compositions(nodes):
            text = "".join(part for part, _ in parts)
            if not self.detection.suspects(text):
                continue
            found = self.detection.find(text, self.known)
            begin = 0
            for part, node in parts:
                for item in found:
                    start, end = max(item.start - begin, 0), min(item.end - begin, len(part))
                    if node is not None and start < end:
                        secrets.setdefault(key(node), []).append(replace(item, start=start, end=end))
                begin += len(part)
        return secrets

    def pieces(
        self, value: Any, place: Place | None, unit: Unit, line: int, composed: Iterable[Found] = ()
    ) -> list[str | Secret] | None:
        """A literal's value as texts and secrets; None where there is no secret in it."""
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        if not isinstance(text, str) or len(text) < 3 or not text.strip():
            return None
        if isinstance(value, bytes) and text.encode() != value:
            return None
        name, weak = place or ("", False)
        body = self.detection.scheme.sub("", text, count=1) if self.detection.scheme.match(text) else text
        found = self.detection.find(text, self.known) or list(composed)
        if name and not found and self.detection.is_secret(name, body.strip(), weak):
            start = len(text) - len(body)
            found = [Found(start, len(text), self.detection.kind(name), "SECRET")]
        if not found:
            return None
        for item in found:
            self._know(text[item.start : item.end], item.kind)
        outside = self.detection.scheme.sub("", text[: found[0].start]) + text[found[-1].end :]
        outside += "".join(text[one.end : two.start] for one, two in pairwise(found))
        if not re.search(r"[\s\0\ud800-\udfff]", outside.strip()):
            return [self._secret(text, found[0], name, unit, line, whole=True)]
        return self.parts(text, found, unit, line)

    def parts(self, text: str, found: Iterable[Found], unit: Unit, line: int) -> list[str | Secret]:
        """A text with its secrets alone taken out."""
        parts: list[str | Secret] = []
        position = 0
        for item in found:
            parts.append(text[position : item.start])
            at = line + text[: item.start].count("\n")
            parts.append(self._secret(text[item.start : item.end], item, "", unit, at))
            position = item.end
        parts.append(text[position:])
        return [part for part in parts if part != ""]

    def _secret(self, value: str, found: Found, name: str, unit: Unit, line: int, whole: bool = False) -> Secret:
        secret = self.secrets.get(value)
        if secret is None:
            wanted = "PASSWORD" if found.address and not whole else found.variable
            if whole and re.match(r"https?:", value):
                wanted = "SERVICE_URL" if found.address else f"{wanted}_URL"
            sort = self.detection.sort(name) if name else ""
            speaks = sort in ("password", "token") or (sort and found.variable == "SECRET")
            if speaks or (found.address and self.detection.is_address(name)):
                wanted = self.detection.variable(name, "PASSWORD" if found.kind == "password" else wanted)
            taken = {other.name for other in self.secrets.values()}
            number, unique = 2, wanted
            while unique in taken:
                unique, number = f"{wanted}_{number}", number + 1
            secret = self.secrets[value] = Secret(unique, found.kind, value)
        secret.places.append((unit.cell, line))
        if not any(unit is other for other in secret.units):
            secret.units.append(unit)
        if not any(unit is other for other in self.reads):
            self.reads.append(unit)
        message = f"{capital(found.kind)}: the code reads it from the environment variable {secret.name}"
        self.remarks.append(Remark("secret-in-code", message, unit.cell, line, units=(unit,)))
        return secret

    def _know(self, value: str, kind: str) -> None:
        if len(value) >= 8 and (not value.isalpha() or not self.detection.words.like(value)):
            self.known.setdefault(value, kind)

    # -- texts that nothing reads --------------------------------------------------------------------------------
    def left_out(self, text: str, cell: int, line: int, where: str) -> str:
        """A text without its secrets."""
        if not self.detection.suspects(text) and not any(value in text for value in self.known):
            return text
        found = self._in_text(text)
        for item in found:
            value = text[item.start : item.end]
            self._know(value, item.kind)
            at = line + text[: item.start].count("\n") if line else 0
            self.remarks.append(Remark("secret-in-text", f"{capital(item.kind)}: left out of {where}", cell, at))
            self.unread.setdefault(value, Secret(item.variable, item.kind, "")).places.append((cell, line))
        return _without(text, found)

    def _in_text(self, text: str) -> list[Found]:
        """Secrets in a text that a person reads; there may be code in it that is not run."""
        found = self.detection.find(text, self.known, prose=True)
        free = [item for item in self._in_code(text) if all(item.end <= o.start or o.end <= item.start for o in found)]
        return sorted([*found, *free], key=lambda item: item.start)

    def _in_code(self, text: str) -> Iterator[Found]:
        """Secrets in lines of a text that are Python, by their places."""
        for line in re.finditer(r"[^\n]+", text):
            if not self.detection.suspects(line[0]) or not re.search(r"['\"]", line[0]):
                continue
            code = line[0].lstrip("#> \t")
            try:
                nodes = ast.parse(code.strip()).body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
            start = line.end() - len(code)
            places = Places(code.strip())
            for node, (name, weak) in self.given.literals(nodes):
                value = text_of(node) or ""
                at = code.find(value, *places.span(node)) if value else -1
                if at >= 0 and self.detection.is_secret(name, value, weak):
                    kind = self.detection.kind(name)
                    yield Found(
                        start + at, start + at + len(value), kind, "PASSWORD" if kind == "password" else "SECRET"
                    )

    def _docstring(self, source: str, node: ast.expr, unit: Unit, line: int) -> str:
        assert isinstance(node, ast.Constant)
        value = str(node.value)
        without = self.left_out(value, unit.cell, line, "a docstring")
        if without == value:
            return source
        changed = source
        for item in self._in_text(value):
            changed = changed.replace(value[item.start : item.end], LEFT_OUT)
        return changed if ast.literal_eval(changed) == without else repr(without)

    # -- code ----------------------------------------------------------------------------------------------------
    def _source(self, pieces: list[str | Secret], binary: bool, operand: bool) -> str:
        """The expression for a literal, in brackets where it stands beside an operator."""
        prefix, suffix = ("b", ".encode()") if binary else ("", "")
        parts = [
            f"{self.expression(piece)}{suffix}" if isinstance(piece, Secret) else prefix + _literal(piece)
            for piece in pieces
        ]
        whole = " + ".join(parts)
        return f"({whole})" if operand and len(parts) > 1 else whole

    def expression(self, secret: Secret) -> str:
        """The code that reads a secret."""
        return f'{self.module}.environ["{secret.name}"]'

    def _unparsed(self, node: ast.expr, unit: Unit) -> str:
        try:
            text = ast.unparse(node)
            ast.parse(text, mode="eval")
        except (ValueError, SyntaxError) as error:
            raise self._stays(unit, error) from None
        return text

    def _stays(self, unit: Unit, error: Exception) -> NbmdeError:
        """The refusal of a statement that would be no Python without its secret."""
        reason = f"a secret cannot be taken out of this text: {error}"
        return NbmdeError(reason, file=self.file, cell=unit.cell, line=unit.line, remedy="read it from os.environ")


class _InText(ast.NodeTransformer):
    """Takes secrets out of an f-string."""

    def __init__(self, hiding: _Hiding, unit: Unit, names: Mapping[tuple[int, ...], Place], line: int) -> None:
        self.hiding, self.unit, self.names, self.line = hiding, unit, names, line

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        """Texts between the fields."""
        if all(isinstance(value, ast.Constant) for value in node.values):
            text = "".join(str(value.value) for value in node.values if isinstance(value, ast.Constant))
            whole = self.visit_Constant(ast.copy_location(ast.Constant(text), node))
            return node if isinstance(whole, ast.Constant) else whole
        fields = [self.visit(value) if isinstance(value, ast.FormattedValue) else value for value in node.values]
        texts = [str(value.value) if isinstance(value, ast.Constant) else FIELD for value in fields]
        found = self.hiding.detection.find("".join(texts), self.hiding.known)
        values: list[ast.expr] = []
        position = 0
        for value, text in zip(fields, texts, strict=True):
            end = position + len(text)
            inside = [
                Found(item.start - position, item.end - position, item.kind, item.variable, item.address)
                for item in found
                if position <= item.start and item.end <= end
            ]
            if isinstance(value, ast.Constant) and inside:
                for item in inside:
                    self.hiding._know(text[item.start : item.end], item.kind)
                for piece in self.hiding.parts(text, inside, self.unit, self.line):
                    values.append(
                        ast.FormattedValue(self._read(piece), -1) if isinstance(piece, Secret) else ast.Constant(piece)
                    )
            else:
                values.append(value)
            position = end
        node.values = values
        return node

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.AST:
        """The expression of a field; not its format."""
        node.value = self.visit(node.value)
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        """A literal inside a field."""
        pieces = self.hiding.pieces(node.value, self.names.get(key(node)), self.unit, self.line)
        if pieces is None or isinstance(node.value, bytes):
            return node
        whole: ast.expr | None = None
        for piece in pieces:
            part = self._read(piece) if isinstance(piece, Secret) else ast.Constant(piece)
            whole = part if whole is None else ast.BinOp(whole, ast.Add(), part)
        assert whole is not None
        return whole

    def _read(self, secret: Secret) -> ast.expr:
        return ast.parse(self.hiding.expression(secret), mode="eval").body


# -- where literals stand ----------------------------------------------------------------------------------------
def _literals(nodes: Iterable[ast.AST], shown: ast.AST | None, inside: str = "") -> Iterator[tuple[ast.expr, str]]:
    """Literals with their roles: remark (a docstring, or a text that nothing reads), pattern, operand or none.

    An f-string is one literal.

    Args:
        shown: the statement whose value is shown.
    """
    for node in nodes:
        if isinstance(node, ast.Expr) and node is not shown and text_of(node.value) is not None:
            yield node.value, "remark"
        elif isinstance(node, ast.JoinedStr):
            yield node, inside
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, (str, bytes)):
                yield node, inside
        else:
            role = "pattern" if isinstance(node, ast.MatchValue) else "operand" if isinstance(node, _OPERATIONS) else ""
            yield from _literals(ast.iter_child_nodes(node), shown, role)


def capital(text: str) -> str:
    """A text with a capital letter at its start."""
    return text[:1].upper() + text[1:]


def _first_line(unit: Unit) -> int:
    return min((part.lineno for node in unit.nodes for part in (node, *getattr(node, "decorator_list", ()))), default=1)


def _comments(text: str) -> Iterator[tuple[int, int, int]]:
    """Comments: offsets, and line in the text."""
    if "#" not in text:
        return
    lines = LineOffsets(text)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            start = lines.starts[token.start[0] - 1] + token.start[1]
            yield start, start + len(token.string), token.start[0]


def _without(text: str, found: Iterable[Found]) -> str:
    return apply(text, [Edit(item.start, item.end, LEFT_OUT) for item in found])


def _literal(text: str) -> str:
    """A literal, over several lines where the text has several."""
    if "\n" in text and "\\" not in text and all(c.isprintable() or c in "\n\t" for c in text):
        body = text.replace('"""', '\\"\\"\\"')
        return f'"""{body[:-1]}{chr(92)}""""' if body.endswith('"') else f'"""{body}"""'
    return repr(text)


__all__ = ["Hidden", "Secret", "hide", "modules_with_secrets"]
