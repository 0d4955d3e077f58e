"""Which columns hold ciphertexts and digests, so that changing keys (`minqing rotate-keys`) misses none.

Pure. Each area declares its own in `rules/sealed.py` (`CIPHERS`, `DIGESTS`, `LASTING`), as its columns' levels in
`rules/fields.py`; a contract test finds a binary column that nobody declared. SQL fragments name the row `t`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cipher:
    """One encrypted column. `sensitive` (SQL): under the key of level 4; `bound_to` (SQL): whose id the associated data names."""

    table: str
    column: str
    sensitive: str = "false"
    bound_to: str = "t.id"

    @property
    def label(self) -> str:
        return f"{self.table}.{self.column}"


@dataclass(frozen=True, slots=True)
class Digest:
    """One keyed digest beside its key number, made anew from a ciphertext of the same row; `part`: a key of its JSON."""

    table: str
    column: str
    kind: str
    cipher: str
    part: str = ""
    key_no: str = "key_no"
    sensitive: str = "false"
    bound_to: str = "t.id"


@dataclass(frozen=True, slots=True)
class Lasting:
    """A binary column that changing keys leaves alone, and why that is right."""

    table: str
    column: str
    why: str


_WORD = "只保存摘要，原词不在库里：按每一把密钥查找，旧密钥要一直保留"

CIPHERS: tuple[Cipher, ...] = (
    Cipher("access_secondfactor", "secret"),
    Cipher("access_residentaccount", "phone_cipher"),
    Cipher("access_logincode", "phone_cipher"),
    Cipher("access_feedback", "words"),
    Cipher("access_feedback", "contact"),
    Cipher("access_feedback", "answer"),
)
DIGESTS: tuple[Digest, ...] = (Digest("access_residentaccount", "phone_digest", "phone", "phone_cipher"),)
LASTING: tuple[Lasting, ...] = (
    Lasting("access_session", "token_digest", "随机令牌的散列，不用密钥"),
    Lasting("access_residentaccount", "sso_digest", _WORD),
    Lasting("access_logincode", "phone_digest", "十分钟后失效"),
    Lasting("access_logincode", "code_digest", "十分钟后失效"),
    Lasting("access_consent", "phone_digest", _WORD),
    Lasting("access_feedback", "word_digest", _WORD),
    Lasting("access_auditseal", "prev", "审计链的一环，用封印密钥，换密不改"),
    Lasting("access_auditseal", "head", "审计链的一环，用封印密钥，换密不改"),
)
