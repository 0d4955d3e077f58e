"""The cast of DESIGN §2. The demo and the tests use these people by these names."""

from __future__ import annotations

from minqing.commands.installation import Person

PENGLI = "330881002205"      # 彭里村, 3 grids, 407 households
NEXT_VILLAGE = "330881002206"  # the next village, whose secretary sees none of 彭里
LINKED_VILLAGE = "330881002210"
TOWN = "330881002"           # 虎山街道
COUNTY = "330881"            # 江山市
DOUTAN = "330802008001"      # 斗潭社区, 柯城区
DOUTAN_COUNTY = "330802"

VILLAGE_OFFICE = ("彭里村村民委员会", "village", PENGLI)
TOWN_OFFICE = ("虎山街道办事处", "town", TOWN)
COUNTY_OFFICE = ("江山市数据局", "county", COUNTY)

CAST: dict[str, Person] = {
    p.name[-1]: p
    for p in (
        Person("3301", "lan", "姜晓兰", *VILLAGE_OFFICE, (("grid_officer", PENGLI + "001"),)),
        Person("3302", "qiang", "毛志强", *VILLAGE_OFFICE, (("grid_officer", PENGLI + "002"),)),
        Person("3303", "xiang", "郑书香", *VILLAGE_OFFICE, (("village_secretary", PENGLI),)),
        Person("3304", "fang", "徐红芳", "江山底村村民委员会", "village", NEXT_VILLAGE, (("village_secretary", NEXT_VILLAGE),)),
        Person("3305", "mei", "周春梅", *VILLAGE_OFFICE, (("helper", PENGLI + "001"),)),
        Person("3306", "miao", "鲁苗苗", *TOWN_OFFICE, (("town_cadre", PENGLI), ("town_cadre", LINKED_VILLAGE))),
        Person("3307", "min", "王敏", "虎山街道便民服务中心", "window", TOWN, (("window_clerk", TOWN),)),
        Person("3308", "qin", "祝琴", "江山市365热线", "county", COUNTY, (("hotline_operator", COUNTY),)),
        Person("3309", "guo", "柴建国", *TOWN_OFFICE, (("town_leader", TOWN),)),
        Person("3310", "shu", "吴小数", *COUNTY_OFFICE, (("data_officer", COUNTY),)),
        Person("3311", "shen", "杨审", "江山市纪委监委", "county", COUNTY, (("auditor", COUNTY),)),
        Person("3312", "guan", "何管", *COUNTY_OFFICE, (("administrator", COUNTY),)),
        Person("3313", "jie", "刘街", *TOWN_OFFICE, (("town_admin", TOWN),)),
        Person("3314", "tan", "柯潭", "斗潭社区居民委员会", "village", DOUTAN, (("village_secretary", DOUTAN),)),
        Person("3316", "shou", "周受", "虎山街道受理中心", "town", TOWN, (("town_desk", TOWN),)),
        Person("3317", "zong", "方总", "江山市受理中心", "county", COUNTY, (("county_desk", COUNTY),)),
        Person("3318", "gui", "徐规", "江山市自然资源和规划局", "department", COUNTY, (("department_handler", COUNTY),), department="08"),
        Person("3319", "jian", "叶建", "江山市住房和城乡建设局", "department", COUNTY, (("department_handler", COUNTY),), department="12"),
        Person("3320", "ji", "毛纪", "虎山街道纪工委", "town", TOWN, (("discipline_officer", TOWN),)),
        Person("3321", "jcha", "姜监", "江山市纪委监委", "county", COUNTY, (("discipline_officer", COUNTY),)),
        Person("3322", "dai", "何代", *VILLAGE_OFFICE, (("agent", PENGLI),)),
        Person("3323", "wen", "严文", *VILLAGE_OFFICE, (("village_clerk", PENGLI),)),
        Person("3315", "cheng", "衢城", "柯城区数据局", "county", DOUTAN_COUNTY, (("data_officer", DOUTAN_COUNTY),)),
    )
}
PASSWORD = "lianxin-minqing-2026"  # noqa: S105 - printed by `make demo`; a demo's accounts hold fictitious people
