"""Which language a notebook's kernel runs."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbmde.metamodels.notebook import Notebook

_PYTHON = re.compile(r"(?:i?python)[\d.]*", re.IGNORECASE)

# Kernels whose cells are Python text, or say so, but are not run by a Python kernel where the notebook is:
# a pattern for the whole name of kernel or language, and what it is.
_SPECIAL: tuple[tuple[str, str], ...] = (
    (r"pyspark\d*(kernel)?|conda_pyspark", "PySpark of sparkmagic, which runs on a remote cluster"),
    (r"spark(r?kernel|r)?", "Spark of sparkmagic, which runs on a remote cluster"),
    (r"glue_\w+|python_glue_session|glue_python_kernel", "AWS Glue, which runs on a remote cluster"),
    (r"sage(math)?([-_.\d].*)?", "SageMath"),
    (r"sos", "SoS, which mixes languages"),
    (r"xonsh", "xonsh"),
    (r"coconut\d*", "Coconut"),
    (r"ir\d*|conda-env-.*-r", "R"),
    (r"julia[-_.\d].*", "Julia"),
    (r"xcpp\d*|xeus-cling.*|c\+\+.*", "C++"),
    (r"\.net-csharp|c#|csharp", "C#"),
    (r"\.net-fsharp|f#|fsharp", "F#"),
    (r"\.net-powershell|powershell", "PowerShell"),
    (r"polyglot-notebook", ".NET Interactive, which mixes languages"),
    (r"(node)?(js|javascript)|nodejs|deno", "JavaScript"),
    (r"tslab|typescript", "TypeScript"),
    (r"ijava|java", "Java"),
    (r"gophernotes|go", "Go"),
    (r"rust|evcxr", "Rust"),
    (r"apache_toree_scala|almond|scala\d*.*|spylon-kernel", "Scala"),
    (r"bash|calysto_bash|sh|shell|zsh", "a shell"),
    (r"octave|matlab.*|imatlab", "MATLAB"),
    (r"sas|saspy", "SAS"),
    (r"stata|pystata|nbstata", "Stata"),
    (r"ihaskell|haskell", "Haskell"),
    (r"ruby|iruby", "Ruby"),
    (r"perl|iperl", "Perl"),
    (r"sql|postgres.*|xsqlite", "SQL"),
    (r"r|julia", ""),
)
_KNOWN = tuple((re.compile(pattern, re.IGNORECASE), name) for pattern, name in _SPECIAL)


def metadata(notebook: Notebook, key: str) -> Any:
    """A member of a notebook's metadata as a JSON value, or None."""
    return next((json.loads(entry.value) for entry in notebook.metadata if entry.key == key), None)


def stated(document_metadata: Any) -> tuple[str | None, str | None]:
    """Language and name of the kernel as the metadata of a document state them."""
    spec, info = (_object(document_metadata.get(key)) for key in ("kernelspec", "language_info"))
    language = _name(spec.get("language")) or _name(info.get("name")) or _name(document_metadata.get("language"))
    return language.lower() if language else None, _name(spec.get("name"))


def foreign(notebook: Notebook) -> str | None:
    """Name what a notebook's kernel runs if that is not Python, for a message; else None.

    A notebook that states neither language nor kernel is taken for Python; a kernel of unknown name in a notebook that
    states Python, such as one of a virtual environment, is Python.
    """
    spec, info = (_object(metadata(notebook, key)) for key in ("kernelspec", "language_info"))
    kernel = _name(spec.get("name")) or notebook.kernel
    for name in (kernel, _name(spec.get("display_name"))):
        if name and (special := _special(name)):
            return special
    stated_languages = (spec.get("language"), info.get("name"), metadata(notebook, "language"), notebook.language)
    for language in map(_name, stated_languages):
        if language and not _PYTHON.fullmatch(language):
            return _special(language) or language
    return None


def _special(name: str) -> str | None:
    return next((what or name.capitalize() for pattern, what in _KNOWN if pattern.fullmatch(name)), None)


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _name(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
