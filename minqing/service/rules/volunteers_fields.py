"""Every column of volunteer teams: level, purpose, basis, retention. Merged into rules/fields.py."""

from __future__ import annotations

from minqing.access.rules.classification import KEY, Basis, Field, declare

_TEAM = "在队期间，解散后 3 年"
_HELP = "了结后 3 年"
_PAIRED = "结对期间，结束后 1 年"
_MADE = {"made_by made_at": (2, "谁何时记的")}
_OF = {"id": (2, KEY), "area_code team": (3, "哪个村哪支队：决定谁可以看")}

FIELDS: dict[tuple[str, str], Field] = {
    **declare("Team", _TEAM, Basis.NONE, {"id": (2, KEY), "area_code name grids skills note": (1, "哪个村有什么志愿队、能帮什么、负责哪里"), "lead": (2, "谁是队长"), "ended_at": (2, "何时解散"), **_MADE}),
    **declare("Volunteer", _TEAM, Basis.CONSENT, {
        "id": (2, KEY), "area_code person_id who": (3, "谁是志愿者：同一个人在各队是同一个"), "contact_cipher": (3, "姓名和电话：约班、换班（加密）"), "phone_digest key_no": (3, "认出同一个外来的人（带密钥散列）"),
        "skills": (3, "会什么，好安排"), "consented_on consent_how left_on": (3, "哪天、怎么同意的，哪天退出"), **_MADE,
    }),
    **declare("TeamMember", _TEAM, Basis.CONSENT, {**_OF, "volunteer joined_on left_on": (3, "谁在队里、从哪天到哪天"), **_MADE}),
    **declare("TeamShift", "1 年", Basis.CONSENT, {
        **_OF, "volunteer who kind starts_at ends_at place": (3, "谁哪天在哪里：同一个人不排在两处"), "attended_at cancelled_at why": (3, "到岗没有、为什么取消"), **_MADE,
    }),
    **declare("ShiftSwap", "1 年", Basis.CONSENT, {
        **_OF, "shift return_shift taker": (3, "哪一班换给谁"), "giver_agreed_at giver_how taker_agreed_at taker_how refused_at done_at": (3, "两个人各自何时怎么同意的"), **_MADE,
    }),
    **declare("HelpRequest", _HELP, Basis.DUTY, {
        "id": (2, KEY), "area_code place_code person_id account": (3, "哪里的谁要帮忙"), "team shift why": (3, "交给哪支队哪一班、为什么"), "skill state source matter": (3, "要什么帮手、办到哪一步、从哪里来"),
        "contact_cipher": (3, "姓名、门牌、电话：队里的人上门（加密；不打开档案）"), "words_cipher": (3, "要帮什么（加密）"), "wanted_from wanted_to": (3, "哪几天合适"),
        "made_by made_at given_by given_at ended_at": (3, "谁何时登记、安排、了结"),
    }),
    **declare("HelpStep", _HELP, Basis.DUTY, {"id": (2, KEY), "request at move staff team_name": (3, "每一步谁何时做的"), "note_cipher": (3, "怎么说的（加密）")}),
    **declare("Activity", _TEAM, Basis.NONE, {"id": (2, KEY), "area_code team": (2, "哪个村哪支队"), "title place starts_at ends_at served result held_at cancelled_at": (2, "活动做了什么、服务了多少人"), **_MADE}),
    **declare("ActivityPart", "1 年", Basis.CONSENT, {**_OF, "activity role volunteer person_id": (3, "谁参加、谁受益"), "name_cipher": (3, "受益的人姓名（加密；不愿留名只记人数）"), **_MADE}),
    **declare("Pairing", _PAIRED, Basis.CONSENT, {
        **_OF, "place_code person_id": (3, "哪户结对"), "contact_cipher": (3, "姓名、门牌、电话（加密）"), "door_digest": (3, "同一户不结对两次（带密钥散列）"), "services volunteer": (3, "约好做什么、谁去"), "starts_on ends_on why": (3, "从哪天到哪天、为什么结束"),
        "consented_on consent_how health_consented_on": (3, "哪天怎么同意的；核对药品另外同意"), "look_on": (3, "哪天要再去：只写日子，不写是什么药"), **_MADE,
    }),
    **declare("Care", _PAIRED, Basis.CONSENT, {
        **_OF, "pairing kind state due_on by_clock held_on": (3, "约了哪天做什么、做了没有"), "plan_cipher note_cipher": (3, "怎么约的（如和谁视频）、情况（加密）"), **_MADE,
    }),
    **declare("MedicineCheck", _PAIRED, Basis.SENSITIVE, {
        "id": (2, KEY, Basis.NONE), "pairing area_code": (3, "哪户", Basis.CONSENT), "payload": (4, "药名、有效期、谁讲解的（敏感密钥加密；写明事由才能看）"),
        "done_on look_on superseded_at": (3, "哪天核对、哪天再去", Basis.CONSENT), "made_by made_at": (2, "谁何时记的", Basis.NONE),
    }),
    **declare("Introduction", "90 天后整条抹去；收回同意当时抹去", Basis.CONSENT, {
        **_OF, "words_cipher seeker_cipher giver_cipher": (3, "什么活、谁找活、谁有活（加密）"), "seeker_born giver_born": (3, "两个人都成年"), "seeker_consented_on seeker_how giver_consented_on giver_how": (3, "两个人各自哪天怎么同意的"),
        "opened_on made_on outcome erase_on": (3, "哪天登记、介绍、结果，哪天抹去"), **_MADE,
    }),
    **declare("HourLine", _TEAM, Basis.CONSENT, {**_OF, "volunteer on_day minutes kind what": (3, "本人哪天做了多久：开证明用，不计分、不排名"), **_MADE}),
}
