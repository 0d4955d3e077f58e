"""Ciphertexts of visits. See access/rules/sealed.py."""

from __future__ import annotations

from minqing.access.rules.sealed import Cipher, Digest, Lasting

CIPHERS: tuple[Cipher, ...] = (
    Cipher("contact_visit", "words_cipher"), Cipher("contact_visit", "outcome_cipher"), Cipher("contact_visitnote", "payload"), Cipher("contact_checkup", "payload", sensitive="true"), Cipher("contact_doorcheck", "words_cipher"),
)
DIGESTS: tuple[Digest, ...] = ()
_AGAIN = "只用来认出同一次记录又发来一次：按每一把密钥比对，旧密钥要一直保留"
LASTING: tuple[Lasting, ...] = (Lasting("contact_visit", "content_digest", _AGAIN), Lasting("contact_visitnote", "content_digest", _AGAIN), Lasting("contact_doorcheck", "content_digest", _AGAIN))
