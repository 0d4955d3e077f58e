"""The canonical fields that a column of a file may become, with the rule that cleans each and its sensitivity.

Invariant: a column that is not a field of this table is dropped at the door and named in the report (DESIGN §5):
bank accounts, the last menstruation, religion, blood group … have no purpose here, so they have no field.

Levels: 2 internal, 3 personal, 4 sensitive personal (domain.md §6.1).
"""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Field:
    """`rule` names the cleaning rule (`rules.py`); `label` is the word the pages and reports use."""

    label: str
    rule: str
    level: int = 3


FIELDS: dict[str, Field] = {
    # the person
    "id_number": Field("公民身份号码", "identity"),
    "id_kind": Field("证件类型", "word", 2),
    "name": Field("姓名", "name"),
    "former_name": Field("曾用名", "name_plain"),
    "sex": Field("性别", "sex", 2),
    "birth_date": Field("出生日期", "birth"),
    "ethnicity": Field("民族", "ethnicity"),
    "native_place": Field("籍贯", "word"),
    "registered_address": Field("户籍地址", "address"),
    "living_address": Field("现居住地址", "address"),
    "town": Field("乡镇（街道）", "word", 2),
    "village": Field("所在村（社区）", "place", 2),
    "education": Field("文化程度", "education"),
    "marriage": Field("婚姻状况", "marriage"),
    "military": Field("兵役状况", "word"),
    "politics": Field("政治面貌", "politics"),
    "employment": Field("从业状况", "employment"),
    "employer": Field("服务处所", "word"),
    "occupation": Field("职业", "word"),
    "phone": Field("联系电话", "phone"),
    "phone_2": Field("联系电话二", "phone"),
    "remark": Field("备注", "word"),
    "moved_in_on": Field("迁入日期", "date"),
    "moved_from": Field("何地迁来", "word"),
    "cancelled": Field("注销标志", "flag"),
    "cancelled_on": Field("注销日期", "date"),
    "cancel_reason": Field("注销原因", "word"),
    # the household
    "household_number": Field("户号", "code"),
    "household_kind": Field("户类型", "word", 2),
    "head_name": Field("户主姓名", "name_plain"),
    "head_id_number": Field("户主证件号码", "identity_other"),
    "relation": Field("与户主关系", "relation"),
    "members": Field("家庭成员", "members"),
    # people who live elsewhere than registered
    "landlord_name": Field("房东姓名", "name_plain"),
    "landlord_phone": Field("房东电话", "phone_other"),
    "arrived_on": Field("来本地日期", "date"),
    "stay_reason": Field("居住事由", "word"),
    "permit_number": Field("居住证号", "code"),
    "permit_until": Field("居住证有效期至", "date_future"),
    "tenant_name": Field("承租人姓名", "name_plain"),
    "tenant_id_number": Field("承租人证件号码", "identity_other"),
    "tenant_phone": Field("承租人电话", "phone_other"),
    "tenant_count": Field("承租人数", "integer"),
    "rented_on": Field("起租日期", "date"),
    "rent_use": Field("出租用途", "word", 2),
    # civil affairs
    "relief_kind": Field("救助类别", "word", 4),
    "relief_amount": Field("月保障金额", "amount", 4),
    "relief_reason": Field("困难原因", "word", 4),
    "relief_since": Field("起保年月", "date", 4),
    "relief_count": Field("保障人数", "integer", 4),
    "living_state": Field("居住状况", "word"),
    "children_note": Field("子女情况", "word"),
    "self_care": Field("自理能力", "word", 4),
    "guardian_name": Field("监护人", "name_plain"),
    "guardian_relation": Field("监护人关系", "word"),
    "guardian_phone": Field("监护人电话", "phone_other"),
    "child_difficulty": Field("困境类型", "word", 4),
    "child_allowance": Field("困境儿童补助金额", "amount", 4),
    # pensions
    "pension_number": Field("养老保险个人编号", "code"),
    "pension_state": Field("养老参保状态", "word"),
    "pension_joined_on": Field("养老参保日期", "date"),
    "pension_grade": Field("缴费档次", "amount"),
    "pension_months": Field("累计缴费月数", "integer"),
    "benefit_state": Field("养老待遇状态", "word"),
    "benefit_since": Field("待遇起始年月", "date"),
    "benefit_amount": Field("月待遇", "amount"),
    "certified_on": Field("资格认证日期", "date"),
    # health
    "clinic": Field("签约机构", "word", 4),
    "doctor": Field("签约医生", "word", 4),
    "signed_on": Field("签约日期", "date", 4),
    "health_groups": Field("重点人群", "word", 4),
    "followed_up_on": Field("随访日期", "date", 4),
    "husband_name": Field("丈夫姓名", "name_plain"),
    "spouse_name": Field("配偶姓名", "name_plain"),
    "due_on": Field("预产期", "date_future", 4),
    "booked_on": Field("建册日期", "date", 4),
    "high_risk": Field("是否高危", "flag", 4),
    "special_family": Field("特扶类型", "word", 4),
    "special_amount": Field("年发放金额", "amount", 4),
    # disability
    "disability_number": Field("残疾人证号", "disability", 4),
    "disability_category": Field("残疾类别", "disability_category", 4),
    "disability_grade": Field("残疾等级", "disability_grade", 4),
    "subsidy": Field("是否享受补贴", "flag", 4),
    "subsidy_amount": Field("补贴金额", "amount", 4),
    "issued_on": Field("发证日期", "date", 4),
    # medical insurance
    "insurance_number": Field("医保人员编号", "code"),
    "insurance_year": Field("参保年度", "integer"),
    "insurance_kind": Field("险种", "word"),
    "insurance_state": Field("医保参保状态", "word"),
    "insured_at": Field("参保地村（社区）", "place"),
    "insurance_fee": Field("缴费标准", "amount"),
    "insurance_marks": Field("特殊人群标识", "word", 4),
    # school
    "student_number": Field("学籍号", "student"),
    "school": Field("学校名称", "word"),
    "school_grade": Field("年级", "word"),
    "school_class": Field("班级", "word"),
    "enrolled_on": Field("入学年月", "date"),
    "parent_name": Field("家长姓名", "name_plain"),
    "parent_phone": Field("家长电话", "phone_other"),
    "parent_relation": Field("家长关系", "word"),
    "parent2_name": Field("家长二姓名", "name_plain"),
    "parent2_phone": Field("家长二电话", "phone_other"),
    "parent2_relation": Field("家长二关系", "word"),
    "left_behind": Field("是否留守儿童", "flag", 4),
    "migrant_child": Field("是否随迁子女", "flag"),
    "boarding": Field("是否寄宿", "flag"),
    # land and houses
    "plot_code": Field("宗地代码", "code", 2),
    "unit_code": Field("不动产单元号", "code", 2),
    "deed_number": Field("不动产权证号", "code"),
    "house_address": Field("坐落", "address", 2),
    "plot_area": Field("宗地面积（㎡）", "area", 2),
    "floor_area": Field("建筑面积（㎡）", "area", 2),
    "storeys": Field("层数", "integer", 2),
    "structure": Field("结构", "word", 2),
    "built_year": Field("竣工年份", "integer", 2),
    "bound_east": Field("四至（东）", "word", 2),
    "bound_south": Field("四至（南）", "word", 2),
    "bound_west": Field("四至（西）", "word", 2),
    "bound_north": Field("四至（北）", "word", 2),
    "bounds": Field("四至", "word", 2),
    "survey_x": Field("X坐标", "coordinate", 2),
    "survey_y": Field("Y坐标", "coordinate", 2),
    "right_kind": Field("权利类型", "word"),
    "house_use": Field("用途", "word", 2),
    "recorded_on": Field("登记时间", "date"),
    "house_safety": Field("房屋安全等级", "word", 2),
    # contracted land and shares
    "land_issuer": Field("发包方", "place", 2),
    "field_name": Field("地块名称", "word"),
    "field_code": Field("地块编码", "code"),
    "measured_area": Field("实测面积（亩）", "area_mu"),
    "contract_area": Field("合同面积（亩）", "area_mu"),
    "contract_number": Field("经营权证号", "code"),
    "representative_name": Field("户代表姓名", "name_plain"),
    "representative_id_number": Field("户代表证件号码", "identity_other"),
    "member_kind": Field("成员类型", "word"),
    "person_share": Field("人口股", "amount"),
    "years_share": Field("农龄股", "amount"),
    "share_number": Field("股权证号", "code"),
    # veterans
    "veteran_kind": Field("优抚对象类别", "word", 4),
    "enlisted_on": Field("入伍时间", "date"),
    "discharged_on": Field("退役时间", "date"),
    "veteran_card": Field("优待证号", "code", 4),
    "veteran_allowance": Field("抚恤补助标准", "amount", 4),
    # premises
    "credit_code": Field("统一社会信用代码", "credit", 2),
    "premises_name": Field("场所名称", "word", 2),
    "premises_kind": Field("主体类型", "word", 2),
    "premises_state": Field("经营状态", "word", 2),
    "premises_address": Field("经营场所", "address", 2),
    "premises_scope": Field("经营范围", "word", 2),
    "founded_on": Field("成立日期", "date", 2),
    "capital": Field("注册资本（元）", "amount", 2),
    "staff_count": Field("从业人数", "integer", 2),
    # grids
    "grid_name": Field("网格名称", "word", 2),
    "grid_code": Field("网格编码", "code", 2),
    "grid_places": Field("覆盖自然村（路段）", "word", 2),
}

#: The unit a bare number of a rule is in; a heading that names another unit says so for its column.
UNITS = {"amount": "元", "area": "㎡", "area_mu": "亩"}

#: Columns of this kind are known and unwanted: the report says why instead of "not recognised".
UNWANTED: tuple[tuple[str, str], ...] = (
    (r"银行|账号|帐号|账户|帐户|卡号|开户|存折|折号|一卡通|信用社|农商行", "银行账户不属于民情档案，未采用。"),
    (r"末次月经|月经|孕次|产次|流产|避孕", "属于医疗信息，民情档案不收集，未采用。"),
    (r"宗教|信仰|教派", "宗教信仰不收集，未采用。"),
    (r"血型|血压|血糖|身高|体重|指纹|人脸|虹膜|基因|照片", "身体和生物特征不收集，未采用。"),
    (r"吸毒|涉毒|戒毒|艾滋|矫正|刑释|刑满|精神障碍|精神病|上访|邪教|前科|违法|犯罪", "特殊人群信息不收集，未采用。"),
    (r"密码|口令", "密码不收集，未采用。"),
    (r"^序$|^序号$|^编号$|^no$|^行号$|^行次$|^栏次$|^排序$|^顺序号?$|^流水号$", "序号只用于原表排序，未采用。"),
    (r"^年龄|年龄$|周岁|^岁数?$", "年龄由出生日期算出，未采用。"),
)
