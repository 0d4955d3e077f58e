"""Jobs of access: sealing the audit each minute, the encrypted backup each night."""

from pathlib import Path

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from minqing.access.actions import seal
from minqing.gateways import backup
from minqing.lib import keys


@app.periodic(cron="* * * * *")
@app.task(name="minqing.access.seal", queueing_lock="seal")
def seal_audit(timestamp: int) -> None:
    seal.seal()


@app.periodic(cron="30 18 * * *")  # UTC: 02:30 in Shanghai
@app.task(name="minqing.access.backup", queueing_lock="backup")
def nightly_backup(timestamp: int) -> None:
    if settings.NIGHTLY_BACKUP and not settings.DATABASE_URL:
        target = Path(settings.BACKUP_DIR)
        _, key = keys.load(settings.HOME / "keys").current("backup")
        backup.backup(settings.HOME, target, key, timezone.now())
        backup.prune(target)
