"""What `places.py.j2` writes, for the modules that import it."""

FILES: dict[str, str]
PROJECT: str
