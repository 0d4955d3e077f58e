from django.apps import AppConfig


class SharedConfig(AppConfig):
    name = "minqing.web.shared"
    label = "web_shared"
