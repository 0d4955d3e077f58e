from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "minqing.web.desk"
    label = "web_desk"
