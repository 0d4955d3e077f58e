"""Addresses of the open doors."""

from django.urls import path

from minqing.api import ical

urlpatterns = [path("ical/<slug:token>.ics", ical.feed, name="ical")]
