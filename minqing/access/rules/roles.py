"""Roles of domain.md §4.1 and the rights their appointments open.

Pure table. The database gets a copy (`access_role`, `access_roleright`) with every `minqing migrate`; a contract test
compares the two. A right is always meant *within the appointment's area*.

There is no role that sees people everywhere: whoever manages the machine, the areas or the staff sees no files
(三权分立: administration, security and audit are three people).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Right(enum.StrEnum):
    """What an appointment opens inside its area."""

    PEOPLE = "people"        # 看本区域的户档、人档
    WRITE = "write"          # 改本区域的户档、人档
    SENSITIVE = "sensitive"  # 有事由时看健康、残疾、救助 (L4)
    GATHER = "gather"        # 归集本区域的部门文件
    AREAS = "areas"          # 划分、调整网格
    APPOINT = "appoint"      # 任命、结束任职、安排代理
    AUDIT = "audit"          # 看审计日志
    FIGURES = "figures"      # 看汇总数，不看名单
    INTAKE = "intake"        # 替人登记事情，查看同一地方有没有相似的事
    MATTERS = "matters"      # 看和办交到本处的事
    DISPATCH = "dispatch"    # 受理、派单、裁定退单、并单、拆单
    DECIDE = "decide"        # 批延期、挂起、解释到位后办结；只在等他决定时看到
    CALLBACK = "callback"    # 回访
    DISCIPLINE = "discipline"  # 涉及工作人员的投诉举报，绕开被反映人所在地
    CATALOGUE = "catalogue"  # 维护事项目录、派单目录、工作日历
    IDENTIFY = "identify"    # 当面核对身份证，开通居民账号，登记同意
    CONTACT = "contact"      # 安排值班、集中办公、沟通日和会议


RIGHT_LABELS = {
    Right.PEOPLE: "查看本区域的户档和人档",
    Right.WRITE: "登记和更改本区域的户档和人档",
    Right.SENSITIVE: "写明事由后查看健康、残疾、救助信息",
    Right.GATHER: "归集本区域的部门文件、处理核对问题",
    Right.AREAS: "划分和调整网格",
    Right.APPOINT: "任命工作人员、安排代理、结束任职",
    Right.AUDIT: "查看审计日志",
    Right.FIGURES: "查看汇总数字（不含名单）",
    Right.INTAKE: "替人登记事情，查看附近有没有相似的事",
    Right.MATTERS: "查看和办理交到本处的事",
    Right.DISPATCH: "受理、派单、裁定退单、并单和拆单",
    Right.DECIDE: "批准延期、挂起、解释到位后办结（只在等他决定时看到这件事）",
    Right.CALLBACK: "回访",
    Right.DISCIPLINE: "受理涉及工作人员的投诉举报",
    Right.CATALOGUE: "维护事项目录、派单目录和工作日历",
    Right.IDENTIFY: "当面核对身份证，开通居民账号，登记家人代办的同意",
    Right.CONTACT: "安排值班、集中办公、沟通日和会议",
}

# A right over matters opens a desk, not an area: these follow the role's desk.
DESK_RIGHTS = frozenset({Right.MATTERS, Right.DISPATCH, Right.CALLBACK, Right.DISCIPLINE})
# 受理台 of a county, a town; 窗口; 热线; '@' = the department that employs the person (Organisation.department).
DESKS = {"SL": "受理台", "CK": "窗口", "RX": "热线", "JW": "纪检", "@": "本部门"}


@dataclass(frozen=True)
class RoleRule:
    """One role: its Chinese name, rank (who may appoint whom), area level (digits of the code) and rights.

    `desk`: its rights over matters open this desk of the area (see DESKS) instead of the area whole.
    """

    code: str
    label: str
    rank: int
    digits: tuple[int, ...]
    rights: frozenset[Right]
    privileged: bool = False
    explains: str = ""
    desk: str = ""


def _role(code: str, label: str, rank: int, digits: tuple[int, ...], *rights: Right, privileged: bool = False, explains: str = "", desk: str = "") -> RoleRule:
    return RoleRule(code, label, rank, digits, frozenset(rights), privileged, explains, desk)


ROLES: dict[str, RoleRule] = {
    r.code: r
    for r in (
        _role("helper", "连心服务员", 1, (15, 17), Right.INTAKE, explains="联系 10–30 户，报平安、报事情；不打开户档。"),
        _role("agent", "代办员", 1, (9, 12, 15), Right.INTAKE, explains="替人跑腿办事；只看到交给他的事。"),
        _role("grid_officer", "网格员", 2, (15, 17), Right.PEOPLE, Right.WRITE, Right.IDENTIFY, Right.INTAKE, Right.MATTERS, explains="走访、更新自己网格的户档，办交到网格的事。"),
        _role("village_clerk", "村文书", 3, (12,), Right.PEOPLE, Right.WRITE, Right.GATHER, Right.IDENTIFY, Right.INTAKE, Right.MATTERS, Right.DISPATCH, Right.CALLBACK, Right.CONTACT,
              explains="管理本村户档，录入纸质表，归集本村台账，受理本村的事。"),
        _role("village_secretary", "村书记（网格长）", 3, (12,), Right.PEOPLE, Right.WRITE, Right.SENSITIVE, Right.GATHER, Right.APPOINT, Right.FIGURES,
              Right.IDENTIFY, Right.INTAKE, Right.MATTERS, Right.DISPATCH, Right.CALLBACK, Right.CONTACT, explains="本村档案的负责人；受理本村的事；安排本村网格员和代理。"),
        _role("window_clerk", "窗口办事员", 3, (9, 12), Right.IDENTIFY, Right.INTAKE, Right.MATTERS, Right.DISPATCH, Right.CALLBACK, desk="CK", explains="办理来到窗口的事；只在当事人办事时打开其档案。"),
        _role("hotline_operator", "热线接线员", 3, (6, 9), Right.INTAKE, Right.MATTERS, Right.DISPATCH, Right.CALLBACK, desk="RX", explains="接听、登记、派单、回访；核对来电人后才看到必要信息。"),
        _role("town_cadre", "联村干部", 4, (12,), Right.PEOPLE, Right.WRITE, Right.FIGURES, Right.INTAKE, Right.MATTERS, Right.CONTACT, explains="走访所联系的村，参加沟通日，跟进所联系村的事。"),
        _role("town_desk", "乡镇受理专员", 4, (9,), Right.INTAKE, Right.MATTERS, Right.DISPATCH, Right.CALLBACK, Right.FIGURES, Right.CATALOGUE, Right.CONTACT, desk="SL",
              explains="受理、派单、督办交到乡镇的事；维护本乡镇的派单目录。"),
        _role("town_admin", "乡镇管理员", 4, (9,), Right.AREAS, Right.APPOINT, Right.FIGURES, privileged=True, explains="划分网格、任命村级人员；不看户档。"),
        _role("town_leader", "乡镇领导", 4, (9,), Right.FIGURES, Right.DECIDE, explains="审批、看汇总数；没有家庭名单，事情只在等他决定时看到。"),
        _role("department_handler", "部门承办人", 4, (6, 9), Right.INTAKE, Right.MATTERS, desk="@", explains="办理派到本部门的事；只看到办事需要的内容。"),
        _role("discipline_officer", "纪检专员", 5, (6, 9), Right.INTAKE, Right.DISCIPLINE, privileged=True, desk="JW", explains="受理涉及工作人员的投诉举报；被反映人所在的村和单位看不到。"),
        _role("county_desk", "县受理中心专员", 5, (6,), Right.INTAKE, Right.MATTERS, Right.DISPATCH, Right.CALLBACK, Right.DECIDE, Right.FIGURES, Right.CATALOGUE, Right.CONTACT, desk="SL",
              explains="受理、派单、裁定争议，接收和回复 12345、四平台的工单；维护事项目录和日历。"),
        _role("department_officer", "部门数据员", 5, (6,), Right.GATHER, privileged=True, explains="上传本部门的文件，答复核实；不看户档。"),
        _role("data_officer", "县数据管理员", 5, (6, 9), Right.PEOPLE, Right.WRITE, Right.SENSITIVE, Right.GATHER, Right.FIGURES, privileged=True,
              explains="归集 11 个部门的文件（含救助、残疾、健康名册），处理核对问题。"),
        _role("administrator", "系统管理员", 5, (4, 6), Right.AREAS, Right.APPOINT, privileged=True, explains="管理区域、单位、人员和任职；不看任何人的档案。"),
        _role("auditor", "审计员", 5, (4, 6, 9), Right.AUDIT, privileged=True, explains="查看谁在何时为何打开了谁的档案；不看档案内容。"),
        _role("city_office", "市级管理（汇总）", 5, (4,), Right.FIGURES, explains="只看汇总数。"),
    )
}

# Above this many digits of the code a right concerns a single village or less.
PEOPLE_RIGHTS = frozenset({Right.PEOPLE, Right.WRITE, Right.SENSITIVE})
