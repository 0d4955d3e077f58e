"""Addresses of every face."""

from django.urls import include, path

urlpatterns = [path("", include("minqing.web.desk.urls"))]
