"""Names of files that Linux, macOS and Windows can all hold, and tell apart."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 255
"""Bytes of one component of a path."""
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f\\/\ud800-\udfff<>:"|?*]|[. ]$')
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?", re.IGNORECASE)
"""Names that Windows takes for devices, whatever their ending."""


def portable(name: str) -> bool:
    """Whether a file or folder can have a name on every system. Its length is not looked at."""
    return not _FORBIDDEN.search(name) and not is_device(name)


def is_device(name: str) -> bool:
    """Whether Windows takes a name for a device."""
    return bool(_DEVICES.fullmatch(name))


def folded(path: str) -> str:
    """A path as systems see it that tell no upper from lower case, and no two forms of an accented letter."""
    return unicodedata.normalize("NFC", path).casefold()
