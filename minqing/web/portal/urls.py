"""Addresses of the residents' portal: /my/ for people, /v/ for places."""

from django.urls import path

from minqing.web.portal import checking, files, helping, home, login, matters, public_pages

urlpatterns = [
    path("my/", home.home, name="portal-home"),
    path("my/login/", login.login, name="portal-login"),
    path("my/login/code/", login.code, name="portal-code"),
    path("my/login/letter/", login.letter, name="portal-letter"),
    path("my/login/sso/", login.sso_start, name="portal-sso"),
    path("my/login/sso/back/", login.sso_back, name="portal-sso-back"),
    path("my/login/sso/fake/", login.sso_fake, name="portal-sso-fake"),
    path("my/logout/", login.logout, name="portal-logout"),
    path("my/link/", login.link, name="portal-link"),
    path("my/file/", files.my_file, name="portal-file"),
    path("my/file/who/", files.who, name="portal-who"),
    path("my/file/sensitive/", files.sensitive, name="portal-sensitive"),
    path("my/file/copy/", files.copy, name="portal-copy"),
    path("my/file/<uuid:person>/correct/<slug:field>/", files.correct, name="portal-correct"),
    path("my/family/", files.family, name="portal-family"),
    path("my/family/relative/", files.relative, name="portal-relative"),
    path("my/family/share/", files.share, name="portal-share"),
    path("my/family/<uuid:consent>/withdraw/", files.withdraw, name="portal-withdraw"),
    path("my/family/<uuid:consent>/accept/", files.accept, name="portal-accept"),
    path("my/say/", matters.say, name="portal-say"),
    path("my/do/", matters.do, name="portal-do"),
    path("my/help/", helping.help_page, name="portal-help"),
    path("my/follow/", matters.follow, name="portal-follow"),
    path("my/matters/<uuid:matter>/", matters.matter, name="portal-matter"),
    path("my/matters/<uuid:matter>/rate/", matters.rate, name="portal-rate"),
    path("my/matters/<uuid:matter>/withdraw/", matters.withdraw, name="portal-take-back"),
    path("my/matters/<uuid:matter>/reopen/", matters.reopen, name="portal-reopen"),
    path("my/settings/", home.preferences, name="portal-settings"),
    path("my/notice/", home.notice, name="portal-notice"),
    path("my/feedback/", public_pages.feedback, name="portal-feedback"),
    path("my/feedback/answer/", public_pages.feedback_answer, name="portal-feedback-answer"),
    path("q/<slug:token>/", matters.card, name="portal-card"),
    path("c/<slug:token>/", checking.certificate, name="portal-certificate"),
    path("v/", public_pages.find, name="portal-find"),
    path("v/<slug:code>/", public_pages.village, name="portal-area"),
    path("v/<slug:code>/poster.pdf", public_pages.poster, name="portal-poster"),
]
