from django.apps import AppConfig


class PhoneConfig(AppConfig):
    name = "minqing.web.phone"
    label = "web_phone"
