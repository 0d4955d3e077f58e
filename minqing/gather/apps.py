from django.apps import AppConfig


class GatherConfig(AppConfig):
    name = "minqing.gather"
    verbose_name = "归集"
