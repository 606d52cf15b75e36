"""Formats of tokens, names and calls that take secrets, each with what is one and what is just none."""

from __future__ import annotations

import ftplib
import hmac
import inspect
import re
import sys
from collections.abc import Callable
from typing import Any

import pytest

from nbmde.engine import knowledge as tables
from nbmde.engine import m2m

m2m.find("notebook2workflow")
secrets = sys.modules["nbmde_transformations.notebook2workflow.secrets"]

LETTERS = "Fa1kE9bT4cQ7dW2eR8fY5gU3hI6jO0kP1lA9mS4nD7oF2pG8qH5rJ3sK6tL0uZ1vX9wC4xV7yB2zN8" * 2
HEX = "9f8e7d6c5b4a39281706f5e4d3c2b1a0" * 4
DIGITS = "4829174650"
# Kind -> what a token begins with, of what it goes on, the least number of characters, and what it ends with.
LEAST: dict[str, tuple[str, str, int, str]] = {
    "age secret key": ("AGE-SECRET-KEY-1", LETTERS, 38, ""),
    "Anthropic API key": ("sk-" + "ant-", LETTERS, 80, ""),
    "Airtable token": ("pat" + LETTERS[:14] + ".", HEX, 40, ""),
    "Atlassian token": ("ATA" + "TT3", LETTERS, 60, ""),
    "DigitalOcean token": ("dop" + "_v1_", HEX, 64, ""),
    "Docker Hub token": ("dckr" + "_pat_", LETTERS, 27, ""),
    "Facebook token": ("EAA", LETTERS, 60, ""),
    "Figma token": ("fig" + "d_", LETTERS, 40, ""),
    "Google access token": ("ya29" + ".", LETTERS, 30, ""),
    "Grafana token": ("glsa" + "_" + LETTERS[:32] + "_", HEX, 8, ""),
    "LangSmith API key": ("lsv2" + "_pt_" + HEX[:32] + "_", HEX, 10, ""),
    "Linear API key": ("lin" + "_api_", LETTERS, 40, ""),
    "Mailgun API key": ("key" + "-", HEX, 32, ""),
    "Notion token": ("ntn" + "_", LETTERS, 40, ""),
    "NVIDIA API key": ("nvapi" + "-", LETTERS, 60, ""),
    "Perplexity API key": ("pplx" + "-", LETTERS, 40, ""),
    "Postman API key": ("PMAK" + "-" + HEX[:24] + "-", HEX, 34, ""),
    "Shopify token": ("shpat" + "_", HEX, 32, ""),
    "Square token": ("sq0" + "atp-", LETTERS, 22, ""),
    "Supabase token": ("sbp" + "_", HEX, 40, ""),
    "Tavily API key": ("tvly" + "-", LETTERS, 20, ""),
    "Vault token": ("hvs" + ".", LETTERS, 24, ""),
    "xAI API key": ("xai" + "-", LETTERS, 60, ""),
    "webhook": ("https://hooks.example.org/a/", LETTERS, 20, ""),
    "Databricks token": ("dapi", HEX, 32, ""),
    "Discord webhook": ("https://discord.com/api/webhooks/12/", LETTERS, 20, ""),
    "GitHub token": ("ghp" + "_", LETTERS, 30, ""),
    "GitHub fine-grained token": ("github" + "_pat_" + LETTERS[:22] + "_", LETTERS, 59, ""),
    "GitLab token": ("glpat" + "-", LETTERS, 20, ""),
    "Google API key": ("AIza", LETTERS, 35, ""),
    "Google OAuth secret": ("GOCSPX" + "-", LETTERS, 28, ""),
    "Groq API key": ("gsk" + "_", LETTERS, 52, ""),
    "Hugging Face token": ("hf" + "_", LETTERS, 30, ""),
    "npm token": ("npm" + "_", LETTERS, 36, ""),
    "OpenAI API key": ("sk" + "-", LETTERS, 20, ""),
    "PyPI token": ("pypi" + "-AgEIcHlwaS5vcmc", LETTERS, 50, ""),
    "Replicate token": ("r8" + "_", LETTERS, 37, ""),
    "signature of Azure": ("https://x.blob.core.windows.net/a?sp=r&sig=", LETTERS, 20, ""),
    "access key of Azure": ("AccountName=a;AccountKey=", LETTERS, 30, ""),
    "Slack token": ("xox" + "b-", LETTERS, 10, ""),
    "Slack webhook": ("https://hooks.slack.com/services/", LETTERS, 20, ""),
    "Teams webhook": ("https://x.office.com/webhook/", LETTERS, 20, ""),
    "Telegram bot token": (DIGITS + ":AA", LETTERS, 33, ""),
    "token in an address": ("https://", LETTERS, 16, "@example.org"),
    "password in an address": ("postgresql://joe:", LETTERS, 1, "@db.local/sales"),
    "password of Oracle": ("joe/", LETTERS, 3, "@db.local:1521/sales"),
    "JSON web token": ("eyJ" + "hbGciOiJI.", LETTERS, 8, ""),
    "Azure storage key": ("", LETTERS, 86, "=="),
    "AWS secret access key": ("", LETTERS, 40, ""),
}


@pytest.fixture(scope="module")
def table(knowledge: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    return knowledge("secrets")


def test_every_format_has_a_token_here(table: dict[str, Any]) -> None:
    assert set(LEAST) == set(table["formats"])


@pytest.mark.parametrize("kind", LEAST)
def test_a_token_is_found_and_a_shorter_text_is_none(table: dict[str, Any], kind: str) -> None:
    pattern = re.compile(table["formats"][kind]["pattern"])
    begin, letters, least, end = LEAST[kind]
    assert pattern.search(f"x = '{begin}{letters[:least]}{end}'")
    assert not pattern.search(f"x = '{begin}{letters[: least - 1]}{end}'")


@pytest.mark.parametrize("kind", sorted(kind for kind in LEAST if LEAST[kind][0]))
def test_another_beginning_is_no_token(table: dict[str, Any], kind: str) -> None:
    pattern = re.compile(table["formats"][kind]["pattern"])
    _, letters, least, end = LEAST[kind]
    assert not pattern.search(f"x = 'zz{letters[:least]}{end}'")


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        (
            "password",
            ["password", "db_password", "passwd", "passphrase", "pwd", "db_pass", "smtp_pw", "senha", "kennwort2"],
        ),
        (
            "token",
            ["token", "access_token", "api_key", "apikey", "secret", "client_secret", "aws_secret_key", "bearer"],
        ),
        ("token", ["auth_key", "account_key", "encryption_key", "my_api_key", "flask_secret"]),
        ("opaque", ["tok", "pat", "license_key", "dsn", "connection_string", "webhook", "jwt"]),
        ("loose", ["key", "auth", "credentials", "cookie"]),
        ("", ["password_column", "token_url", "api_key_path", "pad_token", "tokenizer", "first_pass"]),
        ("", ["x", "keyboard", "password_field", "secret_name", "mask_token", "compass"]),
    ],
)
def test_names_say_what_they_hold(sort: str, names: list[str]) -> None:
    detection = secrets.Detection(tables.table("secrets"))
    assert {name: detection.sort(name) for name in names} == dict.fromkeys(names, sort)


@pytest.mark.parametrize(
    ("pattern", "beginning"),
    [
        (r"\bsk-(?:proj-|live-)?[\w-]{20,}", "sk-"), (r"\bgh[pousr]_\w{30,}", "gh"), (r"\babc[|]d", "abc"),
        (r"\babc|xyz", ""), (r"\b(?:abc|xyz)", ""), (r"\babc(?:d(?:e|f)|g)", "abc"), (r"\babc?d", ""),
        (r"\bab{2}", ""), (r"(?i)\babc", ""), (r"(?x)\ba bc", ""), (r"x\babc", ""),
    ],
)  # fmt: skip
def test_what_a_format_begins_with_is_looked_for_first(pattern: str, beginning: str) -> None:
    assert secrets.beginning(re.compile(pattern)) == beginning


@pytest.mark.parametrize(
    "name", ["secret_key", "api_secret", "client_secret", "jwt_secret", "flask_secret", "my_secret"]
)
def test_some_secrets_are_words_that_a_person_chose(table: dict[str, Any], name: str) -> None:
    assert re.search(table["names"]["chosen"], name)
    assert not re.search(table["names"]["chosen"], name.replace("secret", "secrets_of"))


@pytest.mark.parametrize(
    ("command", "secret"),
    [
        ("mysql -u joe -pwinter22 sales", "winter22"),
        ("curl -u joe:winter22 https://example.org", "winter22"),
        ("sshpass -p winter22 ssh host", "winter22"),
        ("docker login -u joe -p winter22", "winter22"),
        ("unzip -P winter22 a.zip", "winter22"),
        ("7z x a.7z -pwinter22", "winter22"),
        ("redis-cli -a winter22", "winter22"),
        ("tool --db-password=winter22", "winter22"),
        ("echo winter22 | sudo -S ls", "winter22"),
        ("CREATE USER joe IDENTIFIED BY 'winter22'", "winter22"),
        ("openssl enc -d -pass pass:winter22", "winter22"),
        ("openssl enc -d -k winter22", "winter22"),
        ("tool --api-key winter22", "winter22"),
        ("wandb login winter22", "winter22"),
        ("ngrok authtoken winter22", "winter22"),
        ("aws configure set aws_secret_access_key winter22", "winter22"),
        ("kaggle config set -n key -v winter22", "winter22"),
        ("git config --global github.token winter22", "winter22"),
        ("mysql --help", ""),
        ("unzip -p a.zip", ""),
        ("7z x a.7z", ""),
        ("curl https://example.org", ""),
        ("git config user.name joe", ""),
        ("mkdir -p data", ""),
    ],
)
def test_a_command_is_given_a_secret_where_it_takes_one(table: dict[str, Any], command: str, secret: str) -> None:
    found = {match[1] for pattern in table["commands"].values() if (match := re.search(pattern, command))}
    assert found == ({secret} if secret else set())


# Calls -> the names of their arguments, as their documentation has them, up to the secret.
POSITIONS = {
    "pymysql.connect": ["host", "user", "PASSWORD"],
    "jwt.encode": ["payload", "PASSWORD"],
    "jwt.decode": ["TOKEN", "PASSWORD"],
    "requests.auth.HTTPBasicAuth": ["username", "PASSWORD"],
    "requests.auth.HTTPDigestAuth": ["username", "PASSWORD"],
    "github.Github": ["TOKEN", "PASSWORD"],
    "huggingface_hub.login": ["TOKEN"],
    "huggingface_hub.HfApi": ["endpoint", "TOKEN"],
    "paramiko.SSHClient.connect": ["hostname", "port", "username", "PASSWORD"],
    "cryptography.fernet.Fernet": ["TOKEN"],
    "boto3.client": [
        "service_name",
        "region_name",
        "api_version",
        "use_ssl",
        "verify",
        "endpoint_url",
        "TOKEN",
        "TOKEN",
        "TOKEN",
    ],
    "boto3.Session": ["TOKEN", "TOKEN", "TOKEN"],
    "slack_sdk.WebClient": ["TOKEN"],
    "cx_Oracle.connect": ["user", "PASSWORD"],
    "oracledb.connect": ["user", "PASSWORD"],
}


@pytest.mark.parametrize("name", POSITIONS)
def test_calls_take_secrets_where_their_documentation_has_them(table: dict[str, Any], name: str) -> None:
    row = table["calls"][name]
    for word in ("PASSWORD", "TOKEN"):
        positions = [number for number, argument in enumerate(POSITIONS[name]) if argument == word]
        assert row.get(word.lower(), []) == positions, name


def test_calls_of_the_standard_library_take_secrets_where_their_signatures_have_them(table: dict[str, Any]) -> None:
    for name, function, argument in (
        ("ftplib.FTP", ftplib.FTP.__init__, "passwd"),
        ("ftplib.FTP_TLS", ftplib.FTP_TLS.__init__, "passwd"),
        ("hmac.new", hmac.new, "key"),
    ):
        names = [one for one in inspect.signature(function).parameters if one != "self"]
        assert [names[number] for numbers in table["calls"][name].values() for number in numbers] == [argument]
