"""The command that explains what other commands say."""

from __future__ import annotations

from pathlib import Path

from click import option

from nbmde.cli.declarations import argument, command, extension_option
from nbmde.cli.terminal import open_registry, print_json


@command()
@argument("code", required=False, metavar="[CODE]", help="What stands in brackets behind a message.")
@option("--json", "as_json", is_flag=True, help="Print JSON.")
@extension_option
def explain(code: str | None, as_json: bool, extensions: tuple[Path, ...]) -> None:
    """Explains the code of a message, or lists all codes.

    nbmde explain file-missing

    nbmde explain --json | jq -r '.[].code'
    """
    from dataclasses import asdict

    from nbmde.engine import explanations

    registry = open_registry(extensions)
    found = explanations.explain(code, registry) if code else explanations.explanations(registry)
    if as_json:
        print_json([asdict(one) for one in found])
    elif code is None:
        for one in found:
            print(f"{one.code}\t{one.severity}\t{one.about}\t{one.meaning}")
    else:
        for number, one in enumerate(found):
            before = "\n" if number else ""
            print(f"{before}{one.code} ({one.severity}, in {one.about})\n\n{one.meaning}")
            for title, text in (("Example", one.example), ("What to do", one.remedy)):
                if text:
                    print(f"\n{title}: {text}")
