"""Every column of access: level, purpose, basis, retention. See classification.py."""

from __future__ import annotations

from minqing.access.rules.classification import KEY, Basis, Field, declare

_STAFF = "任职期间，离任后 3 年"
_AREA = "永久：旧代码要一直认得"
_LOG = "3 年"

FIELDS: dict[tuple[str, str], Field] = {
    **declare("Account", _STAFF, Basis.EMPLOYMENT, {
        "id": (2, "与工作人员同一编号"), "username": (3, "登录"), "password": (3, "核对口令（Argon2 散列，不可还原）"), "must_change": (2, "一次性口令用过即换"),
        "failures locked_until": (2, "连续输错时锁定，防止猜口令"), "privileged": (2, "特权角色必须用第二因素"), "disabled_at": (2, "停用账号"),
    }),
    **declare("SecondFactor", _STAFF, Basis.EMPLOYMENT, {
        "id": (2, KEY), "account": (2, "属于哪个账号"), "kind": (2, "哪一种第二因素"), "secret": (3, "核对第二因素（密文）"), "label": (3, "本人认得是哪一个"), "added_at used_at": (2, "本人查看、发现异常"),
        "last_step": (2, "同一个动态口令不能用两次"),
    }),
    **declare("Session", "到期后 6 个月", Basis.ACCOUNTABLE, {
        "id": (2, KEY), "token_digest": (3, "核对登录令牌（散列）"), "account_id resident_account": (3, "是谁登录"), "opened_at seen_at expires_at ended_at idle_seconds": (2, "闲置和到期自动退出"),
        "complete challenge": (2, "第二因素是否已通过"), "device origin": (3, "本人认得自己的登录，发现异常"),
    }),
    **declare("Subject", "账号存续期间", Basis.CONSENT, {
        "id": (2, KEY), "account": (3, "居民账号"), "person_id household_id": (3, "居民只看到本人和同意共享的本户"), "starts_at ends_at": (2, "同意从何时到何时"),
        "reach sensitive consent_id": (3, "本人、代办还是本户共享；是否含敏感信息；依据哪次同意"), "how confirmed_by": (3, "怎么核对的身份，谁核对的"),
    }),
    **declare("ResidentAccount", "账号存续期间", Basis.CONSENT, {
        "id key_no": (2, KEY), "phone_digest sso_digest": (3, "登录时认得是哪个账号（带密钥散列）"), "phone_cipher": (3, "发验证码和代办提醒（加密存放）"), "letter_no": (3, "没有手机的人凭登录信登录"),
        "made_at disabled_at": (2, "何时开通、停用"), "tries tried_at": (2, "核对身份连续不对时停一天，防止试"),
    }),
    **declare("LoginCode", "到期后 6 个月", Basis.ACCOUNTABLE, {
        "id kind": (2, KEY), "account_id phone_digest": (3, "发给谁（散列）"), "phone_cipher": (3, "发到哪里（加密存放）"), "code_digest": (3, "核对验证码（带密钥散列，不可还原）"),
        "made_at expires_at tries ended_at": (2, "十分钟有效，输错五次作废"), "origin": (3, "防止有人成批发码、试码"),
    }),
    **declare("Consent", "结束后 3 年", Basis.CONSENT, {
        "id kind": (2, KEY), "person_id household_id": (3, "谁同意，哪一户"), "account_id phone_digest phone_tail name relation": (3, "同意给谁，本人看得到、收得回"), "sensitive": (3, "敏感信息须单独同意"),
        "how witness recorded_by": (3, "怎么同意的，谁登记、谁在场"), "starts_at ends_at withdrawn_at": (2, "最长一年，随时收回"), "tries": (2, "姓名输错五次作废"),
    }),
    **declare("Feedback", "答复后 3 年", Basis.CONSENT, {
        "id number kind": (2, KEY), "word_digest": (3, "凭编号和口令查答复（散列）"), "area_code": (2, "由县里答复，不经过村"), "words": (3, "原话（加密存放）"), "contact": (3, "怎么答复（自愿，加密存放）"),
        "account_id": (3, "登录后提的，本人能查"), "made_at due_on answered_at": (2, "何时提出、何时之前答复"), "answer answered_by": (3, "谁怎么答复的"),
    }),
    **declare("Area", _AREA, Basis.NONE, {
        "code parent level": (1, "区域及其上级"), "official_name short_name stem": (1, "名称"), "kind covers": (1, "类型和覆盖范围"), "opened_on closed_on": (1, "启用和停用"),
    }),
    **declare("AreaAlias", _AREA, Basis.NONE, {"id area name why": (1, "群众和旧文件怎么叫，认地址用")}),
    **declare("AreaSuccession", _AREA, Basis.NONE, {"id old new kind on basis": (1, "撤并、拆分、改码的来龙去脉，旧文件仍认得地方")}),
    **declare("AuditEntry", _LOG, Basis.ACCOUNTABLE, {
        "id": (2, KEY), "at": (3, "何时"), "staff appointments session": (3, "谁、以什么任职、哪次登录"), "area_code": (2, "由哪个区域的审计员查看"), "what": (3, "做了什么"),
        "persons households": (3, "看了谁：本人可以查询"), "purpose reason": (3, "为什么看"), "origin": (3, "从哪里看"), "detail": (3, "要点，不含姓名、号码和检索词"),
    }),
    **declare("AuditSeal", "永久", Basis.NONE, {
        "no at": (2, "封印的次序和时间"), "low_xid upto_xid rows": (2, "封住哪些记录"), "prev head algorithm key_no": (2, "带密钥的链式散列，证明没有改、删、插"),
    }),
    **declare("Organisation", "永久", Basis.NONE, {"id name kind area_code department": (1, "单位")}),
    **declare("Staff", _STAFF, Basis.EMPLOYMENT, {
        "id": (2, KEY), "number": (2, "工号"), "name": (2, "同事和群众要知道是谁"), "organisation area_code": (2, "在哪里工作"), "work_phone": (2, "办公联系，不是私人电话"), "left_at": (2, "离任后立即不能再看"),
    }),
    **declare("StaffPerson", _STAFF, Basis.DUTY, {"staff person_id": (3, "回避：本人、家人和亲属的事不归自己看、办、回访"), "made_at": (2, "何时登记")}),
    **declare("Role", "随程序", Basis.NONE, {"code rank privileged desk": (1, "角色表，与程序一致")}),
    **declare("RoleRight", "随程序", Basis.NONE, {"id role right": (1, "角色的权限，与程序一致")}),
    **declare("Appointment", "永久：谁何时负责哪里", Basis.EMPLOYMENT, {
        "id": (2, KEY), "staff role area_code": (2, "谁在哪里担任什么：一切权限由此而来"), "starts_at ends_at": (2, "从何时到何时，到期自动失效"), "stands_in_for": (2, "代理谁"),
        "made_by ended_by end_reason": (2, "谁任命、谁结束、为什么"),
    }),
}
