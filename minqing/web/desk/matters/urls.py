"""Addresses of the desk of matters: take down, lists, one matter and its acts, the day, figures, the catalogue."""

from django.urls import path

from minqing.web.desk.matters import acts, catalogue, day, intake, leading, lists, sheets

urlpatterns = [
    path("matters/", lists.matter_list, name="matter-list"),
    path("matters/new/", intake.new, name="matter-new"),
    path("matters/suggest/", intake.suggestion, name="matter-suggest"),
    path("matters/receipt/", intake.receipt, name="matter-receipt"),
    path("matters/receipt/slip.pdf", intake.slip, name="matter-slip"),
    path("matters/waiting/", leading.waiting, name="matter-waiting"),
    path("matters/board/", day.board_page, name="matter-board"),
    path("matters/figures/", leading.figures_page, name="matter-figures"),
    path("matters/figures.csv", leading.figures_csv, name="matter-figures-csv"),
    path("matters/files/<uuid:attachment>/", sheets.attachment, name="matter-attachment"),
    path("matters/<uuid:matter>/", sheets.matter_file, name="matter-file"),
    path("matters/<uuid:matter>/panel/", lists.panel, name="matter-panel"),
    path("matters/<uuid:matter>/print/", sheets.sheet_print, name="matter-print"),
    path("matters/<uuid:matter>/reveal/", sheets.reveal, name="matter-reveal"),
    path("matters/<uuid:matter>/plots/<uuid:plot>/off/", acts.plot_off, name="matter-plot-off"),
    path("matters/retaliation/", leading.retaliation_list, name="retaliation-list"),
    path("matters/<uuid:matter>/do/<slug:verb>/", acts.act, name="matter-act"),
    path("dispatch/", catalogue.rules, name="dispatch-list"),
    path("dispatch/new/", catalogue.new, name="dispatch-new"),
    path("dispatch/import/", catalogue.upload, name="dispatch-import"),
    path("dispatch/export.xlsx", catalogue.export, name="dispatch-export"),
    path("dispatch/<uuid:rule>/", catalogue.change, name="dispatch-rule"),
    path("dispatch/<uuid:rule>/end/", catalogue.end, name="dispatch-end"),
    path("limits/", catalogue.limits_page, name="limit-list"),
]
