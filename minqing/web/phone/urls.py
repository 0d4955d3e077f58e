from django.urls import include, path

from minqing.web.phone import shell

urlpatterns = [
    path("phone/", shell.page, name="phone"),
    path("phone/manifest.webmanifest", shell.manifest, name="phone-manifest"),
    path("phone/worker.js", shell.worker, name="phone-worker"),
    path("phone/api/", include("minqing.web.phone.api_urls")),
]
