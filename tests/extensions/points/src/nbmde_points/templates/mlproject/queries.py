"""A filter for the templates."""


def shout(text: str) -> str:
    return text.upper()
