"""Answers to what the notebook asks a person: from the environment, or from whoever sits at the terminal."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable


def answer(variable: str, prompt: object = "") -> str:
    """The answer to a question.

    Args:
        variable: The environment variable that holds it; without one the question is asked at the terminal.

    Raises:
        LookupError: The variable is not set, and nobody is there to be asked.
    """
    return _answer(variable, str(prompt), input)


def secret_answer(variable: str, prompt: str = "Password: ", stream: object = None) -> str:
    """The same for what nobody should see."""
    return _answer(variable, prompt, getpass.getpass)


def _answer(variable: str, prompt: str, ask: Callable[[str], str]) -> str:
    given = os.environ.get(variable)
    if given is not None:
        return given
    if sys.stdin is not None and sys.stdin.isatty():
        return ask(prompt)
    raise LookupError(
        f"{prompt or 'The notebook asks for a value.'} (set the environment variable {variable})"
    )
