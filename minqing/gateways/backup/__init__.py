"""Backups: physical, encrypted, nightly; restored in tests. The keys are never in them: keep a copy of home/keys apart.

info = backup.backup(home, target_dir, key, now)      key: 32 bytes, home/keys/backup.1.key
backup.verify(info.path, key)
backup.restore(info.path, new_home, key)              key files of that time in new_home/keys first
backup.prune(target_dir)                              keeps 14
backup.wal.turn_on(home); backup.wal.ship(home, target_dir, key, now)    every minute, if wanted
"""

from minqing.gateways.backup import wal
from minqing.gateways.backup.errors import BackupError
from minqing.gateways.backup.physical import backup, verify
from minqing.gateways.backup.restoring import cannot_write, look, restore
from minqing.gateways.backup.store import KEEP, BackupInfo, findings, list_backups, prune
from minqing.gateways.backup.stream import KEY_BYTES, fingerprint

__all__ = [
    "KEEP",
    "KEY_BYTES",
    "BackupError",
    "BackupInfo",
    "backup",
    "cannot_write",
    "findings",
    "fingerprint",
    "list_backups",
    "look",
    "prune",
    "restore",
    "verify",
    "wal",
]
