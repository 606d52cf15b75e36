"""Makes the page about the Python interface from its docstrings: python docs/api_reference.py docs/api.md"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbmde
from nbmde.engine import m2m

HEAD = """\
# The Python interface

This page is made from the docstrings. All of it is there with `import nbmde`; extensions import `Transformation` and
`Context` from `nbmde.m2m`, `ConstraintSet` from `nbmde.constraints`, `Migration` from `nbmde.migration`, and
`EObject` from `nbmde.models`. What is not on this page is nbmde's own affair and may change.

```python
import nbmde
from pathlib import Path

registry = nbmde.Registry()
notebook = nbmde.inject_notebook(Path("churn.ipynb"), registry)
workflow = nbmde.transform("notebook2workflow", notebook, registry).root
project = nbmde.transform("workflow2project", workflow, registry, {"layout": "mlops"}).root
nbmde.write_project(nbmde.generate(project, registry), Path("churn"))
```

Elements of models are pyecore's: features are attributes, many-valued ones are lists; `element.eClass` is the class,
`element.eContainer()` what contains it. `nbmde metamodel api` writes typed classes for them.
"""

GROUPS = {
    "Models": (
        "Registry Metamodel load load_roots roots save walk instances label compare comparison Difference query "
        "migrate Migration"
    ),
    "From notebook to project": (
        "run Outcome inject_notebook write_notebook transform Result generate write_project Written"
    ),
    "Checks and proofs": "validate fix Diagnostic Fix verify_project Verdict",
    "Traces": "traces_of_project traces_of_notebook Traced TraceIndex",
    "Rules": "Transformation Context RuleError",
    "Constraints": "ConstraintSet",
    "Errors and types": "NbmdeError EObject",
}
"""What is documented, in the order of the page."""


def page() -> str:
    """All of the public interface."""
    named = [name for names in GROUPS.values() for name in names.split()]
    assert sorted(named) == sorted(nbmde.__all__), set(named) ^ set(nbmde.__all__)
    parts = [HEAD.strip()]
    for group, names in GROUPS.items():
        parts.append(f"## {group}")
        parts += [part for name in names.split() for part in _described(name, getattr(nbmde, name))]
    return "\n\n".join(parts) + "\n"


def _described(name: str, what: Any) -> Iterator[str]:
    yield f"### {name}"
    if what is Any:
        yield "An element of a model: any instance of a class of a metamodel."
    elif inspect.isclass(what):
        yield _text(what.__doc__)
        for member, function in _methods(what):
            yield f"#### {name}.{member}"
            if callable(function):
                yield _signature(member, function)
            yield _text(inspect.getdoc(function))
    else:
        yield _signature(name, what)
        yield _text(inspect.getdoc(what))


def _methods(what: type) -> Iterator[tuple[str, Any]]:
    """The public methods and properties that a class declares and documents, in their order."""
    for name, member in vars(what).items():
        if not name.startswith("_") and inspect.getdoc(member) and (callable(member) or isinstance(member, property)):
            yield name, member


def _signature(name: str, function: Any) -> str:
    signature = inspect.signature(function)
    text = f"{name}({', '.join(map(str, signature.parameters.values()))})"
    if signature.return_annotation is not inspect.Signature.empty:
        text += f" -> {signature.return_annotation}"
    text = re.sub(r"'|<function <lambda> at 0x[0-9a-f]+>", lambda found: "" if found[0] == "'" else "...", text)
    return f"```python\n{text.replace('mappingproxy({})', '{}')}\n```"


def _text(docstring: str | None) -> str:
    """A docstring as Markdown: its sections with items as lists."""
    lines = []
    for line in inspect.cleandoc(docstring or "").splitlines():
        if re.fullmatch(r"(Args|Attributes|Returns|Raises):", line):
            lines += [f"**{line.removesuffix(':')}**", ""]
        elif found := re.fullmatch(r"    (\*{0,2}\w[\w., *]*): (.*)", line):
            lines.append(f"- `{found[1]}`: {found[2]}")
        elif line.startswith("        "):
            lines.append(f"  {line.strip()}")
        else:
            lines.append(line.removeprefix("    "))
    return "\n".join(lines).replace("<", "&lt;")


if __name__ == "__main__":
    assert m2m.Context is nbmde.Context
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
