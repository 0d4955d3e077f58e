"""Thin migrations: a named .sql file run as it is. SQL is kept as SQL."""

from pathlib import Path

from django.db import migrations

ROOT = Path(__file__).resolve().parents[2]


def run_file(app: str, name: str) -> migrations.RunSQL:
    """A migration operation that runs minqing/<app>/sql/<name>.sql whole (one multi-statement query, no parameters)."""
    text = (ROOT / app / "sql" / f"{name}.sql").read_text(encoding="utf-8")
    return migrations.RunSQL([(text, None)], migrations.RunSQL.noop)
