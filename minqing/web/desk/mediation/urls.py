"""Addresses of mediation: the list, starting one at a matter, one mediation with its steps, its papers."""

from django.urls import path

from minqing.web.desk.mediation import acts, pages, papers

urlpatterns = [
    path("mediations/", pages.listed, name="mediation-list"),
    path("mediations/start/<uuid:matter>/", acts.start, name="mediation-start"),
    path("mediations/start/<uuid:matter>/other/", acts.other, name="mediation-other"),
    path("mediations/<uuid:mediation>/", pages.one, name="mediation"),
    path("mediations/<uuid:mediation>/agreement.pdf", papers.agreement, name="mediation-agreement"),
    path("mediations/<uuid:mediation>/papers.pdf", papers.packet, name="mediation-papers"),
    path("mediations/<uuid:mediation>/do/<slug:verb>/", acts.act, name="mediation-do"),
    path("mediations/promises/<uuid:promise>/", acts.promise, name="mediation-promise"),
]
