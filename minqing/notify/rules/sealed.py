"""Ciphertexts of the outbox. See access/rules/sealed.py."""

from __future__ import annotations

from minqing.access.rules.sealed import Cipher, Digest, Lasting

CIPHERS: tuple[Cipher, ...] = (Cipher("notify_message", "phone_cipher"), Cipher("notify_message", "values_cipher"))
DIGESTS: tuple[Digest, ...] = ()
LASTING: tuple[Lasting, ...] = ()
