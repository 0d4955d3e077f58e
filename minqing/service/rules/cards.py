"""Cards with a code for a door or a place: kinds, the alphabet of codes. Pure."""

from __future__ import annotations

import secrets

KINDS = {"door": "门口", "place": "公共地点"}
KIND_CHOICES = list(KINDS.items())
#: Without 0 O 1 I L U: read aloud and typed from a worn card. 12 characters of 29 are 58 bits: not to be guessed.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXY"
LENGTH, A_PAGE, MOST = 12, 10, 600


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _n in range(LENGTH))


def read_code(text: str) -> str:
    """As it was scanned or typed, '' for what cannot be one."""
    code = text.strip().upper().replace("-", "").replace(" ", "")
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else ""
