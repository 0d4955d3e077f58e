"""Addresses of gathering and of questions."""

from django.urls import path

from minqing.web.desk.gather import batches, columns, questions

urlpatterns = [
    path("gather/", batches.batch_list, name="gather-list"),
    path("gather/new/", batches.upload, name="gather-upload"),
    path("gather/columns/", columns.column_list, name="gather-columns"),
    path("gather/columns/forget/", columns.forget, name="gather-column-forget"),
    path("gather/<uuid:batch>/", batches.one, name="gather-batch"),
    path("gather/<uuid:batch>/progress/", batches.progress, name="gather-progress"),
    path("gather/<uuid:batch>/resume/", batches.resume, name="gather-resume"),
    path("gather/<uuid:batch>/undo/", batches.undo_batch, name="gather-undo"),
    path("gather/<uuid:batch>/report/", batches.download, name="gather-report"),
    path("questions/", questions.question_list, name="question-list"),
    path("questions/<uuid:question>/", questions.one, name="question"),
    path("questions/<uuid:question>/answer/", questions.answer, name="question-answer"),
    path("questions/<uuid:question>/take-back/", questions.take_back, name="question-take-back"),
    path("questions/<uuid:question>/reveal/", questions.reveal, name="question-reveal"),
]
