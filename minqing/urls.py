"""Addresses of every face."""

from django.urls import include, path
from django.views.i18n import set_language

from minqing.web.shared import preferences
from minqing.web.shared.addresses import by_first_word
from minqing.web.shared.middleware import open_to_all

ALL = [
    path("preferences/", open_to_all(preferences.set_preferences), name="preferences"),
    path("language/", open_to_all(set_language), name="set_language"),
    path("phone/api/", include("minqing.web.phone.api_urls")),
    path("", include("minqing.api.urls")),
    path("", include("minqing.web.portal.urls")),
    path("", include("minqing.web.phone.urls")),
    path("", include("minqing.web.desk.urls")),
]
urlpatterns = by_first_word(ALL)
