"""Converts notebooks full of random secrets, and tells which of them a generated file still holds.

    python tests/fuzz/random_secrets.py --values 2000 [--seed N] [--seconds S] [--format NAME] [--context NAME]

Every format is tried in every context with so many values. `.env` and the models below `.nbmde` may hold them; git
ignores both.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
import string
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from nbmde import models, pipeline

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
SAYINGS = ["the {} is {}", "{}: {}", "{} - {}", "{} = {}", "**{}:** `{}`"]
BEGIN = """\
import os
import smtplib
import huggingface_hub
import psycopg2
import pymysql
import wandb
from github import Github
from telegram import Bot
from twilio.rest import Client
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


def told(source: str, values: list[str]) -> list[str]:
    """Those of the values that a generated file holds, when a notebook has been converted."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shop.ipynb"
        path.write_text(source, encoding="utf-8")
        outcome = pipeline.run(pipeline.find("nb2project"), path, models.Registry(), {"layout": "basic"})
    public = [file.content for path, file in outcome.files.items() if path != ".env" and path.split("/")[0] != ".nbmde"]
    text = b"\0".join(public).decode("utf-8", "replace")
    return [value for value in values if value in text]


def trials(count: int, seed: int, formats: list[str], contexts: list[str]) -> Iterator[tuple[str, str, list[str], str]]:
    """Format, context, values and notebook: the same for the same seed; of all formats and contexts in turn."""
    for start in range(0, count, PACK):
        for form in formats:
            for context in contexts:
                chance = random.Random(f"{form} {context} {seed} {start}")
                values = [FORMATS[form](chance) for _ in range(min(PACK, count - start))]
                yield form, context, values, notebook(context, values, chance)


def measure(
    count: int, seed: int, seconds: float, formats: list[str], contexts: list[str]
) -> tuple[Counter[tuple[str, str]], dict[tuple[str, str], list[str]]]:
    """How many values were tried, and which stayed, by format and context."""
    end = time.monotonic() + seconds
    tried: Counter[tuple[str, str]] = Counter()
    stayed: dict[tuple[str, str], list[str]] = {}
    for form, context, values, source in trials(count, seed, formats, contexts):
        if time.monotonic() > end:
            break
        tried[form, context] += len(values)
        stayed.setdefault((form, context), []).extend(told(source, values))
    return tried, stayed


def too_many(tried: Counter[tuple[str, str]], stayed: dict[tuple[str, str], list[str]]) -> list[str]:
    """Contexts in which more values stayed than may: shares over all formats; one value is none."""
    wrong = []
    for context in CONTEXTS:
        total = sum(number for (_, where), number in tried.items() if where == context)
        left = sum(len(values) for (_, where), values in stayed.items() if where == context)
        if left > max(1, total * (TEXT if context in SPOKEN else CODE)):
            wrong.append(f"{context}: {left} of {total}")
    return wrong


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--values", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--format", action="append", choices=FORMATS)
    parser.add_argument("--context", action="append", choices=CONTEXTS)
    given = parser.parse_args()
    tried, stayed = measure(
        given.values, given.seed, given.seconds, given.format or list(FORMATS), given.context or list(CONTEXTS)
    )
    for (form, context), number in tried.items():
        left = stayed[form, context]
        print(f"{form:18} {context:12} {len(left):5} of {number:5}", *left[:3])
    wrong = too_many(tried, stayed)
    for line in wrong:
        print(f"too many stayed: {line}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
