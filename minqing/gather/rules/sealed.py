"""Ciphertexts of gathering. See access/rules/sealed.py."""

from __future__ import annotations

from minqing.access.rules.sealed import Cipher, Digest, Lasting

CIPHERS: tuple[Cipher, ...] = (
    Cipher("gather_question", "payload", sensitive="true"),
    Cipher("gather_statement", "original", sensitive="true"),
)
DIGESTS: tuple[Digest, ...] = ()
LASTING: tuple[Lasting, ...] = (Lasting("gather_statement", "row_hash", "整行的散列，不用密钥，用来判断同一行是否重来"),)
