from django.apps import AppConfig


class ContactConfig(AppConfig):
    name = "minqing.contact"
    verbose_name = "民情沟通"
