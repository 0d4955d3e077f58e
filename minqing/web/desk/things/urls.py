from django.urls import path

from minqing.web.desk.things import catalogue, errand_acts, errands, papers, policies

urlpatterns = [
    path("errands/", errands.errand_list, name="errand-list"),
    path("errands/new/", errands.new, name="errand-new"),
    path("errands/agents/", errands.agents, name="errand-agents"),
    path("errands/<uuid:matter>/", errands.errand_page, name="errand"),
    path("errands/<uuid:matter>/arrange/", errands.arrange, name="errand-arrange"),
    path("errands/<uuid:matter>/form/", papers.form_page, name="errand-form"),
    path("errands/<uuid:matter>/form.pdf", papers.form_pdf, name="errand-form-pdf"),
    path("errands/<uuid:matter>/form.docx", papers.form_docx, name="errand-form-docx"),
    path("errands/<uuid:matter>/receipt/<int:number>.pdf", papers.receipt_pdf, name="errand-receipt"),
    path("errands/<uuid:matter>/scan/<int:number>/", papers.scan, name="errand-scan"),
    path("errands/<uuid:matter>/do/<slug:what>/", errand_acts.do, name="errand-do"),
    path("errands/<uuid:matter>/paper/<int:number>/back/", errand_acts.give_back, name="errand-paper-back"),
    path("errands/<uuid:matter>/money/<int:number>/<slug:what>/", errand_acts.money_line, name="errand-money"),
    path("policies/", policies.policy_list, name="policy-list"),
    path("policies/figures/", policies.figures, name="policy-figures"),
    path("policies/rules/", policies.rules, name="policy-rules"),
    path("policies/rules/<slug:code>/", policies.rule, name="policy-rule"),
    path("policies/<uuid:offer>/<slug:what>/", policies.do, name="policy-do"),
    path("catalogue/", catalogue.items_page, name="catalogue"),
    path("catalogue/new/", catalogue.edit, name="catalogue-new"),
    path("catalogue/export.xlsx", catalogue.export, name="catalogue-export"),
    path("catalogue/import/", catalogue.import_page, name="catalogue-import"),
    path("catalogue/<slug:code>/", catalogue.item_page, name="catalogue-item"),
    path("catalogue/<slug:code>/edit/", catalogue.edit, name="catalogue-edit"),
]
