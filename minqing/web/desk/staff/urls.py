from django.urls import path

from minqing.web.desk.staff import posts, views

urlpatterns = [
    path("staff/", views.staff_list, name="staff-list"),
    path("staff/new/", views.staff_new, name="staff-new"),
    path("staff/<uuid:staff>/", views.staff_page, name="staff"),
    path("staff/<uuid:staff>/appoint/", posts.appoint, name="staff-appoint"),
    path("staff/<uuid:staff>/phones/<uuid:device>/stop/", views.stop_phone, name="staff-phone-stop"),
    path("staff/<uuid:staff>/leave/", views.staff_leave, name="staff-leave"),
    path("staff/<uuid:staff>/return/", views.staff_return, name="staff-return"),
    path("staff/<uuid:staff>/restore/", views.staff_restore, name="staff-restore"),
    path("appointments/<uuid:appointment>/stand-in/", posts.stand_in, name="appointment-stand-in"),
    path("appointments/<uuid:appointment>/end/", posts.end, name="appointment-end"),
    path("roles/", views.roles, name="roles"),
]
