"""Names: tidied without being changed, and found by what people type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minqing.lib import names
from minqing.lib.names import Likeness, Trouble

han = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("王　芳", "王芳"),
        ("徐  涛", "徐涛"),
        (" 柴雨琪", "柴雨琪"),
        ("姜 小 明", "姜小明"),
        ("阿布都•热依木", "阿布都·热依木"),
        ("阿布都．热依木", "阿布都·热依木"),
        ("阿布都・热依木", "阿布都·热依木"),
        ("阿布都 · 热依木", "阿布都·热依木"),
        ("⽅芳", "方芳"),
        ("'郑书香", "郑书香"),
        ("郑\u200b书香\ufeff", "郑书香"),
        ("John  Smith", "John Smith"),
        ("徐建軍", "徐建軍"),
        ("𬱖𬱖", "𬱖𬱖"),
    ],
)
def test_a_name_loses_only_what_is_no_part_of_it(written, name):
    assert names.normalise(written) == name
    assert names.parse(written).value == name


@pytest.mark.parametrize(
    ("written", "name", "note"),
    [
        ("郑书香(户主)", "郑书香", "head"),
        ("吴井法（已故）", "吴井法", "dead"),
        ("毛小明 迁出", "毛小明", "moved_out"),
        ("毛小明迁出", "毛小明", "moved_out"),
        ("徐永平（衢州）", "徐永平", "other"),
        ("应美芳（外出）", "应美芳", "away"),
        ("柴卫赟（死亡", "柴卫赟", "dead"),
        ("朱建强(女婿)", "朱建强", "other"),
        ("柴卫赟-已故", "柴卫赟", "dead"),
        ("户主：郑书香", "郑书香", "head"),
        ("户主郑书香", "郑书香", "head"),
        ("应美芳 女", "应美芳", "other"),
    ],
)
def test_notes_are_set_apart(written, name, note):
    parsed = names.parse(written)
    assert parsed.value == name
    assert [code for code, _ in parsed.notes] == [note]
    assert Trouble.NOTE in parsed.troubles
    assert parsed.raw == written


def test_a_name_that_ends_like_a_note_keeps_its_ending():
    assert names.parse("张故").value == "张故"
    assert names.parse("王亡").value == "王亡"
    assert names.parse("王 亚 女").value == "王亚女"
    assert names.parse("户主之妻").value == "户主之妻"


@pytest.mark.parametrize(
    ("written", "trouble"),
    [
        ("柴樟?", Trouble.UNREADABLE),
        ("柴樟□", Trouble.UNREADABLE),
        ("柴樟\ufffd", Trouble.UNREADABLE),
        ("祝\ue82d", Trouble.PRIVATE),
        ("郑*香", Trouble.MASKED),
        ("", Trouble.EMPTY),
        ("徐1", Trouble.DIGITS),
        ("=cmd|'/c calc'!A1", Trouble.FORMULA),
        ("长" * 51, Trouble.LONG),
    ],
)
def test_troubles_are_named_and_the_text_stays(written, trouble):
    assert trouble in names.parse(written).troubles


def test_several_people_in_one_cell():
    people = names.split_people("余小芳(妻)、姜燕娟(长女)\n朱建强(女婿)；姜梓超(外孙)")
    assert [person.value for person in people] == ["余小芳", "姜燕娟", "朱建强", "姜梓超"]
    assert [person.notes[0][1] for person in people] == ["妻", "长女", "女婿", "外孙"]


@pytest.mark.parametrize(
    ("name", "sounds"),
    [
        ("单雄信", "shan xiong xin"),
        ("仇小兰", "qiu xiao lan"),
        ("曾祥云", "zeng xiang yun"),
        ("查良镛", "zha liang yong"),
        ("区小明", "ou xiao ming"),
        ("解小东", "xie xiao dong"),
        ("尉迟恭", "yu chi gong"),
        ("万俟雪", "mo qi xue"),
        ("令狐冲", "ling hu chong"),
        ("吕绿", "lv lv"),
        ("欧阳", "ou yang"),
        ("姜长生", "jiang chang sheng"),
    ],
)
def test_surnames_are_read_as_surnames(name, sounds):
    assert " ".join(names.pinyin(name)) == sounds


def test_a_search_box_finds_a_name_by_any_part_of_it():
    keys = names.search_keys("郑书香")
    for typed in ("郑", "郑书香", "书香", "香", "zhengshu", "zsx", "shux", "sx", "xiang"):
        assert any(key.startswith(typed) for key in keys), typed
    assert any(key.startswith("黄岳华") for key in names.search_keys("黃嶽華"))
    assert any(key.startswith("热依木") for key in names.search_keys("阿布都·热依木"))
    # 长 is said both ways in names.
    assert {"jiangchangsheng", "jiangzhangsheng"} <= set(names.search_keys("姜长生"))


@given(st.text(alphabet=han, min_size=1, max_size=60))
def test_search_keys_are_bounded_and_different(name):
    keys = names.search_keys(name)
    assert 0 < len(keys) <= names.MOST_KEYS
    assert len(set(keys)) == len(keys)
    assert all(0 < len(key) <= names.LONGEST_KEY for key in keys)
    assert all(key == key.lower() for key in keys)


@given(st.text(max_size=30))
def test_normalising_twice_changes_nothing(text):
    once = names.normalise(text)
    assert names.normalise(once) == once


@pytest.mark.parametrize(
    ("left", "right", "likeness"),
    [
        ("郑书香", "郑 书香", Likeness.SAME),
        ("黄岳华", "黃嶽華", Likeness.VARIANT),
        ("於小明", "于小明", Likeness.VARIANT),
        ("柴樟?", "柴樟富", Likeness.UNREADABLE),
        ("柴樟?", "徐樟富", Likeness.DIFFERENT),
        ("徐后根", "徐后艮", Likeness.SOUND),
        ("郑书香", "郑淑香", Likeness.SOUND),
        ("吴井法", "吴金法", Likeness.DIALECT),
        ("王小芳", "王小花", Likeness.ONE_CHARACTER),
        ("王小芳", "王芳", Likeness.ONE_CHARACTER),
        ("王芳", "李军", Likeness.DIFFERENT),
        ("", "", Likeness.DIFFERENT),
    ],
)
def test_how_near_two_names_are(left, right, likeness):
    assert names.likeness(left, right) is likeness
    assert names.likeness(right, left) is likeness
