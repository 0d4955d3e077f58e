"""Ciphertexts and digests of the archives. See access/rules/sealed.py; identity digests and search keys are renewed together by rotation."""

from __future__ import annotations

from minqing.access.rules.sealed import Cipher, Digest, Lasting

CIPHERS: tuple[Cipher, ...] = (
    Cipher("archives_resident", "id_cipher"),
    Cipher("archives_resident", "phone_cipher"),
    Cipher("archives_resident", "emergency_cipher"),
    Cipher("archives_proposal", "payload"),
    Cipher("archives_sameperson", "number"),
    Cipher("archives_health", "payload", sensitive="true"),
    Cipher("archives_disability", "payload", sensitive="true"),
    Cipher("archives_relief", "payload", sensitive="true"),
)
DIGESTS: tuple[Digest, ...] = ()
LASTING: tuple[Lasting, ...] = (Lasting("archives_identity", "digest", "与检索键一起由 rotation 从证件号码重算"),)
