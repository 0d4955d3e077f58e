from django.urls import path

from minqing.web.desk.account import views

urlpatterns = [
    path("login/", views.login, name="login"),
    path("login/second/", views.second_factor, name="second-factor"),
    path("logout/", views.logout, name="logout"),
]
