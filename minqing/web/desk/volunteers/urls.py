"""Addresses of volunteer teams. Invariant: each needs a log-in; whose team it is the database says."""

from django.urls import path

from minqing.web.desk.volunteers import board, helps, homes, introductions, shifts, teams

urlpatterns = [
    path("volunteers/", board.board, name="volunteers"),
    path("volunteers/teams/new/", teams.new, name="team-new"),
    path("volunteers/teams/<uuid:team>/", teams.page, name="team"),
    path("volunteers/teams/<uuid:team>/edit/", teams.edit, name="team-edit"),
    path("volunteers/teams/<uuid:team>/end/", teams.end, name="team-end"),
    path("volunteers/teams/<uuid:team>/join/", teams.join, name="team-join"),
    path("volunteers/teams/<uuid:team>/people/<uuid:volunteer>/", teams.volunteer_page, name="volunteer"),
    path("volunteers/teams/<uuid:team>/people/<uuid:volunteer>/leave/", teams.leave, name="volunteer-leave"),
    path("volunteers/teams/<uuid:team>/shifts/new/", shifts.plan, name="team-plan"),
    path("volunteers/teams/<uuid:team>/rota.pdf", shifts.rota_pdf, name="team-rota"),
    path("volunteers/shifts/<uuid:teamshift>/<slug:what>/", shifts.do, name="team-shift-do"),
    path("volunteers/swaps/<uuid:swap>/<slug:what>/", shifts.swap_do, name="team-swap-do"),
    path("volunteers/help/new/", helps.new, name="help-new"),
    path("volunteers/help/<uuid:help>/", helps.page, name="help-request"),
    path("volunteers/help/<uuid:help>/<slug:what>/", helps.do, name="help-do"),
    path("volunteers/teams/<uuid:team>/activities/new/", homes.activity_new, name="activity-new"),
    path("volunteers/activities/<uuid:activity>/", homes.activity, name="activity"),
    path("volunteers/teams/<uuid:team>/homes/new/", homes.new, name="pairing-new"),
    path("volunteers/homes/<uuid:pairing>/", homes.page, name="pairing"),
    path("volunteers/homes/<uuid:pairing>/medicines/", homes.medicines, name="pairing-medicines"),
    path("volunteers/homes/<uuid:pairing>/<slug:what>/", homes.do, name="pairing-do"),
    path("volunteers/care/<uuid:care>/<slug:what>/", homes.care_do, name="care-do"),
    path("volunteers/teams/<uuid:team>/introductions/", introductions.listed, name="introduction-list"),
    path("volunteers/introductions/<uuid:introduction>/<slug:what>/", introductions.do, name="introduction-do"),
]
