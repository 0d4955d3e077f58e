from django.urls import path

from minqing.web.desk.account import me, views

urlpatterns = [
    path("login/", views.login, name="login"),
    path("login/second/", views.second_factor, name="second-factor"),
    path("login/second/passkey/", views.second_passkey, name="second-passkey"),
    path("login/password/", views.first_password, name="first-password"),
    path("login/enrol/", views.enrol, name="enrol"),
    path("login/enrol/totp/", views.enrol_totp, name="enrol-totp"),
    path("login/enrol/codes/", views.enrol_codes, name="enrol-codes"),
    path("logout/", views.logout, name="logout"),
    path("me/sessions/", me.my_sessions, name="my-sessions"),
    path("me/sessions/<uuid:session>/end/", me.end_session, name="my-session-end"),
    path("me/phones/<uuid:device>/close/", me.close_phone, name="my-phone-close"),
    path("me/boxes/<uuid:box>/", me.confirm_box, name="my-box"),
    path("me/factors/", me.my_factors, name="my-factors"),
    path("me/factors/totp/", me.add_totp, name="factor-totp"),
    path("me/factors/passkey/", me.add_passkey, name="factor-passkey"),
    path("me/factors/codes/", me.add_codes, name="factor-codes"),
    path("me/factors/<uuid:factor>/remove/", me.remove_factor, name="factor-remove"),
    path("me/password/", me.my_password, name="my-password"),
]
