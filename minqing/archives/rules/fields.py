"""Every column of the archives: level, purpose, basis, retention (domain.md §5, §6.1). See access/rules/classification.py.

Invariant: where a column is an item of the file (rules/items.py), both say the same level.
"""

from __future__ import annotations

from minqing.access.rules.classification import Basis, Field, declare

_FILE = "在册期间，迁出或死亡后 3 年"
_HISTORY = "与所属档案相同"
_ROW = "id sources version created_at updated_at voided_at"

FIELDS: dict[tuple[str, str], Field] = {
    **declare("Act", "3 年", Basis.ACCOUNTABLE, {
        "id": (2, "把一次办理的改动归在一起"), "at staff": (3, "何时、谁办的"), "kind sentence": (3, "办了什么：“我今天做了什么”"), "persons households": (3, "涉及谁"),
        "undo_until undone_at undoes": (2, "十分钟内可以撤销"), "url": (2, "回到那一页"),
    }, common="grid_code"),
    **declare("Change", _HISTORY, Basis.ACCOUNTABLE, {
        "id act": (2, "改动的次序，属于哪次办理"), "at staff purpose": (3, "何时、谁、为什么改"), "table row_id person_id": (3, "改了谁的哪一项"), "before after": (4, "改前改后，可以追溯和更正；敏感表的改动同样需要敏感权限", Basis.SENSITIVE),
    }, common="grid_code"),
    **declare("Resident", _FILE, Basis.DUTY, {
        "name former_name": (3, "认得是谁；曾用名用于比对旧文件"), "id_kind": (3, "证件类型"), "id_cipher": (3, "唯一确定一个人（加密存放，查看须记录）"), "id_tail": (3, "不打开号码也能核对首四末二"),
        "sex": (2, "称呼、资格和统计"), "birth_date birth_precision": (3, "年龄：入学、老年优待、高龄津贴到期提醒"), "ethnicity hometown": (3, "户籍登记项目，办理证明时代填"),
        "registered_area registered_address registration_kind": (3, "户籍在哪里：由哪个村负责"), "living_area living_address living_elsewhere residence_match": (3, "住在哪里：上门、疏散、服务找得到人"),
        "phone_cipher": (3, "通知和回访（加密存放，查看须记录）", Basis.CONSENT), "phone_tail": (3, "不打开号码也能核对尾号", Basis.CONSENT), "emergency_name emergency_cipher": (3, "紧急时通知谁", Basis.CONSENT),
        "marriage": (3, "家庭关系；办理证明和政策资格"), "education school": (3, "入学、资助、技能培训"), "political party_branch party_post": (3, "党员联户、服务岗安排", Basis.CONSENT),
        "employment workplace": (3, "就业帮扶、返乡联系", Basis.CONSENT), "pension_status pension_benefit": (3, "养老参保和待遇认证提醒"), "medical_kind medical_status medical_year": (3, "医保参保提醒"),
        "alive died_on": (3, "停止通知和待遇，不打扰家属"), "left_on left_to": (3, "迁出后由新地负责"), "no_messages": (3, "不发通知：本人要求或已故"), "name_key": (3, "按拼音排序"),
    }, common=_ROW),
    **declare("Identity", _FILE, Basis.DUTY, {"id": (2, "行的编号"), "person": (3, "属于谁"), "digest": (3, "同一号码只建一份档（带密钥散列，数据库内无法还原或试出号码）"), "key_no": (2, "用哪把密钥，便于更换")}),
    **declare("Placement", _FILE, Basis.DUTY, {
        "id": (2, "行的编号"), "person": (3, "谁"), "why": (3, "因户籍、居住还是户内成员而可见"), "starts_on ends_on": (3, "从何时到何时由这里负责"), "name_key": (3, "名单排序"),
    }, common="grid_code"),
    **declare("Kinship", _FILE, Basis.DUTY, {
        "person relative kind": (3, "亲属关系：与户主关系由此推出，紧急时找得到家人"), "ends_on end_reason": (3, "离婚、解除收养"),
    }, common=_ROW),
    **declare("Dwelling", "房屋存续期间", Basis.DUTY, {
        "code": (2, "房屋编码"), "address natural_village group_no doorplate building unit floor room": (2, "在哪里：上门、应急"), "longitude latitude": (2, "地图和应急疏散（只记房屋，不记人的轨迹）"),
        "purpose structure floors floor_area built_year": (2, "房屋情况：安全排查、统计"), "owner owner_name title_no": (3, "权利人：办理证明、宅基地核查"), "plot_area plot_approval several_plots": (3, "宅基地管理"),
        "use_kind": (3, "自住、出租还是空置：流动人口服务"), "safety": (2, "危房和隐患整改"), "sort_key": (2, "按走门顺序排列"),
    }, common=_ROW + " grid_code"),
    **declare("Household", _FILE, Basis.DUTY, {
        "origin_code": (2, "建档时属于哪里，旧纸仍认得"), "number": (3, "户号"), "kind state": (3, "家庭户、集体户还是居住户；是否在册"), "head head_name": (3, "户主"), "address door": (3, "住址、门牌：找得到门"),
        "natural_village group_no": (2, "自然村和小组"), "dwelling": (3, "住在哪处房屋"), "members_count home_count": (3, "人口和在家人口，便于安排走访"), "caution": (3, "上门时要注意什么（狗、耳背、合适的时间）", Basis.CONSENT),
        "difficulties wishes": (3, "需要什么帮助、有什么愿望", Basis.CONSENT), "dissolved_on dissolve_reason": (3, "何时为何销户"), "sort_key": (2, "按走门顺序排列"),
    }, common=_ROW + " grid_code"),
    **declare("Membership", _FILE, Basis.DUTY, {
        "household person": (3, "谁是哪一户的人"), "relation": (3, "与户主关系"), "by": (3, "按户籍还是按居住"), "starts_on ends_on end_reason": (3, "从何时到何时，为什么结束"),
    }, common=_ROW + " grid_code"),
    **declare("Occupancy", _FILE, Basis.DUTY, {
        "dwelling person kind": (3, "谁住在、拥有或承租哪处房屋"), "starts_on ends_on": (3, "从何时到何时"),
    }, common=_ROW + " grid_code"),
    **declare("Plot", "承包期内；土地材料永久", Basis.DUTY, {
        "code kind name": (2, "是哪一块地"), "contract_no title_no": (3, "合同和权证：有争议时凭它核对"), "area_mu measured_mu": (3, "面积"), "east south west north": (3, "四至：界址纠纷凭它说清"),
        "household holder_name": (3, "谁家承包"), "starts_on ends_on": (3, "承包期"), "note": (3, "界桩、流转等要说明的"), "sort_key": (2, "排列次序"),
    }, common=_ROW + " grid_code"),
    **declare("Proposal", "办结后 3 年", Basis.DUTY, {
        "id": (2, "行的编号"), "kind sentence": (3, "提议做什么：由人决定，程序不自动决定"), "person household": (3, "关于谁"), "department field": (2, "由哪个部门答复哪一项"), "payload": (3, "原值与新值（密文）"),
        "due_on state": (2, "何时之前，办了没有"), "made_at made_by act": (2, "谁何时提出"), "closed_at closed_by note": (3, "谁何时办结，结果"), "voided_at": (2, "作废而不删除"),
    }, common="grid_code"),
    **declare("SamePerson", _FILE, Basis.DUTY, {
        "id": (2, "行的编号"), "kept other": (3, "哪两份档案"), "verdict why": (3, "同一人、不是、不确定，为什么"), "number": (3, "另一份的号码（密文）：下个月同一号码的行归到留下的档案"), "act moved": (2, "转过去的是哪些记录，撤回时原样转回"),
        "by at": (2, "谁何时判定"), "ended_at ended_by end_why": (3, "谁何时撤回，为什么"),
    }, common="grid_code"),
    **declare("SearchKey", _FILE, Basis.DUTY, {
        "id village kind": (2, "检索用的索引"), "key": (3, "姓名、拼音、户号、地址的片段，或号码的带密钥散列，不存号码本身"), "person_id household_id": (3, "检索到谁"), "plot_id": (2, "检索到哪块地"),
    }, common="grid_code"),
    **{
        key: value
        for model, what in (("Health", "签约医生、慢病、失能、孕产：家庭医生随访和照护到期"), ("Disability", "残疾类别和等级：补贴、辅具、上门服务到期"), ("Relief", "低保、特困、困境、优抚：救助到期和应享尽享"))
        for key, value in declare(model, "救助或服务期间，结束后 3 年", Basis.SENSITIVE, {
            "person": (4, "属于谁"), "code": (4, "哪一项"), "payload": (4, what + "（单独密钥加密，写明事由才打开）"), "starts_on ends_on": (4, "从何时到何时"),
        }, common="id version created_at updated_at voided_at").items()
    },
    **{(model, "sources"): Field(value.level, value.purpose, value.basis, "救助或服务期间，结束后 3 年") for model in ("Health", "Disability", "Relief")
       for value in declare(model, "", Basis.SENSITIVE, {"sources": (4, "哪个部门何时提供")}).values()},
}
