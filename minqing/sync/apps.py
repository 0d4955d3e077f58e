from django.apps import AppConfig


class SyncConfig(AppConfig):
    name = "minqing.sync"
    verbose_name = "同步"
