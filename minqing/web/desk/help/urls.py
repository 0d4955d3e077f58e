from django.urls import path

from minqing.web.desk.help import views

urlpatterns = [path("help/<slug:route>/", views.page, name="help")]
