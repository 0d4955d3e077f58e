from django.urls import path

from minqing.web.desk.subjects import boxes, views

urlpatterns = [
    path("subjects/", views.look, name="subject-look"),
    path("subjects/confirm/", views.confirm, name="subject-confirm"),
    path("subjects/letter/", views.letter, name="subject-letter"),
    path("subjects/consent/", views.consent, name="subject-consent"),
    path("subjects/consent/<uuid:consent>/withdraw/", views.withdraw, name="subject-withdraw"),
    path("feedback/", boxes.feedback_list, name="feedback-list"),
    path("feedback/<uuid:feedback>/", boxes.feedback, name="feedback"),
]
