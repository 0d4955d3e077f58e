"""Addresses of the window."""

from django.urls import path

from minqing.web.desk.window import people, queue, setting

urlpatterns = [
    path("window/", queue.home, name="window"),
    path("window/do/", queue.act, name="window-do"),
    path("window/screen/<str:town>/", queue.display, name="window-display"),
    path("window/day/", queue.day, name="window-day"),
    path("window/day/sheet.pdf", queue.day_print, name="window-day-print"),
    path("window/counters/", setting.counters, name="window-counters"),
    path("window/counters/new/", setting.counter_new, name="window-counter-new"),
    path("window/counters/<uuid:counter>/", setting.counter_change, name="window-counter"),
    path("window/counters/<uuid:counter>/end/", setting.counter_end, name="window-counter-end"),
    path("window/pads/", setting.pads_page, name="window-pads"),
    path("window/pads/<uuid:pad>/", setting.pad_page, name="window-pad"),
    path("window/numbers/<uuid:ticket>/", people.ticket_page, name="window-ticket"),
    path("window/numbers/<uuid:ticket>/matter/", people.matter, name="window-matter"),
    path("window/numbers/<uuid:ticket>/errand/", people.errand, name="window-errand"),
    path("window/numbers/<uuid:ticket>/change/", people.change, name="window-change"),
    path("window/changes/<uuid:change>/receipt.pdf", people.change_receipt, name="window-change-receipt"),
]
