"""Ciphertexts of the phones' sync. See access/rules/sealed.py."""

from __future__ import annotations

from minqing.access.rules.sealed import Cipher, Digest, Lasting

CIPHERS: tuple[Cipher, ...] = (Cipher("sync_operation", "content"), Cipher("sync_operation", "answer"), Cipher("sync_part", "content"))
DIGESTS: tuple[Digest, ...] = ()
LASTING: tuple[Lasting, ...] = (
    Lasting("sync_box", "content", "用服务器公钥封存，每一把摘要密钥都能打开它那时的"),
    Lasting("sync_box", "digest", "封存内容的散列，不用密钥"),
)
