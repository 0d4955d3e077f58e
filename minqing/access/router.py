"""Which alias answers for which table: credentials through `login`, everything else through `default`.

Invariant: migrations run through `owner` only, whoever asks.
"""

from __future__ import annotations

from typing import Any

LOGIN_MODELS = frozenset({"account", "secondfactor", "session", "residentaccount", "logincode"})


class Router:
    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        if model._meta.app_label == "access" and model._meta.model_name in LOGIN_MODELS:
            return "login"
        return None

    db_for_write = db_for_read

    def allow_relation(self, left: Any, right: Any, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "owner"
