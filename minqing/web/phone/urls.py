from django.urls import path

from minqing.web.phone import shell

urlpatterns = [
    path("phone/", shell.page, name="phone"),
    path("phone/manifest.webmanifest", shell.manifest, name="phone-manifest"),
    path("phone/worker.js", shell.worker, name="phone-worker"),
]
