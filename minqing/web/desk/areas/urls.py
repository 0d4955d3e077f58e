from django.urls import path

from minqing.web.desk.areas import changes, views

urlpatterns = [
    path("areas/", views.area_list, name="area-list"),
    path("areas/<slug:code>/", views.area_page, name="area"),
    path("areas/<slug:code>/new/", changes.new_part, name="area-new"),
    path("areas/<slug:code>/open/", changes.open_part, name="area-open"),
    path("areas/<slug:code>/rename/", changes.rename, name="area-rename"),
    path("areas/<slug:code>/merge/", changes.merge, name="area-merge"),
    path("areas/<slug:code>/split/", changes.split, name="area-split"),
    path("areas/<slug:code>/close/", changes.close, name="area-close"),
    path("areas/<slug:code>/succeed/", changes.succeed, name="area-succeed"),
    path("areas/<slug:code>/split-village/", changes.split_village, name="area-split-village"),
    path("areas/<slug:code>/succeed-town/", changes.succeed_town, name="area-succeed-town"),
    path("areas/<slug:code>/aliases/", changes.add_alias, name="area-alias"),
    path("areas/<slug:code>/aliases/<int:alias>/drop/", changes.drop_alias, name="area-alias-drop"),
]
