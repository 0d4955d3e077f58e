from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "minqing.access"
    verbose_name = "区域、人员与权限"
