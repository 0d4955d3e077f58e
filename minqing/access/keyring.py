"""The keys of this installation, read once a process. What is encrypted where stays with the area that owns the field.

Invariant: keys are files under MINQING_HOME/keys; no other module of access opens them.
"""

from __future__ import annotations

import functools

from django.conf import settings

from minqing.lib import ciphers, keys


@functools.lru_cache(maxsize=1)
def ring() -> ciphers.KeyRing:
    """Every key by purpose and number. Raises `keys.KeyProblem` where a file is missing, weak or readable by others."""
    return keys.load(settings.HOME / "keys")
