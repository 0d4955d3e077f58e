"""Addresses of the desk; each topic keeps its own list beside its views."""

from django.urls import include, path

from minqing.web.desk import home

urlpatterns = [
    path("", home.home, name="home"),
    path("", include("minqing.web.desk.account.urls")),
    path("", include("minqing.web.desk.archives.urls")),
    path("", include("minqing.web.desk.contact.urls")),
    path("", include("minqing.web.desk.contact.duty_urls")),
    path("", include("minqing.web.desk.contact.day_urls")),
    path("", include("minqing.web.desk.gather.urls")),
    path("", include("minqing.web.desk.staff.urls")),
    path("", include("minqing.web.desk.areas.urls")),
    path("", include("minqing.web.desk.audit.urls")),
    path("", include("minqing.web.desk.calendar.urls")),
    path("", include("minqing.web.desk.things.urls")),
    path("", include("minqing.web.desk.subjects.urls")),
    path("", include("minqing.web.desk.notify.urls")),
    path("", include("minqing.web.desk.matters.urls")),
    path("", include("minqing.web.desk.mediation.urls")),
    path("", include("minqing.web.desk.hotline.urls")),
    path("", include("minqing.web.desk.window.urls")),
    path("", include("minqing.web.desk.certificates.urls")),
    path("", include("minqing.web.desk.cards.urls")),
    path("", include("minqing.web.desk.exchange.urls")),
    path("", include("minqing.web.desk.volunteers.urls")),
    path("", include("minqing.web.desk.help.urls")),
]
