"""Ciphertexts of the phones' sync. See access/rules/sealed.py."""

from __future__ import annotations

from minqing.access.rules.sealed import Cipher, Digest, Lasting

CIPHERS: tuple[Cipher, ...] = (Cipher("sync_operation", "content"), Cipher("sync_operation", "answer"), Cipher("sync_part", "content"))
DIGESTS: tuple[Digest, ...] = ()
LASTING: tuple[Lasting, ...] = (
    Lasting("sync_box", "content", "用服务器公钥封存，每一把摘要密钥都能打开它那时的"),
    Lasting("sync_box", "digest", "封存内容的散列，不用密钥"),
    Lasting("sync_sealedfile", "header", "用服务器公钥封存的钥匙，每一把摘要密钥都能打开它那时的"),
    Lasting("sync_sealedfile", "digest", "封存内容的散列，不用密钥"),
    Lasting("sync_sealedpart", "content", "用那把封存的钥匙加密，打不开也不用换"),
)
