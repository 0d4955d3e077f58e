"""Addresses of the cards for doors and places."""

from django.urls import path

from minqing.web.desk.cards import pages

urlpatterns = [
    path("cards/", pages.listed, name="card-list"),
    path("cards/doors.pdf", pages.doors_pdf, name="card-doors"),
    path("cards/place/", pages.place, name="card-place"),
    path("cards/old.pdf", pages.old_pdf, name="card-old"),
    path("cards/<uuid:card>/card.pdf", pages.one_pdf, name="card-pdf"),
    path("cards/<uuid:card>/revoke/", pages.revoke, name="card-revoke"),
]
