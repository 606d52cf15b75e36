"""Words are told from random characters by the letters that stand beside each other."""

from __future__ import annotations

import random
import string

import pytest

from nbmde.engine import knowledge, m2m

m2m.find("notebook2workflow")
from nbmde_transformations.notebook2workflow.bigrams import Words  # noqa: E402

WORDS = Words(knowledge.table("secrets")["words"]["pairs"])


@pytest.mark.parametrize(
    "text",
    [
        "password", "customer_id", "HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "bert-base-uncased", "TotalTokens2019",
        "client_secret.json", "/home/joe/secrets", "the access token of the service", "number_of_rooms_2019", "2019",
        "required", "hunter2", "case-sensitive", "DecisionTreeClassifier",
    ],
)  # fmt: skip
def test_names_paths_and_phrases_are_words(text: str) -> None:
    assert WORDS.like(text)


@pytest.mark.parametrize("text", ["P@ssword", "0badc0ffee0badc0ffee", "a1b2c3d4", "qxkvjzwpbgtrmcfd", "sq7LmzT4vBn2K"])
def test_symbols_hexadecimal_numbers_and_rare_pairs_are_none(text: str) -> None:
    assert not WORDS.like(text)


@pytest.mark.parametrize(
    "alphabet",
    [
        string.ascii_letters + string.digits, string.ascii_letters + string.digits + "+/", string.ascii_lowercase,
        string.ascii_letters, string.ascii_uppercase + string.digits, "0123456789abcdef",
    ],
    ids=["alphanumeric", "base64", "lower case", "letters", "upper case and digits", "hexadecimal"],
)  # fmt: skip
def test_random_characters_are_hardly_ever_words(alphabet: str) -> None:
    chance = random.Random(alphabet)
    texts = ["".join(chance.choices(alphabet, k=size)) for size in range(16, 65) for _ in range(60)]
    assert sum(map(WORDS.like, texts)) <= len(texts) / 1000


def test_every_pair_of_letters_has_a_level() -> None:
    assert [len(row) for row in WORDS.rows] == [26] * 26
    assert WORDS.level(["the"]) > WORDS.level(["xq"]) == 0
