"""Addresses under /phone/api/ (minqing/sync/README.md)."""

from django.urls import path

from minqing.web.phone import api

urlpatterns = [
    path("hello", api.hello, name="phone-api-hello"),
    path("devices", api.devices, name="phone-api-devices"),
    path("devices/<uuid:device>/close", api.close, name="phone-api-close"),
    path("pull", api.pull, name="phone-api-pull"),
    path("push", api.push, name="phone-api-push"),
    path("ops/<uuid:op>", api.operation, name="phone-api-op"),
    path("blobs", api.blobs, name="phone-api-blobs"),
    path("blobs/<uuid:blob>/<int:number>", api.part, name="phone-api-part"),
    path("word", api.word, name="phone-api-word"),
    path("sealed", api.sealed, name="phone-api-sealed"),
    path("sealed/files", api.sealed_file, name="phone-api-sealed-file"),
    path("sealed/files/<uuid:device>/<uuid:file>/<int:number>", api.sealed_part, name="phone-api-sealed-part"),
    path("sealed/open", api.boxes, name="phone-api-boxes"),
    path("sealed/<uuid:box>", api.box, name="phone-api-box"),
]
