"""Every column of days with bookings: level, purpose, basis, retention (domain.md §4.9)."""

from __future__ import annotations

from minqing.access.rules.classification import KEY, Basis, Field, declare

_KEPT = "办完后 3 年"

FIELDS: dict[tuple[str, str], Field] = {
    **declare("ContactDay", "永久", Basis.NONE, {
        "id kind laid_for": (1, KEY), "area_code": (1, "哪里办：决定谁管这一天"), "day starts_at ends_at place subject": (1, "哪天几点在哪里办，告诉大家"), "slot_minutes capacity": (1, "每位约多久、同时约几位"), "led_by": (1, "谁主持"),
        "state why": (1, "办还是不办，为什么"), "made_by made_at changed_at revision announced_at ended_at": (2, "由谁何时安排、改过、告诉大家、办完"),
    }),
    **declare("DaySeat", "永久", Basis.NONE, {
        "id": (2, KEY), "area_code": (2, "哪里办：决定谁管这一天"), "day organisation staff": (2, "请了哪个单位、哪位同事到场"), "state words": (2, "来不来，怎么回话的"), "made_by made_at answered_by answered_at": (2, "谁何时请的、回的话"),
    }),
    **declare("Booking", _KEPT, Basis.DUTY, {
        "id": (2, KEY), "area_code": (2, "哪里办：决定谁可以看"), "day slot_at queue_no via": (3, "约在哪天几点、第几号、怎么约的"), "person_id household_id account": (3, "约的是谁、去哪一户"), "place_code": (3, "他在哪个村：登记成事情时用"),
        "contact_cipher": (3, "姓名、电话、门牌（密文）：叫号和告诉结果"), "about_cipher": (3, "来说什么（密文）：请对的单位到场"), "alone": (3, "不要打家里"), "state outcome": (3, "到哪一步、结果是哪一种"),
        "outcome_cipher": (3, "怎么说定、怎么答复的（密文）"), "matter_id": (3, "登记成了哪一件事"), "answer_by answered_at answered_by": (3, "哪天前答复、何时谁答复"), "tell": (2, "还要告诉本人什么"),
        "booked_by booked_at called_by ended_at": (2, "由谁何时登记、接待、有结果"),
    }),
    **declare("DayMatter", _KEPT, Basis.DUTY, {"id": (2, KEY), "area_code": (2, "哪里办：决定谁可以看"), "day matter_id": (3, "这件事是哪天摆摊时登记的"), "made_by": (2, "谁登记")}),
}
