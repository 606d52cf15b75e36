"""Fills notebooks with random secrets, and tells which of them reach the code, the prose or a generated file.

    python tests/fuzz/random_secrets.py --values 2000 [--seed N] [--seconds S] [--format NAME] [--context NAME]

Every format is tried in every context with so many values. Whether what is read of a notebook is free of them, before
any rule has run, is asked for all; whether every file of a whole conversion is, for `--files` of each format in each
context, and both layouts. `.env` and the models below `.nbmde` may hold them; git ignores both.
"""

from __future__ import annotations

import argparse
import base64
import json
import multiprocessing
import os
import random
import string
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from nbmde.engine import m2m, models, pipeline
from nbmde.notebooks import injection

m2m.find("notebook2workflow")
from nbmde_transformations.notebook2workflow import reading  # noqa: E402

LETTERS = string.ascii_letters + string.digits
BASE64 = LETTERS + "+/"
URL = LETTERS + "-_"
HEXADECIMAL = "0123456789abcdef"
PACK = 250
"""Values in one notebook."""
CODE = 1 / 1000
TEXT = 1 / 100
"""Shares of values that may stay: in code, and in prose and comments."""


def some(chance: random.Random, alphabet: str, least: int, most: int = 0) -> str:
    """So many random characters."""
    return "".join(chance.choices(alphabet, k=chance.randint(least, most or least)))


def _web_token(chance: random.Random) -> str:
    def part(content: dict[str, object]) -> str:
        return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")

    body = {"sub": some(chance, string.digits, 10), "iat": chance.randrange(10**9, 2 * 10**9)}
    return f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(body)}.{some(chance, URL, 43)}"


def _address(chance: random.Random) -> str:
    system = chance.choice(["postgresql", "mysql+pymysql", "mongodb+srv", "redis", "amqp"])
    return f"{system}://{chance.choice(['app', 'admin', 'joe'])}:{some(chance, LETTERS, 8, 24)}@db.local:5432/sales"


def _signed(chance: random.Random) -> str:
    signature = base64.b64encode(chance.randbytes(32)).decode()
    for symbol, code in (("+", "%2B"), ("/", "%2F"), ("=", "%3D")):
        signature = signature.replace(symbol, code)
    return f"https://shop.blob.core.windows.net/data/a.csv?sv=2022-11-02&ss=b&srt=sco&sp=rl&sig={signature}"


FORMATS: dict[str, Callable[[random.Random], str]] = {
    "AWS secret": lambda chance: some(chance, BASE64, 40),
    "GitHub": lambda chance: f"gh{chance.choice('pousr')}_{some(chance, LETTERS, 36)}",
    "GitLab": lambda chance: f"glpat-{some(chance, URL, 20)}",
    "Slack": lambda chance: (
        f"xox{chance.choice('bp')}-{some(chance, string.digits, 12)}-{some(chance, string.digits, 12)}-"
        f"{some(chance, LETTERS, 24)}"
    ),
    "OpenAI": lambda chance: f"sk-{chance.choice(['', 'proj-'])}{some(chance, LETTERS, 48)}",
    "npm": lambda chance: f"npm_{some(chance, LETTERS, 36)}",
    "Azure signature": _signed,
    "JWT": _web_token,
    "database address": _address,
    "random": lambda chance: some(
        chance,
        chance.choice([LETTERS, URL, HEXADECIMAL, string.ascii_lowercase + string.digits, string.ascii_letters]),
        16,
        64,
    ),
}
NAMES = ["password", "api_key", "secret", "token", "access_token", "client_secret", "mypass", "bearer", "DB_PASSWORD"]
"""Names that speak of secrets."""
HOLDERS = ["os.environ", "config"]
POSITIONS = [
    "pymysql.connect('db', 'joe', {})", "server.login('joe', {})", "wandb.login({})", "Client('AC1', {})",
    "psycopg2.connect('sales', 'joe', 'x', {})", "Github({})", "huggingface_hub.login({})", "Bot({})",
]  # fmt: skip
COMMANDS = [
    "!mysql -uroot -p{} sales", "!curl -u joe:{} https://shop.local/x", "!wandb login {}", "!PGPASSWORD={} psql -h db",
    "!huggingface-cli login --token {}", "!curl -H 'Authorization: Bearer {}' https://shop.local",
    "!sshpass -p {} ssh db",
    "!docker login -u joe -p {}", "!redis-cli -a {} ping", "!export API_TOKEN={}", "%env API_TOKEN={}",
    "!git clone https://joe:{}@git.local/x.git", "!aws configure set aws_secret_access_key {}",
]  # fmt: skip
DEFAULTS = [
    "def connect(host, {}={}): return host", "parser.add_argument('--{}', default={})", "os.getenv('{}', {})",
    "os.environ.get('{}', {})", "parser.add_argument('--{}', type=str, default={})", "{} = config.get('x') or {}",
]  # fmt: skip
JOINED = [
    "'https://shop.local/x?api_key=' + {} + '&page=1'", "'Server=db;UID=joe;PWD=%s' % {}",
    "'host=db user=joe password={{}}'.format({})", "subprocess.run(['curl', '-u', 'joe:' + {}])",
    "subprocess.run(['sshpass', '-p', {}, 'ssh'])", "'password=' + {}", "'token: %s, page: %d' % ({}, 1)",
]  # fmt: skip
WRITTEN = ["{}={}", "{}: {}", "[shop]\n{} = {}", "user: joe\n{}: {}", 'export {}="{}"', "shop:\n  user: joe\n  {}: {}"]
SAYINGS = ["the {} is {}", "{}: {}", "{} - {}", "{} = {}", "**{}:** `{}`"]
BEGIN = """\
import argparse
import os
import smtplib
import subprocess
import huggingface_hub
import psycopg2
import pymysql
import wandb
from github import Github
from telegram import Bot
from twilio.rest import Client
parser = argparse.ArgumentParser()
server = smtplib.SMTP('mail.local')
config = {}"""


def _said(chance: random.Random, value: str) -> str:
    name = chance.choice(["password", "token", "API key", "secret key", "pwd", "access token"])
    return chance.choice(SAYINGS).format(name, value)


CONTEXTS: dict[str, Callable[[random.Random, str], str]] = {
    "assignment": lambda chance, value: f"{chance.choice(NAMES)} = {value!r}",
    "keyword": lambda chance, value: f"dict({chance.choice(NAMES)}={value!r})",
    "position": lambda chance, value: chance.choice(POSITIONS).format(repr(value)),
    "subscript": lambda chance, value: (
        f"{chance.choice(['os.environ', 'config'])}[{chance.choice(NAMES)!r}] = {value!r}"
    ),
    "dictionary": lambda chance, value: f"config.update({{'user': 'joe', {chance.choice(NAMES)!r}: {value!r}}})",
    "command": lambda chance, value: chance.choice(COMMANDS).format(value),
    "default": lambda chance, value: chance.choice(DEFAULTS).format(chance.choice(NAMES), repr(value)),
    "joined": lambda chance, value: chance.choice(JOINED).format(repr(value)),
    "written": lambda chance, value: (
        f"written = '''{chance.choice(WRITTEN).format(chance.choice(NAMES), value)}\nretries: 3\n'''"
    ),
    "comment": lambda chance, value: f"print(1)  # {_said(chance, value)}",
    "prose": _said,
}
SPOKEN = ("comment", "prose")


def notebook(context: str, values: list[str], chance: random.Random) -> str:
    """A notebook with each value in its own place of a kind."""
    cells = [("code", BEGIN)]
    lines = [CONTEXTS[context](chance, value) for value in values]
    if context == "prose":
        cells += [("markdown", "\n\n".join(lines[at : at + 10])) for at in range(0, len(lines), 10)]
        cells.append(("code", "print(2)"))
    else:
        cells += [("code", "\n".join(lines[at : at + 25])) for at in range(0, len(lines), 25)]
    found = [
        {"id": f"c{number}", "cell_type": kind, "metadata": {}, "source": source}
        | ({"outputs": [], "execution_count": None} if kind == "code" else {})
        for number, (kind, source) in enumerate(cells)
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": found})


@cache
def _registry() -> models.Registry:
    """For all notebooks that are only read."""
    return models.Registry()


def read(source: str) -> str:
    """What is read of a notebook: its statements, its prose, and what is said about it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shop.ipynb"
        path.write_text(source, encoding="utf-8")
        told = reading.tell(injection.inject(path, _registry()))
    prose = ([told.title] if told.title else []) + list(told.above.values())
    said = [f"{secret.name} {secret.kind}" for secret in told.hidden.secrets]
    said += [
        f"{remark.message} {remark.remedy} {remark.omits}" for remark in told.hidden.remarks + told.platform.remarks
    ]
    return "\n".join([*(unit.text for unit in told.units), *(f"{part.title}\n{part.text}" for part in prose), *said])


def written(source: str, layout: str) -> str:
    """The text of all generated files that may be shown."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shop.ipynb"
        path.write_text(source, encoding="utf-8")
        outcome = pipeline.run(pipeline.find("nb2project"), path, models.Registry(), {"layout": layout})
    public = [file.content for path, file in outcome.files.items() if path != ".env" and path.split("/")[0] != ".nbmde"]
    return b"\0".join(public).decode("utf-8", "replace")


@dataclass(frozen=True)
class Trial:
    """A notebook, and where to look for its values.

    Attributes:
        values: with their formats.
        layout: of the project; empty where the notebook is only read.
    """

    context: str
    values: tuple[tuple[str, str], ...]
    notebook: str
    layout: str = ""


def trials(count: int, files: int, seed: int, formats: list[str], contexts: list[str]) -> Iterator[Trial]:
    """The same for the same seed; of all formats and contexts in turn, whole conversions first."""
    for layout in ("mlops", "basic") if files else ():
        for context in contexts:
            chance = random.Random(f"{context} {seed} {layout}")
            mixed = tuple((form, FORMATS[form](chance)) for form in formats for _ in range(files))
            yield Trial(context, mixed, notebook(context, [value for _, value in mixed], chance), layout)
    for start in range(0, count, PACK):
        for form in formats:
            for context in contexts:
                chance = random.Random(f"{form} {context} {seed} {start}")
                values = [FORMATS[form](chance) for _ in range(min(PACK, count - start))]
                yield Trial(context, tuple((form, value) for value in values), notebook(context, values, chance))


def left(trial: Trial) -> tuple[Trial, list[tuple[str, str]]]:
    """Those of the values that are still there, with their formats."""
    text = written(trial.notebook, trial.layout) if trial.layout else read(trial.notebook)
    return trial, [(form, value) for form, value in trial.values if value in text]


@dataclass
class Tally:
    """What came of the values: how many were tried and which stayed, by format and context."""

    tried: Counter[tuple[str, str]] = field(default_factory=Counter)
    stayed: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def add(self, trial: Trial, stayed: list[tuple[str, str]]) -> None:
        """Takes in a trial."""
        for form, _ in trial.values:
            self.tried[form, trial.context] += 1
        for form, value in stayed:
            self.stayed.setdefault((form, trial.context), []).append(value)


def measure(given: Iterable[Trial], seconds: float, processes: int = 1) -> Tally:
    """Tries notebooks until the time is over."""
    end = time.monotonic() + seconds
    tally = Tally()
    with multiprocessing.Pool(processes) as pool:
        for trial, stayed in pool.imap(left, given) if processes > 1 else map(left, given):
            tally.add(trial, stayed)
            if time.monotonic() > end:
                break
    return tally


def too_many(tally: Tally) -> list[str]:
    """Contexts in which more values stayed than may: shares over all formats; one value is none."""
    wrong = []
    for context in CONTEXTS:
        total = sum(number for (_, where), number in tally.tried.items() if where == context)
        stayed = sum(len(values) for (_, where), values in tally.stayed.items() if where == context)
        if stayed > max(1, total * (TEXT if context in SPOKEN else CODE)):
            wrong.append(f"{context}: {stayed} of {total}")
    return wrong


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--values", type=int, default=2000)
    parser.add_argument("--files", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--format", action="append", choices=FORMATS)
    parser.add_argument("--context", action="append", choices=CONTEXTS)
    given = parser.parse_args()
    wanted = trials(given.values, given.files, given.seed, given.format or [*FORMATS], given.context or [*CONTEXTS])
    tally = measure(wanted, given.seconds, given.processes)
    for (form, context), number in tally.tried.items():
        stayed = tally.stayed.get((form, context), [])
        print(f"{form:18} {context:12} {len(stayed):5} of {number:5}", *stayed[:3])
    wrong = too_many(tally)
    for line in wrong:
        print(f"too many stayed: {line}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
