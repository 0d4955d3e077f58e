"""Addresses of certificates at the desk. Invariant: each needs a log-in; the open page of a token is the portal's."""

from django.urls import path

from minqing.web.desk.certificates import pages, setting

urlpatterns = [
    path("certificates/", pages.listed, name="certificate-list"),
    path("certificates/items/", setting.listed, name="certificate-items"),
    path("certificates/items/<slug:code>/", setting.edit, name="certificate-item"),
    path("certificates/for/<uuid:person>/", pages.choose, name="certificate-choose"),
    path("certificates/for/<uuid:person>/<slug:code>/", pages.new, name="certificate-new"),
    path("certificates/<uuid:certificate>/", pages.one, name="certificate"),
    path("certificates/<uuid:certificate>/paper.pdf", pages.paper_pdf, name="certificate-pdf"),
    path("certificates/<uuid:certificate>/paper.docx", pages.paper_docx, name="certificate-docx"),
]
