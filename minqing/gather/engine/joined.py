"""Part of step `validate`: numbers of files that somebody joined into another speak of the file that was kept.

Invariant: only numbers named by a judgement that stands are read so, and the row says it; the raw cell stays.
"""

from __future__ import annotations

from minqing.gather.engine import store

KNOWN_JOINED = "create table if not exists known_joined (number varchar, id_number varchar, birth_date date)"
_SAID = "{'code': 'D06.joined', 'field': 'id_number', 'action': 'F', 'raw': null, 'sentence': '这个号码是此人的另一个号码（已判定为同一人），按留下的档案处理。'}"
_OWN = f"""
update statement set id_number = j.id_number, birth_date = coalesce(j.birth_date, statement.birth_date), findings = list_append(statement.findings, {_SAID})
from known_joined j where statement.id_number = j.number
"""
_HEADS = "update statement set head_id_number = j.id_number from known_joined j where statement.head_id_number = j.number"


def run(work: store.Workspace) -> None:
    """Rewrite `statement` in place; nothing happens where no file was ever joined."""
    work.sql.execute(KNOWN_JOINED)
    if work.sql.execute("select count(*) from known_joined").fetchone()[0]:
        work.sql.execute(_OWN)
        work.sql.execute(_HEADS)
