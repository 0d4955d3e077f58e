"""The database's copy of rules/roles.py, renewed with every `minqing migrate`."""

from __future__ import annotations

from django.db import transaction

from minqing.access.models import Role, RoleRight
from minqing.access.rules.roles import ROLES


@transaction.atomic(using="owner")
def synchronise() -> None:
    """Make access_role and access_roleright equal to the table in code; a role that is gone keeps its row, without rights."""
    for rule in ROLES.values():
        Role.objects.using("owner").update_or_create(code=rule.code, defaults={"rank": rule.rank, "privileged": rule.privileged, "desk": rule.desk})
    wanted = {(rule.code, right.value) for rule in ROLES.values() for right in rule.rights}
    present = {(r.role_id, r.right): r for r in RoleRight.objects.using("owner").all()}
    for key, row in present.items():
        if key not in wanted:
            row.delete(using="owner")
    RoleRight.objects.using("owner").bulk_create([RoleRight(role_id=role, right=right) for role, right in sorted(wanted - set(present))])
