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


RIGHT_LABELS = {
    Right.PEOPLE: "查看本区域的户档和人档",
    Right.WRITE: "登记和更改本区域的户档和人档",
    Right.SENSITIVE: "写明事由后查看健康、残疾、救助信息",
    Right.GATHER: "归集本区域的部门文件、处理核对问题",
    Right.AREAS: "划分和调整网格",
    Right.APPOINT: "任命工作人员、安排代理、结束任职",
    Right.AUDIT: "查看审计日志",
    Right.FIGURES: "查看汇总数字（不含名单）",
}


@dataclass(frozen=True)
class RoleRule:
    """One role: its Chinese name, rank (who may appoint whom), area level (digits of the code) and rights."""

    code: str
    label: str
    rank: int
    digits: tuple[int, ...]
    rights: frozenset[Right]
    privileged: bool = False
    explains: str = ""


def _role(code: str, label: str, rank: int, digits: tuple[int, ...], *rights: Right, privileged: bool = False, explains: str = "") -> RoleRule:
    return RoleRule(code, label, rank, digits, frozenset(rights), privileged, explains)


ROLES: dict[str, RoleRule] = {
    r.code: r
    for r in (
        _role("helper", "连心服务员", 1, (15, 17), explains="联系 10–30 户，报平安、报事情；不打开户档。"),
        _role("grid_officer", "网格员", 2, (15, 17), Right.PEOPLE, Right.WRITE, explains="走访、更新自己网格的户档。"),
        _role("village_clerk", "村文书", 3, (12,), Right.PEOPLE, Right.WRITE, Right.GATHER, explains="管理本村户档，录入纸质表，归集本村台账。"),
        _role("village_secretary", "村书记（网格长）", 3, (12,), Right.PEOPLE, Right.WRITE, Right.SENSITIVE, Right.GATHER, Right.APPOINT, Right.FIGURES,
              explains="本村档案的负责人；安排本村网格员和代理。"),
        _role("window_clerk", "窗口办事员", 3, (9, 12), explains="办理来到窗口的事；只在当事人办事时打开其档案。"),
        _role("hotline_operator", "热线接线员", 3, (6, 9), explains="接听、登记、派单；核对来电人后才看到必要信息。"),
        _role("town_cadre", "联村干部", 4, (12,), Right.PEOPLE, Right.WRITE, Right.FIGURES, explains="走访所联系的村，参加沟通日。"),
        _role("town_admin", "乡镇管理员", 4, (9,), Right.AREAS, Right.APPOINT, Right.FIGURES, privileged=True, explains="划分网格、任命村级人员；不看户档。"),
        _role("town_leader", "乡镇领导", 4, (9,), Right.FIGURES, explains="派单、审批、看汇总数；没有家庭名单。"),
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
