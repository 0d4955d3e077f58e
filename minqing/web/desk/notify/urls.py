from django.urls import path

from minqing.web.desk.notify import acts, lists, people, receipts

urlpatterns = [
    path("notices/", lists.notice_list, name="notice-list"),
    path("notices/calls/", lists.calls, name="notice-calls"),
    path("notices/calls/file/", acts.call_file, name="notice-call-file"),
    path("notices/letters/", lists.letters, name="notice-letters"),
    path("notices/letters/print/", acts.print_letters, name="notice-print"),
    path("notices/errands/", lists.errands, name="notice-errands"),
    path("notices/templates/", lists.texts, name="notice-templates"),
    path("notices/announce/", acts.announce, name="notice-announce"),
    path("notices/<uuid:message>/", lists.notice, name="notice"),
    path("notices/<uuid:message>/do/", acts.do, name="notice-do"),
    path("people/<uuid:person>/notices/", people.notices_of, name="notice-person"),
    path("people/<uuid:person>/notices/wish/", people.wish, name="notice-wish"),
    path("gateway/sms/receipts/", receipts.sms_receipt, name="sms-receipt"),
]
