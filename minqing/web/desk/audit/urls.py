from django.urls import path

from minqing.web.desk.audit import views

urlpatterns = [
    path("audit/", views.audit_list, name="audit-list"),
    path("audit/<uuid:entry>/", views.audit_entry, name="audit-entry"),
]
