from django.urls import path

from minqing.web.desk.hotline import acts, board, callbacks, cti, duty, knowledge, simulate

urlpatterns = [
    path("cti/<str:token>/", cti.cti, name="cti"),
    path("cti/<str:token>/now/", cti.who_answers, name="cti-now"),
    path("hotline/", board.hotline, name="hotline"),
    path("hotline/ring/", board.ring, name="hotline-ring"),
    path("hotline/typing/", board.typing, name="hotline-typing"),
    path("hotline/take/", acts.take, name="hotline-take"),
    path("hotline/done/", acts.done, name="hotline-done"),
    path("hotline/extension/", acts.extension, name="hotline-extension"),
    path("hotline/calls/", board.call_log, name="hotline-calls"),
    path("hotline/calls/<uuid:call>/", board.call_page, name="hotline-call"),
    path("hotline/calls/<uuid:call>/check/", acts.check, name="hotline-check"),
    path("hotline/calls/<uuid:call>/do/", acts.do, name="hotline-do"),
    path("hotline/calls/<uuid:call>/progress/", board.progress, name="hotline-progress"),
    path("hotline/calls/<uuid:call>/recording/", acts.recording, name="hotline-recording"),
    path("hotline/callbacks/", callbacks.waiting, name="hotline-callbacks"),
    path("hotline/callbacks/<uuid:matter>/", callbacks.call_back, name="hotline-callback"),
    path("hotline/duty/", duty.duty, name="hotline-duty"),
    path("hotline/duty/<uuid:shift>/", duty.change, name="hotline-shift"),
    path("hotline/lines/", duty.lines, name="hotline-lines"),
    path("hotline/answers/", knowledge.answers, name="hotline-answers"),
    path("hotline/answers/new/", knowledge.write, name="hotline-answer-new"),
    path("hotline/answers/<uuid:answer>/", knowledge.write, name="hotline-answer"),
    path("hotline/simulate/", simulate.simulate, name="hotline-simulate"),
]
