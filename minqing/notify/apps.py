from django.apps import AppConfig


class NotifyConfig(AppConfig):
    name = "minqing.notify"
    verbose_name = "通知"
