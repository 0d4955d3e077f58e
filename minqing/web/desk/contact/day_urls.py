"""Addresses of days with bookings. Invariant: each needs a log-in; whose day and whose booking it is the database says."""

from django.urls import path

from minqing.web.desk.contact import bookings, days

urlpatterns = [
    path("days/", days.listed, name="day-list"),
    path("days/new/", days.new, name="day-new"),
    path("days/lay/", days.lay, name="day-lay"),
    path("days/<uuid:contactday>/", days.page, name="day"),
    path("days/<uuid:contactday>/edit/", days.edit, name="day-edit"),
    path("days/<uuid:contactday>/book/", bookings.book, name="day-book"),
    path("days/<uuid:contactday>/doors/", bookings.doors, name="day-doors"),
    path("days/<uuid:contactday>/round.pdf", bookings.round_pdf, name="day-round"),
    path("days/<uuid:contactday>/<slug:what>/", days.do, name="day-do"),
    path("days/seats/<uuid:seat>/", days.seat_answer, name="seat-answer"),
    path("bookings/<uuid:booking>/", bookings.page, name="booking"),
    path("bookings/<uuid:booking>/<slug:what>/", bookings.do, name="booking-do"),
]
