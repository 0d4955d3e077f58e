from django.urls import path

from minqing.web.desk.calendar import views

urlpatterns = [
    path("calendar/", views.here, name="calendar"),
    path("calendar/<slug:code>/<int:year>/", views.year_page, name="calendar-year"),
    path("calendar/<slug:code>/day/", views.day_page, name="calendar-day"),
    path("calendar/<slug:code>/import/", views.import_page, name="calendar-import"),
]
