"""Addresses of orders of other systems and of parcels of other counties."""

from django.urls import path

from minqing.web.desk.exchange import door, orders, parcels, partners

urlpatterns = [
    path("exchange/", orders.listed, name="exchange-list"),
    path("exchange/upload/", orders.upload, name="exchange-upload"),
    path("exchange/fetch/", orders.fetch, name="exchange-fetch"),
    path("exchange/files/<uuid:received>/", orders.one_file, name="exchange-file"),
    path("exchange/rows/", orders.rows, name="exchange-rows"),
    path("exchange/rows/<uuid:row>/", orders.row, name="exchange-row"),
    path("exchange/replies/", orders.replies, name="exchange-replies"),
    path("exchange/replies/hand/", orders.act, name="exchange-hand"),
    path("exchange/orders/<uuid:order>/again/", orders.again, name="exchange-again"),
    path("exchange/orders/<uuid:order>/back/", orders.came_back, name="exchange-back"),
    path("parcels/", parcels.listed, name="parcel-list"),
    path("parcels/in/", door.arrive, name="parcel-in"),
    path("parcels/take/", parcels.take, name="parcel-take"),
    path("parcels/collect/", parcels.collect, name="parcel-collect"),
    path("parcels/words/", parcels.hand_words, name="parcel-words"),
    path("parcels/words/<uuid:step>/", parcels.words, name="parcel-word"),
    path("parcels/partners/", partners.listed, name="partner-list"),
    path("parcels/partners/new/", partners.edit, name="partner-new"),
    path("parcels/partners/<uuid:partner>/", partners.one, name="partner"),
    path("parcels/partners/<uuid:partner>/edit/", partners.edit, name="partner-edit"),
    path("parcels/partners/<uuid:partner>/catalogue/", partners.upload, name="partner-catalogue"),
    path("parcels/partners/items/<uuid:item>/", partners.item, name="partner-item"),
    path("parcels/<uuid:parcel>/", parcels.one, name="parcel"),
    path("parcels/<uuid:parcel>/send/", parcels.send, name="parcel-send"),
    path("parcels/<uuid:parcel>/drop/", parcels.drop, name="parcel-drop"),
    path("parcels/<uuid:parcel>/tell/", parcels.tell, name="parcel-tell"),
    path("errands/<uuid:matter>/parcel/", parcels.new, name="parcel-new"),
]
