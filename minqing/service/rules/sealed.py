"""Ciphertexts of matters. See access/rules/sealed.py. Everything of a restricted matter stands under the key of level 4."""

from __future__ import annotations

from minqing.access.rules.sealed import Cipher, Digest, Lasting

_RESTRICTED = "(select m.restricted from service_matter m where m.id = t.matter_id)"

CIPHERS: tuple[Cipher, ...] = (
    Cipher("service_matter", "words_cipher", sensitive="t.restricted"),
    Cipher("service_matter", "result_cipher", sensitive="t.restricted"),
    Cipher("service_party", "contact_cipher", sensitive=_RESTRICTED),
    Cipher("service_move", "note_cipher", sensitive=_RESTRICTED, bound_to="t.matter_id"),
    Cipher("service_contact", "note_cipher", sensitive=_RESTRICTED),
    Cipher("service_callback", "note_cipher", sensitive=_RESTRICTED),
    Cipher("service_attachment", "name_cipher", sensitive=_RESTRICTED),
    Cipher("service_errand", "answers_cipher"),
    Cipher("service_errand", "signed_cipher"),
    Cipher("service_assignment", "reason_cipher"),
    Cipher("service_paper", "from_cipher"),
    Cipher("service_mediation", "agreement_cipher", sensitive=_RESTRICTED),
    Cipher("service_mediation", "reason_cipher", sensitive=_RESTRICTED),
    Cipher("service_mediationsession", "note_cipher", sensitive=_RESTRICTED),
    Cipher("service_mediationpromise", "what_cipher", sensitive=_RESTRICTED),
    Cipher("service_mediationpromise", "note_cipher", sensitive=_RESTRICTED),
    Cipher("service_foreignorder", "note_cipher"),
    Cipher("service_orderrow", "row_cipher"),
    Cipher("service_parcel", "content_cipher"),
    Cipher("service_parcelstep", "words_cipher"),
    Cipher("service_certificate", "payload"),
    Cipher("service_certificate", "reason_cipher"),
    Cipher("service_call", "number_cipher"),
    Cipher("service_call", "voicemail_cipher"),
    Cipher("service_volunteer", "contact_cipher"),
    Cipher("service_helprequest", "contact_cipher"),
    Cipher("service_helprequest", "words_cipher"),
    Cipher("service_helpstep", "note_cipher"),
    Cipher("service_activitypart", "name_cipher"),
    Cipher("service_pairing", "contact_cipher"),
    Cipher("service_care", "plan_cipher"),
    Cipher("service_care", "note_cipher"),
    Cipher("service_medicinecheck", "payload", sensitive="true"),
    Cipher("service_introduction", "words_cipher"),
    Cipher("service_introduction", "seeker_cipher"),
    Cipher("service_introduction", "giver_cipher"),
    Cipher("service_dutyshift", "phone_cipher"),
)
DIGESTS: tuple[Digest, ...] = (Digest("service_party", "phone_digest", "phone", "contact_cipher", part="phone", sensitive=_RESTRICTED), Digest("service_call", "number_digest", "phone", "number_cipher"),
                             Digest("service_volunteer", "phone_digest", "phone", "contact_cipher", part="phone"))
LASTING: tuple[Lasting, ...] = (
    Lasting("service_matter", "word_digest", "只保存摘要，原词不在库里：按每一把密钥查找，旧密钥要一直保留"),
    Lasting("service_phoneline", "token_digest", "话机系统令牌的散列，不用密钥"),
    Lasting("service_padslip", "word_digest", "只保存摘要，原词印在纸上：同 service_matter.word_digest"),
    Lasting("service_orderfile", "digest", "文件的散列，不用密钥"),
    Lasting("service_parcel", "digest", "只用来认出同一个包裹：按每一把密钥比对，旧密钥要一直保留"),
    Lasting("service_parcelrefusal", "digest", "文件的散列，不用密钥"),
    Lasting("service_orderrow", "digest", "只用来认出同一行：按每一把密钥比对，旧密钥要一直保留"),
    Lasting("service_pairing", "door_digest", "只用来认出同一户：按每一把密钥比对，旧密钥要一直保留"),
    Lasting("service_certificate", "token_digest", "随机令牌的散列，不用密钥"),
    Lasting("service_attachment", "sm3", "文件的散列，不用密钥"),
)
