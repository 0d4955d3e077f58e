"""Pages for what went wrong, in plain sentences: what is wrong and what to do."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def page(request: HttpRequest, status: int, title: str, sentence: str) -> HttpResponse:
    return render(request, "desk/error.html", {"status": status, "title": title, "sentence": sentence}, status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return page(request, 403, _("页面已过期"), _("这一页打开太久，提交没有被接受，内容没有保存。请返回上一页，刷新后再提交。"))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, 400, _("看不懂这个请求"), _("地址或提交的内容不完整。请从工作台重新打开。"))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, 403, _("不在您的职责范围"), _("您现在的任职不包含这项工作。如果工作确实需要，请联系上级管理员调整任职。"))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, 404, _("没有找到"), _("这里没有内容，或者不在您的工作范围内。"))


def server_error(request: HttpRequest) -> HttpResponse:
    return page(request, 500, _("系统出错了"), _("刚才的操作没有保存。请稍后再试；若仍不行，请把时间告诉系统管理员。"))
