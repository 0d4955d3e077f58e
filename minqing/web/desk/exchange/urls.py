"""Addresses of orders of other systems and of parcels of other counties."""

from django.urls import path

from minqing.web.desk.exchange import orders

urlpatterns = [
    path("exchange/", orders.listed, name="exchange-list"),
    path("exchange/upload/", orders.upload, name="exchange-upload"),
    path("exchange/fetch/", orders.fetch, name="exchange-fetch"),
    path("exchange/files/<uuid:received>/", orders.one_file, name="exchange-file"),
    path("exchange/rows/", orders.rows, name="exchange-rows"),
    path("exchange/rows/<uuid:row>/", orders.row, name="exchange-row"),
    path("exchange/replies/", orders.replies, name="exchange-replies"),
    path("exchange/orders/<uuid:order>/again/", orders.again, name="exchange-again"),
    path("exchange/orders/<uuid:order>/back/", orders.came_back, name="exchange-back"),
]
