from django.apps import AppConfig


class ServiceConfig(AppConfig):
    name = "minqing.service"
    verbose_name = "为民服务"
