from django.apps import AppConfig


class ArchivesConfig(AppConfig):
    name = "minqing.archives"
    verbose_name = "民情档案"
