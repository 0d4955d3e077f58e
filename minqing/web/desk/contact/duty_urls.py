"""Addresses of the calendar of contact, of duty, of days that come round."""

from django.urls import path

from minqing.web.desk.contact import calendar, duty, rhythm

urlpatterns = [
    path("contact-calendar/", calendar.here, name="contact-calendar"),
    path("contact-calendar/choose/", calendar.choose, name="contact-choose"),
    path("contact-calendar/addresses/", calendar.addresses, name="contact-addresses"),
    path("contact-calendar/addresses/make/", calendar.address_make, name="contact-address-make"),
    path("contact-calendar/addresses/end/", calendar.address_end, name="contact-address-end"),
    path("contact-calendar/<slug:code>/<int:year>/<int:month>/", calendar.month, name="contact-month"),
    path("contact-calendar/<slug:code>/<int:year>/<int:month>/sheet.pdf", calendar.sheet, name="contact-sheet"),
    path("duty/", duty.here, name="duty-list"),
    path("duty/days/<uuid:duty_day>/", duty.one_day, name="duty-day"),
    path("duty/days/<uuid:duty_day>/ask/", duty.ask, name="duty-ask"),
    path("duty/days/<uuid:duty_day>/log/", duty.write, name="duty-log"),
    path("duty/lines/<uuid:visitor>/void/", duty.void, name="duty-void"),
    path("duty/swaps/<uuid:duty_swap>/", duty.reply, name="duty-reply"),
    path("duty/absences/<uuid:absence>/end/", duty.back, name="duty-back"),
    path("duty/<slug:village>/", duty.village, name="duty"),
    path("duty/<slug:village>/arrangement/", duty.rota, name="duty-rota"),
    path("duty/<slug:village>/fill/", duty.fill, name="duty-fill"),
    path("duty/<slug:village>/set/", duty.set_day, name="duty-set"),
    path("duty/<slug:village>/away/", duty.away, name="duty-away"),
    path("rhythm/", rhythm.here, name="rhythm-list"),
    path("rhythm/<slug:code>/", rhythm.settings_page, name="rhythm"),
    path("rhythm/<slug:code>/markets/new/", rhythm.market, name="market-new"),
    path("rhythm/<slug:code>/markets/<uuid:market>/", rhythm.market, name="market"),
    path("rhythm/<slug:code>/markets/<uuid:market>/end/", rhythm.market_end, name="market-end"),
    path("rhythm/<slug:code>/<slug:kind>/", rhythm.change, name="rhythm-change"),
    path("rhythm/<slug:code>/<slug:kind>/forget/", rhythm.forget, name="rhythm-forget"),
]
