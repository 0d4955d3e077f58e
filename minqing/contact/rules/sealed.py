"""Ciphertexts of visits. See access/rules/sealed.py."""

from __future__ import annotations

from minqing.access.rules.sealed import Cipher, Digest, Lasting

CIPHERS: tuple[Cipher, ...] = (
    Cipher("contact_visit", "words_cipher"), Cipher("contact_visit", "outcome_cipher"), Cipher("contact_visitnote", "payload"), Cipher("contact_checkup", "payload", sensitive="true"), Cipher("contact_doorcheck", "words_cipher"),
    Cipher("contact_meeting", "minutes_cipher"), Cipher("contact_attendance", "name_cipher"), Cipher("contact_opinion", "said_cipher"), Cipher("contact_opinion", "answer_cipher"), Cipher("contact_objection", "said_cipher"), Cipher("contact_objection", "answer_cipher"),
    Cipher("contact_meetingpaper", "name_cipher"), Cipher("contact_representative", "name_cipher"),
    Cipher("contact_transferplan", "who_cipher"), Cipher("contact_transferneed", "payload", sensitive="true"), Cipher("contact_transfermark", "words_cipher"), Cipher("contact_transferevent", "record_cipher"),
    Cipher("contact_gravenews", "payload"), Cipher("contact_doorask", "who_cipher"),
    Cipher("contact_booking", "contact_cipher"), Cipher("contact_booking", "about_cipher"), Cipher("contact_booking", "outcome_cipher"),
    Cipher("contact_dutyvisitor", "words_cipher"),
    Cipher("contact_finding", "words_cipher"), Cipher("contact_decision", "payload"), Cipher("contact_decisionword", "payload"), Cipher("contact_handover", "remarks_cipher"), Cipher("contact_handoveritem", "words_cipher"), Cipher("contact_course", "file_cipher"),
)
DIGESTS: tuple[Digest, ...] = ()
_AGAIN = "只用来认出同一次记录又发来一次：按每一把密钥比对，旧密钥要一直保留"
LASTING: tuple[Lasting, ...] = (Lasting("contact_visit", "content_digest", _AGAIN), Lasting("contact_visitnote", "content_digest", _AGAIN), Lasting("contact_doorcheck", "content_digest", _AGAIN), Lasting("contact_meetingpaper", "sm3", "文件的摘要，不含密钥"), Lasting("contact_transfermark", "content_digest", _AGAIN), Lasting("contact_feed", "digest", "随机地址的散列，不用密钥"))
