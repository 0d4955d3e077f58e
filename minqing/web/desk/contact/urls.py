"""Addresses of visits and of helpers' doors."""

from django.urls import path

from minqing.web.desk.contact import doors, due, visits

urlpatterns = [
    path("visits/", due.due_list, name="visit-due"),
    path("households/<uuid:household>/visits/new/", visits.new, name="visit-new"),
    path("households/<uuid:household>/visits/usual/", visits.usual, name="visit-usual"),
    path("households/<uuid:household>/helper/", doors.give, name="door-give"),
    path("visits/<uuid:visit>/amend/", visits.amend, name="visit-amend"),
    path("visits/<uuid:visit>/note/", visits.note, name="visit-note"),
    path("visits/<uuid:visit>/elders/", visits.elders, name="visit-elders"),
    path("doors/", doors.mine, name="door-list"),
    path("doors/<uuid:door>/", doors.check, name="door-check"),
]
