from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "minqing.web.portal"
    label = "web_portal"
