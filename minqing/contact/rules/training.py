"""Subjects of courses, from data/training.toml. Pure. Invariant: a code once used stays, so that old rows keep their label."""

from __future__ import annotations

import tomllib
from pathlib import Path

FILE = Path(__file__).resolve().parents[1] / "data" / "training.toml"
SUBJECTS: dict[str, str] = {row["code"]: row["label"] for row in tomllib.loads(FILE.read_text(encoding="utf-8"))["subject"]}
SUBJECT_CHOICES = list(SUBJECTS.items())
MOST_TITLE, MOST_MATERIAL, MOST_PLACE, MOST_TEACHER, MOST_INVITED = 60, 8000, 60, 40, 200
#: Bytes of an attached file.
MOST_FILE = 3 * 1024 * 1024
