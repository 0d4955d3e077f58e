"""The words of the audit and the sentences an auditor reads. Pure table; no names of residents ever reach it.

Invariant: every word that the program writes into `access_auditentry.what` stands here (a test compares), so that no entry
is unreadable; what counts as unusual is decided here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

READ, REVEAL, CHANGE, OUT, LOGIN, STAFF, AREA, GATHER, REFUSED, OTHER = "read", "reveal", "change", "out", "login", "staff", "area", "gather", "refused", "other"
GROUPS = {
    READ: "查看", REVEAL: "查看号码和敏感信息", CHANGE: "更改档案", OUT: "打印和导出", LOGIN: "登录", STAFF: "人员和岗位", AREA: "区域和网格", GATHER: "归集", REFUSED: "被拒绝", OTHER: "其他",
}


@dataclass(frozen=True)
class Word:
    """One kind of entry: `says` completes the sentence "谁……"; `opens` = a file was opened (off-duty matters)."""

    group: str
    says: str
    opens: bool = False


WORDS: dict[str, Word] = {
    # looking
    "household.open": Word(READ, "打开了户档", opens=True),
    "household.phone": Word(READ, "在手机上打开了户档", opens=True),
    "device.pull": Word(OUT, "把负责范围的户档领到了手机上", opens=True),
    "household.list": Word(READ, "看了户情名单", opens=True),
    "household.panel": Word(READ, "在旁边打开了户档", opens=True),
    "resident.open": Word(READ, "打开了个人档案", opens=True),
    "resident.tree": Word(READ, "看了家庭关系图", opens=True),
    "resident.history": Word(READ, "看了个人档案的变更", opens=True),
    "household.history": Word(READ, "看了户档的变更", opens=True),
    "search": Word(READ, "用了查找框", opens=True),
    "question.open": Word(READ, "打开了核对问题", opens=True),
    "question.list": Word(READ, "看了核对问题名单", opens=True),
    # numbers and level 4
    "person.reveal": Word(REVEAL, "查看了完整的证件号或电话", opens=True),
    "person.reveal_many": Word(REVEAL, "一天里查看完整号码的人数到了提醒线", opens=True),
    "person.sensitive": Word(REVEAL, "写明事由后查看了敏感信息", opens=True),
    "question.reveal": Word(REVEAL, "为核对问题查看了完整号码", opens=True),
    "find_or_refer": Word(REVEAL, "用证件号查了库里有没有这个人", opens=True),
    # changing
    "household.create": Word(CHANGE, "新建了户"),
    "household.change": Word(CHANGE, "更正了户档"),
    "household.words": Word(CHANGE, "更新了上门提示、困难或愿望"),
    "sync.conflict": Word(CHANGE, "手机上填的和现在的不同，留下两个值待选"),
    "household.address": Word(CHANGE, "更正了户的地址"),
    "household.split": Word(CHANGE, "分了户"),
    "household.merge": Word(CHANGE, "并了户"),
    "household.move": Word(CHANGE, "把户移到了别的网格"),
    "household.place": Word(CHANGE, "把户落到了网格"),
    "household.dissolve": Word(CHANGE, "销了户"),
    "household.head": Word(CHANGE, "换了户主"),
    "household.relation": Word(CHANGE, "更正了与户主关系"),
    "household.dwelling": Word(CHANGE, "更正了这户的住房"),
    "household.derive": Word(CHANGE, "重新算了户的概况"),
    "dwelling.create": Word(CHANGE, "登记了住房"),
    "dwelling.change": Word(CHANGE, "更正了住房"),
    "dwelling.start": Word(CHANGE, "登记了谁住在这里"),
    "dwelling.end": Word(CHANGE, "登记了谁不再住这里"),
    "plot.create": Word(CHANGE, "登记了一块地"), "plot.change": Word(CHANGE, "更正了一块地"), "plot.void": Word(CHANGE, "作废了一块地的记录"),
    "plot.open": Word(READ, "打开了一块地的记录", opens=True), "plot.list": Word(READ, "看了田地山林名单", opens=True),
    "kinship.add": Word(CHANGE, "登记了亲属关系"),
    "kinship.end": Word(CHANGE, "结束了亲属关系"),
    "kinship.void": Word(CHANGE, "作废了亲属关系"),
    "person.register": Word(CHANGE, "登记了一个人"),
    "person.change": Word(CHANGE, "更正了个人档案"),
    "person.verify": Word(CHANGE, "核实了个人档案的一项"),
    "person.birth": Word(CHANGE, "登记了出生"),
    "person.death": Word(CHANGE, "登记了死亡"),
    "person.marry": Word(CHANGE, "登记了结婚"),
    "person.divorce": Word(CHANGE, "登记了离婚"),
    "person.move_in": Word(CHANGE, "登记了迁入"),
    "person.move_out": Word(CHANGE, "登记了迁出"),
    "person.away": Word(CHANGE, "登记了外出或返回"),
    "person.emergency": Word(CHANGE, "更正了紧急联系人"),
    "person.sensitive_write": Word(CHANGE, "更正了敏感信息"),
    "visit.record": Word(CHANGE, "记了一次走访"), "visit.amend": Word(CHANGE, "更正了走访记录"), "visit.note": Word(CHANGE, "给走访添了补记"),
    "visit.list": Word(READ, "看了一户的走访记录", opens=True), "visit.due": Word(READ, "看了该走访的名单", opens=True), "visit.checkup": Word(REVEAL, "写明事由后看了老人情况", opens=True),
    "flood.plan": Word(CHANGE, "改了防汛转移预案"), "flood.place": Word(OTHER, "改了避灾点或危险区"), "flood.list": Word(READ, "看了防汛转移名单", opens=True), "flood.need": Word(READ, "看了转移时的需要", opens=True),
    "flood.start": Word(OTHER, "发起了一次转移"), "flood.widen": Word(OTHER, "给转移加上了危险区"), "flood.mark": Word(CHANGE, "记了一个人到了哪里"), "flood.assign": Word(OTHER, "改了转移中谁去接、到哪里"), "flood.close": Word(OTHER, "结束了一次转移"), "flood.print": Word(READ, "打印了转移名单", opens=True),
    "visit.news": Word(CHANGE, "记了一户有变故"), "visit.ask": Word(OTHER, "请人帮忙上门"), "visit.answer": Word(OTHER, "答复了帮忙上门"), "visit.waiting": Word(READ, "看了还等着走访的户", opens=True), "visit.intervals": Word(OTHER, "改了走访间隔"),
    "meeting.open": Word(READ, "看了一次会议的记录", opens=True), "meeting.plan": Word(OTHER, "安排了会议"), "meeting.step": Word(OTHER, "办了会议的一步"), "meeting.attend": Word(OTHER, "登记了谁到会"), "meeting.opinion": Word(OTHER, "记了会上的一条意见"),
    "meeting.count": Word(OTHER, "填了表决的票数"), "meeting.resolve": Word(OTHER, "登记了一项决议"), "meeting.minutes": Word(OTHER, "写了会议纪要"), "meeting.publish": Word(OUT, "公示了会议纪要"), "meeting.object": Word(OTHER, "对公示的纪要提了异议"),
    "meeting.paper": Word(OTHER, "添了会议材料"), "meeting.file": Word(READ, "打开了会议材料"), "meeting.print": Word(OUT, "打印了会议的纸"), "representative.set": Word(OTHER, "登记了村民代表"), "representative.list": Word(READ, "看了村民代表名单", opens=True),
    "rhythm.set": Word(OTHER, "定了集中日或沟通日"), "rhythm.forget": Word(OTHER, "集中日或沟通日改回照上级"), "market.keep": Word(OTHER, "登记或改了墟日"), "market.end": Word(OTHER, "停了墟日"),
    "duty.rota": Word(OTHER, "改了值班安排"), "duty.fill": Word(OTHER, "排了值班"), "duty.set": Word(OTHER, "手工定了一天谁值班"), "duty.away": Word(OTHER, "登记了谁哪几天不在"), "duty.back": Word(OTHER, "取消了不在的登记"),
    "duty.ask": Word(OTHER, "请人换班"), "duty.answer": Word(OTHER, "答复了换班"), "duty.log": Word(OTHER, "记了一条值班记录"), "duty.void": Word(OTHER, "作废了一条值班记录"), "duty.open": Word(READ, "看了值班记录", opens=True),
    "duty.print": Word(OUT, "打印了门上的月历"), "feed.make": Word(OTHER, "建了日历地址"), "feed.end": Word(OTHER, "收回了日历地址"), "feed.refuse": Word(REFUSED, "有人试了一个不存在的日历地址"),
    "door.give": Word(OTHER, "安排了连心服务员联系一户"), "door.check": Word(OTHER, "记了一次看望"), "door.list": Word(READ, "看了自己联系的户", opens=True),
    "proposal.close": Word(CHANGE, "办结了一条待办"),
    "paper.typed": Word(CHANGE, "录入了纸质表"),
    "undo": Word(CHANGE, "撤回了刚才的办理"),
    "crossing.place": Word(CHANGE, "让一个人在另一处可见"),
    "crossing.move_household": Word(CHANGE, "把户移过了边界"),
    "crossing.release_dead": Word(CHANGE, "亡故后结束了他在别处户内的成员关系"),
    "person.same": Word(CHANGE, "判定两份档案是同一人，合成一份"),
    "person.not_same": Word(CHANGE, "判定两份档案不是同一人，或不确定"),
    "person.part": Word(CHANGE, "撤回了“同一人”的判定，两份档案分开"),
    "person.compare": Word(READ, "并排看了两份档案", opens=True),
    "crossing.join": Word(CHANGE, "把两份档案的记录合到一份"),
    "crossing.part": Word(CHANGE, "把合到一份的记录分回两份"),
    "crossing.matter": Word(OTHER, "把一件事交到了别处"),
    "crossing.gather": Word(GATHER, "归集时让一个人在另一处可见"),
    "crossing.move_area": Word(AREA, "把一个区域的户档整体移走"),
    "certificate.draft": Word(OTHER, "起草了一份证明", opens=True), "certificate.issue": Word(OUT, "批准出具一份证明"), "certificate.refuse": Word(OTHER, "没有批一份证明"),
    "certificate.revoke": Word(OTHER, "撤销了一份证明"), "certificate.item": Word(OTHER, "改了证明事项"), "certificate.open": Word(READ, "打开了一份证明", opens=True),
    "certificate.list": Word(READ, "看了证明名单", opens=True), "certificate.print": Word(OUT, "打印或下载了一份证明", opens=True), "certificate.check": Word(READ, "扫码核对一份证明"),
    # matters: looking, and each step of the way
    "staff.link": Word(STAFF, "把一位同事与他的人档对上，以便回避"),
    "matter.open": Word(READ, "打开了一件事", opens=True),
    "matter.reveal": Word(REVEAL, "写明事由后看了反映人的姓名、电话", opens=True),
    "matter.file": Word(OUT, "打开了事情的照片或材料", opens=True),
    "matter.print": Word(OUT, "打印了事情单", opens=True),
    "matter.list": Word(READ, "看了事情名单", opens=True),
    "matter.figures": Word(OUT, "下载了事情的汇总数"),
    "catalogue.set": Word(OTHER, "改了派单目录"),
    "catalogue.end": Word(OTHER, "停用了一条派单规则"),
    "catalogue.import": Word(OTHER, "导入了派单目录"),
    "limit.set": Word(OTHER, "改了办理时限"),
    "matter.submit": Word(OTHER, "登记了一件事"),
    "matter.accept": Word(OTHER, "受理了一件事"),
    "matter.reject": Word(OTHER, "不予受理一件事"),
    "matter.transfer": Word(OTHER, "转交了一件事"),
    "matter.hand_over": Word(OTHER, "把一件事移交别处受理"),
    "matter.answer": Word(OTHER, "当场答复了一件事"),
    "matter.dispatch": Word(OTHER, "派了一件事"),
    "matter.sign": Word(OTHER, "签收了一件事"),
    "matter.ask_return": Word(OTHER, "申请退单"),
    "matter.grant_return": Word(OTHER, "同意退单"),
    "matter.refuse_return": Word(OTHER, "不同意退单"),
    "matter.ask_extend": Word(OTHER, "申请延期"),
    "matter.grant_extend": Word(OTHER, "批准延期"),
    "matter.refuse_extend": Word(OTHER, "不批准延期"),
    "matter.ask_suspend": Word(OTHER, "申请挂起"),
    "matter.grant_suspend": Word(OTHER, "批准挂起"),
    "matter.refuse_suspend": Word(OTHER, "不批准挂起"),
    "matter.resume": Word(OTHER, "恢复办理一件事"),
    "matter.reply": Word(OTHER, "答复了一件事"),
    "matter.close": Word(OTHER, "办结了一件事"),
    "matter.redo": Word(OTHER, "要求重办一件事"),
    "matter.ask_explain": Word(OTHER, "申请解释办结"),
    "matter.grant_explain": Word(OTHER, "同意解释办结"),
    "matter.refuse_explain": Word(OTHER, "退回重办"),
    "matter.merge": Word(OTHER, "并了单"),
    "matter.withdraw": Word(OTHER, "按本人意思撤回一件事"),
    "matter.reopen": Word(OTHER, "重新打开一件事"),
    "matter.archive": Word(OTHER, "归档了一件事"),
    "matter.contact": Word(OTHER, "联系了反映人"),
    "matter.mediation.start": Word(OTHER, "开始调解"), "matter.mediation.consent": Word(OTHER, "记下一方是否同意调解"), "matter.mediation.session": Word(OTHER, "记了一次调解会"),
    "matter.mediation.agree": Word(OTHER, "记下调解协议"), "matter.mediation.sign": Word(OTHER, "登记协议已签字"), "matter.mediation.perform": Word(OTHER, "登记协议履行情况"),
    "matter.mediation.kept": Word(OTHER, "协议全部履行"), "matter.mediation.failed": Word(OTHER, "调解未成"), "matter.mediation.handed": Word(OTHER, "移交司法所"), "matter.handed_to_justice": Word(OTHER, "移交司法所"),
    "matter.party": Word(OTHER, "补登了纠纷的对方"), "matter.plot": Word(OTHER, "把一件事与一块地关联"), "matter.retaliation_answer": Word(OTHER, "问了反映人是否受到报复"),
    "mediation.print": Word(OUT, "打印了调解协议或材料", opens=True),
    "matter.promise_due": Word(OTHER, "提醒履行协议"), "matter.recompute": Word(OTHER, "按新日历重算期限"),
    "exchange.receive": Word(OTHER, "收取了外部工单"), "exchange.reply": Word(OUT, "把答复交给了外部系统"), "matter.pressed": Word(OTHER, "外部系统催办或补充"),
    "exchange.list": Word(READ, "看了外部工单的名单"), "exchange.row": Word(READ, "看了一行读不懂的工单", opens=True), "exchange.drop": Word(OTHER, "不收一行外部工单"), "exchange.file": Word(OUT, "下载了给外部系统的答复"),
    "parcel.list": Word(READ, "看了异地通办的名单"), "parcel.open": Word(READ, "打开了一个异地通办的包裹", opens=True), "parcel.pack": Word(OUT, "经本人同意，备好寄给外县的包裹", opens=True),
    "parcel.send": Word(OUT, "把包裹送给了外县"), "parcel.file": Word(OUT, "下载了寄给外县的包裹"), "parcel.take": Word(OTHER, "收下了外县的包裹"), "parcel.refuse": Word(REFUSED, "没有收一个外县的包裹"), "parcel.arrive": Word(OTHER, "（外县）送来一个包裹"),
    "parcel.news": Word(OTHER, "记下外县说办到哪一步"), "parcel.tell": Word(OUT, "告诉外县办到哪一步"), "parcel.drop": Word(OTHER, "不再等外县办理"), "parcel.partner": Word(OTHER, "改了通办的对方县"), "parcel.catalogue": Word(OTHER, "收了对方县的事项目录，或改了对照"),
    "exchange.again": Word(OTHER, "让一张工单的答复再交一次"), "exchange.came_back": Word(OTHER, "登记外部系统退回了答复"),
    "matter.callback": Word(OTHER, "回访了反映人"),
    "matter.joint_report": Word(OTHER, "协办单位回报"),
    "matter.assign": Word(OTHER, "改派了承办人"),
    "matter.joined": Word(OTHER, "有一件事并入"),
    "matter.split": Word(OTHER, "拆出一件事"),
    "matter.restrict": Word(OTHER, "把一件事转给纪检专员"),
    "matter.urge": Word(OTHER, "催办了一件事"),
    "matter.alike": Word(OTHER, "认为与另一件是同一件"),
    "matter.attach": Word(OTHER, "给一件事添了附件"), "matter.decided": Word(OTHER, "把会议决定记到一件事上"),
    "matter.errand.ask": Word(OTHER, "请人代办一件事"), "matter.errand.accept": Word(OTHER, "接了一件代办"), "matter.errand.refuse": Word(OTHER, "没有接一件代办"), "matter.errand.recall": Word(OTHER, "收回代办，另请人"),
    "matter.errand.form": Word(OTHER, "把代办的表格念给本人听过"), "matter.errand.paper": Word(OTHER, "收到一份代办材料"), "matter.errand.collected": Word(OTHER, "记下代办材料齐了"), "matter.errand.submitted": Word(OTHER, "把代办的事交到窗口"),
    "matter.errand.fetched": Word(OTHER, "取回代办的结果"), "matter.errand.delivered": Word(OTHER, "把代办的结果送到"), "matter.errand.returned": Word(OTHER, "退还一份代办材料"), "matter.errand.money": Word(OTHER, "记了一笔代办收付"),
    "matter.errand.signed": Word(OTHER, "给代办收付第二人签字"), "matter.errand.again": Word(OTHER, "重新代办一件事"),
    "matter.parcel.packed": Word(OTHER, "备好寄外县的包裹"), "matter.parcel.sent": Word(OTHER, "把一件事交给外县"), "matter.parcel.received": Word(OTHER, "记下外县收到"), "matter.parcel.accepted": Word(OTHER, "记下外县受理"),
    "matter.parcel.refused": Word(OTHER, "记下外县退回"), "matter.parcel.done": Word(OTHER, "记下外县办好"), "matter.parcel.dropped": Word(OTHER, "不再等外县办理"), "matter.mediation.passed": Word(OTHER, "换了调解员"),
    "matter.remind": Word(OTHER, "到时提醒"),
    "matter.late": Word(OTHER, "超过时限上报"),
    "matter.unacknowledged": Word(OTHER, "紧急件无人受理，上报"),
    "matter.ask_retaliation": Word(OTHER, "提醒问是否受到报复"),
    # paper and files that leave
    "print": Word(OUT, "打印了档案", opens=True),
    "export": Word(OUT, "导出了数据", opens=True),
    "paper.print": Word(OUT, "打印了空白表或预填表", opens=True),
    "gather.report": Word(OUT, "下载了归集报告"),
    # gathering
    "gather.receive": Word(GATHER, "上传了部门文件"),
    "gather.start": Word(GATHER, "开始归集"),
    "gather.done": Word(GATHER, "完成了一批归集"),
    "gather.undo": Word(GATHER, "撤销了一批归集"),
    "gather.column_taught": Word(GATHER, "教了一个列名"),
    "gather.column_forgotten": Word(GATHER, "删除了一个列名"),
    "question.answer": Word(GATHER, "回答了核对问题"),
    "question.undo": Word(GATHER, "撤回了对核对问题的回答"),
    # log-ins
    "login": Word(LOGIN, "登录了"),
    "logout": Word(LOGIN, "退出了"),
    "device.register": Word(LOGIN, "登记了一台手机"),
    "device.close": Word(LOGIN, "停用或报失了一台手机"),
    "device.box": Word(LOGIN, "确认或放弃了一份没有登录时送来的手机操作"),
    "login_failed": Word(LOGIN, "登录失败：登录名或口令不对"),
    "login_locked": Word(LOGIN, "在锁定期间试图登录"),
    "second_factor_failed": Word(LOGIN, "没有通过第二因素或再次输口令"),
    "password_changed": Word(LOGIN, "更改了口令"),
    "factor_added": Word(LOGIN, "添加了第二因素"),
    "factor_removed": Word(LOGIN, "删除了第二因素"),
    "access_restored": Word(LOGIN, "的登录被当面恢复"),
    "account_created": Word(LOGIN, "有了登录账号"),
    "account_disabled": Word(LOGIN, "的账号被停用"),
    "session.end": Word(LOGIN, "让自己的一处登录退出"),
    # staff
    "staff.create": Word(STAFF, "登记了一位新同事"),
    "staff.appoint": Word(STAFF, "任命了一位同事"),
    "staff.end": Word(STAFF, "结束了一项任职"),
    "retention.erase": Word(OTHER, "到期的内容清理了一批"),
    "staff.pass": Word(STAFF, "任职结束，把一件没办完的事交出去"),
    "staff.leave": Word(STAFF, "办了一位同事的离任"),
    "staff.rejoin": Word(STAFF, "恢复了一位同事的人事"),
    "staff.restore": Word(STAFF, "当面恢复了一位同事的登录"),
    "organisation.create": Word(STAFF, "登记了一个单位"),
    "roles.read": Word(STAFF, "看了角色与权限"),
    # areas
    "area.create": Word(AREA, "新建了区域或网格"),
    "area.rename": Word(AREA, "给区域改了名"),
    "area.alias": Word(AREA, "更正了区域的别名"),
    "area.merge": Word(AREA, "合并了网格"),
    "area.split": Word(AREA, "拆分了网格"),
    "area.close": Word(AREA, "停用了网格"),
    "area.carry": Word(AREA, "把值班、集中日和墟日接到新的村"),
    "area.succeed": Word(AREA, "办了村或乡镇的撤并、拆分、变更代码"),
    # residents: their accounts, consents and own file
    "resident.code": Word(LOGIN, "发出了居民登录验证码"),
    "resident.login": Word(LOGIN, "（居民）登录了"),
    "resident.login_failed": Word(LOGIN, "（居民）登录失败：验证码不对"),
    "resident.logout": Word(LOGIN, "（居民）退出了"),
    "subject.link": Word(LOGIN, "（居民）用手机号和证件号核对了自己"),
    "subject.look": Word(REVEAL, "为开通居民账号用证件号查了人", opens=True),
    "subject.confirm": Word(STAFF, "当面核对身份证，开通了居民账号"),
    "subject.letter": Word(STAFF, "打印了居民登录信"),
    "consent.give": Word(CHANGE, "登记了家人代办或本户共享的同意"),
    "consent.accept": Word(CHANGE, "（家人）接受了代办"),
    "consent.withdraw": Word(CHANGE, "收回了家人代办或本户共享的同意"),
    # doing things for people
    "catalogue.item": Word(OTHER, "更改了事项目录"),
    "catalogue.rule": Word(OTHER, "更改了政策找人的规则"),
    "crossing.errand_fields": Word(REVEAL, "为一件代办取用了档案里的几项", opens=True),
    "errand.paper": Word(REVEAL, "写明事由后看了代办材料的扫描件", opens=True),
    "errand.print": Word(OUT, "打印了代办的表格或收据", opens=True),
    "offer.list": Word(READ, "看了政策该找的人", opens=True),
    "offer.tell": Word(CHANGE, "把一项政策告诉了本人"),
    "offer.open": Word(CHANGE, "由政策找人开了一件代办"),
    "offer.decline": Word(CHANGE, "记下了本人不需要一项政策"),
    "offer.wrong": Word(CHANGE, "记下了政策找错了人，要求核实"),
    "policies.evening": Word(OTHER, "（到时自动）排出了政策该找的人"),
    "file.open": Word(READ, "（本人或家人）看了自己的档案"),
    "file.sensitive": Word(READ, "（本人或家人）看了自己的健康、残疾、救助信息"),
    "file.copy": Word(OUT, "（本人或家人）取走了自己的档案副本"),
    "file.correct": Word(CHANGE, "（本人或家人）要求更正"),
    "file.propose": Word(CHANGE, "（本人或家人）提出了更正"),
    "feedback.leave": Word(OTHER, "提出了投诉或建议"),
    "feedback.ask": Word(OTHER, "查询了投诉建议的答复"),
    "matter.say": Word(OTHER, "（居民）说了一件事"),
    "matter.rate": Word(OTHER, "（居民）凭回执评价"),
    "matter.follow": Word(OTHER, "（居民）凭回执查了进度"),
    "feedback.read": Word(OTHER, "看了投诉建议"),
    "feedback.answer": Word(OTHER, "答复了投诉建议"),
    # the window
    "window.look": Word(REVEAL, "在窗口核对并打开了面前的人的基本情况", opens=True),
    "window.none": Word(REVEAL, "在窗口查人，没有查到或不能看"),
    "window.refused": Word(REFUSED, "面前没有号，却想在窗口看人"),
    "window.change": Word(CHANGE, "在窗口收下了一份变更"),
    "window.counter": Word(OTHER, "设置了窗口"),
    "window.close": Word(OTHER, "做了窗口日结"),
    "window.print": Word(OUT, "打印了窗口的回执或日结单"),
    "card.print": Word(OUT, "打印了扫码说事卡"), "card.revoke": Word(OTHER, "停用了一张扫码说事卡"),
    "pad.print": Word(OUT, "印了一本应急回执"),
    "pad.void": Word(OTHER, "作废了一张应急回执"),
    # days with bookings
    "day.lay": Word(OTHER, "按规则排了往后的集中办公日和摆摊日"), "day.make": Word(OTHER, "安排了一天办理日"), "day.change": Word(OTHER, "改了一天办理日"), "day.announce": Word(OTHER, "把办理日告诉大家"), "day.cancel": Word(OTHER, "取消了一天办理日"),
    "day.held": Word(OTHER, "记下一天办理日办完了"), "day.seat": Word(OTHER, "请了单位或同事到场"), "day.seat_answer": Word(OTHER, "答复了到场的邀请"), "day.open": Word(READ, "看了一天办理日的预约", opens=True), "day.print": Word(OUT, "打印了夜访的路线单", opens=True),
    "booking.make": Word(OTHER, "登记了一个预约"), "booking.off": Word(OTHER, "取消了一个预约"), "booking.turn": Word(OTHER, "叫了一个预约的号"), "booking.settle": Word(CHANGE, "记下了一个预约的结果"), "booking.open": Word(READ, "看了一个预约", opens=True),
    # volunteer teams
    "analysis.open": Word(READ, "看了村情民情分析"), "analysis.texts": Word(READ, "起草村情分析时数了一个月的原话", opens=True), "analysis.draft": Word(OTHER, "起草了村情民情分析"), "analysis.edit": Word(OTHER, "改写了村情分析的一句"),
    "analysis.decide": Word(OTHER, "写下了分析后的决定或它的下文"), "analysis.sign": Word(OTHER, "签发了村情民情分析"), "analysis.print": Word(OUT, "打印或下载了村情民情分析"),
    "handover.open": Word(READ, "看了一个网格的交接册", opens=True), "handover.print": Word(OUT, "打印了一个网格的交接册", opens=True), "handover.begin": Word(STAFF, "开始了网格交接"), "handover.yes": Word(STAFF, "交接时点了一样"), "handover.sign": Word(STAFF, "在网格交接上签了字"), "handover.drop": Word(STAFF, "作罢了一次网格交接"),
    "mentoring.make": Word(STAFF, "结了一对师徒"), "mentoring.agree": Word(STAFF, "答应了带教"), "mentoring.end": Word(STAFF, "结束了带教"),
    "course.make": Word(OTHER, "建了或改了一门课"), "course.session": Word(OTHER, "安排了一次课"), "course.cancel": Word(OTHER, "取消了一次课"), "course.invite": Word(STAFF, "请人听课"), "course.came": Word(STAFF, "记下了谁来听课"), "course.file": Word(READ, "打开了教材附件"),
    "team.make": Word(OTHER, "建了一支志愿队"), "team.change": Word(OTHER, "改了志愿队"), "team.end": Word(OTHER, "解散了志愿队"), "team.open": Word(READ, "看了一支志愿队", opens=True), "team.list": Word(READ, "看了志愿服务", opens=True),
    "team.join": Word(OTHER, "登记了一位志愿者"), "team.leave": Word(OTHER, "记下了一位志愿者退队"), "team.shift": Word(OTHER, "排了志愿班次"), "team.cancel": Word(OTHER, "取消了一个志愿班次"),
    "team.swap_ask": Word(OTHER, "记下了换班的请求"), "team.swap": Word(OTHER, "两人同意，换了志愿班次"), "team.swap_refuse": Word(OTHER, "记下了不换班"), "team.print": Word(OUT, "打印了志愿队值班表", opens=True),
    "volunteer.open": Word(READ, "看了一位志愿者", opens=True),
    "help.ask": Word(OTHER, "登记了请志愿者帮忙"), "help.give": Word(OTHER, "把请志愿者帮忙的事交给一支队"), "help.accept": Word(OTHER, "替志愿队答应了一件事"), "help.refuse": Word(OTHER, "替志愿队退回了一件事"),
    "help.done": Word(OTHER, "记下志愿者做完了一件事"), "help.withdraw": Word(OTHER, "记下不用志愿者帮忙了"), "help.open": Word(READ, "看了请志愿者帮忙的一件事", opens=True),
    "pairing.make": Word(OTHER, "登记了一户结对"), "pairing.end": Word(OTHER, "结束了一户结对"), "pairing.open": Word(READ, "看了一户结对", opens=True), "care.plan": Word(OTHER, "约了结对的一件事"), "care.held": Word(OTHER, "记下做了结对的一件事"),
    "medicine.write": Word(CHANGE, "记了一次药品核对"), "medicine.read": Word(REVEAL, "写明事由后看了药品核对", opens=True), "medicine.due": Word(OTHER, "（到时自动）提醒了该再核对的药品"),
    "activity.plan": Word(OTHER, "安排了一次志愿活动"), "activity.held": Word(OTHER, "记下办了一次志愿活动"), "activity.cancel": Word(OTHER, "取消了一次志愿活动"), "activity.open": Word(READ, "看了一次志愿活动", opens=True),
    "introduction.open": Word(OTHER, "登记了一次介绍工作"), "introduction.consent": Word(OTHER, "记下了一个人同意介绍"), "introduction.make": Word(OTHER, "介绍了两个人"), "introduction.list": Word(READ, "看了介绍工作的名单", opens=True),
    "introduction.withdraw": Word(OTHER, "收回同意，抹去了一次介绍"), "introduction.erase": Word(OTHER, "（到时自动）抹去了到期的介绍"),
    # what people are told
    # the telephone
    "call.shown": Word(READ, "来电时看到了来电人的姓名和门牌", opens=True),
    "call.checked": Word(READ, "核对了来电人，看了他的事", opens=True),
    "call.wrong": Word(READ, "核对来电人没有对上"),
    "call.progress": Word(READ, "按来电查了一件事的进度", opens=True),
    "call.list": Word(READ, "看了通话记录"),
    "call.number": Word(REVEAL, "为回电查看了完整的电话号码", opens=True),
    "call.listen": Word(REVEAL, "听了电话录音", opens=True),
    "call.transfer": Word(OTHER, "记下了电话转到哪里"),
    "call.settle": Word(OTHER, "记下了回电的结果"),
    "callback.list": Word(READ, "看了等回访的名单", opens=True),
    "line.open": Word(OTHER, "接了一条热线线路，换了令牌"),
    "line.close": Word(OTHER, "停用了一条热线线路"),
    "shift.plan": Word(OTHER, "排了热线值班"),
    "shift.cancel": Word(OTHER, "取消了一班"),
    "shift.ask": Word(OTHER, "请人代班或收回"),
    "shift.swap": Word(OTHER, "换了班"),
    "knowledge.write": Word(OTHER, "写了一条知识口径"),
    "knowledge.retire": Word(OTHER, "停用了一条知识口径"),
    "notice.tell": Word(OTHER, "写下了一条通知"),
    "notice.send": Word(OTHER, "（发送任务）办了一条通知"),
    "notice.delivered": Word(OTHER, "登记了一条通知已告知"),
    "notice.failed": Word(OTHER, "登记了一条通知没有告知到"),
    "notice.cancel": Word(OTHER, "取消了一条通知"),
    "notice.assign": Word(OTHER, "请人当面去告知"),
    "notice.print": Word(OUT, "打印了信或张贴的通知"),
    "notice.calls": Word(OUT, "取走了打电话的名单"),
    "notice.call": Word(REVEAL, "为告知查看了电话号码", opens=True),
    "notice.list": Word(READ, "看了通知名单"),
    "notice.open": Word(READ, "看了一条通知的内容"),
    "notice.mark": Word(CHANGE, "登记了一个人对通知的意愿"),
    "notice.unmark": Word(CHANGE, "取消了一个人对通知的意愿"),
    # the working calendar
    "calendar.set": Word(OTHER, "改了工作日历的一天"),
    "calendar.remove": Word(OTHER, "恢复了工作日历的一天"),
    "calendar.import": Word(OTHER, "导入了全年的工作日历"),
    # refusals, the audit itself
    "refused": Word(REFUSED, "想打开不在职责内的内容，被拒绝"),
    "audit.read": Word(OTHER, "查了审计日志"),
    "audit.entry": Word(OTHER, "看了一条审计记录"),
    "audit.verify": Word(OTHER, "核对了审计封印"),
}

OPENINGS = tuple(sorted(word for word, rule in WORDS.items() if rule.opens))
REVEALS = tuple(sorted(word for word, rule in WORDS.items() if rule.group == REVEAL))
FAILURES = ("login_failed", "login_locked", "second_factor_failed")

#: What is shown first: key → (title, why an auditor looks at it).
UNUSUAL = {
    "off_duty": ("非办公时间打开档案", "办公时间以外打开的户档、个人档案和名单。"),
    "many": ("一天查看号码过多", "同一个人一天查看了超过上限的人的完整号码。"),
    "refused": ("被拒绝的尝试", "想打开不在自己职责内的内容。偶尔一次多半是点错，反复就要问一问。"),
    "find_or_refer": ("用证件号查人", "办理跨区的人时，用证件号查过库里有没有这个人。"),
    "failed": ("登录失败和锁定", "输错口令或第二因素，可能是有人在试。"),
}


def says(what: str) -> str:
    """The predicate of the sentence; an unknown word is shown as it is, never hidden."""
    return WORDS[what].says if what in WORDS else what


def words_of(group: str) -> tuple[str, ...]:
    return tuple(sorted(word for word, rule in WORDS.items() if rule.group == group))


PURPOSES = {
    "login": "登录", "visit": "走访", "matter": "办事", "errand": "办事", "list": "名单", "search": "查找", "batch": "归集批次", "gather": "归集", "question": "核对问题",
    "print": "打印", "export": "导出", "demo": "演示数据", "test": "测试", "practice": "练习", "areas": "区域调整", "household": "户档", "resident": "个人档案", "work": "工作台",
}
#: Routes of pages by which one comes; the rest of the name decides where the first half is not listed.
PAGES = {
    "home": "工作台", "today": "今天我做了什么", "household-list": "户情单", "household-file": "户档", "household-panel": "户情详情", "household-print": "打印页", "household-new": "新建户",
    "resident-file": "个人档案", "resident-tree": "家庭关系图", "search": "查找", "paper": "空白表与录入", "gather-list": "归集文件", "gather-upload": "上传", "gather-batch": "归集批次",
    "gather-columns": "列名对照", "question-list": "核对问题", "question": "核对问题", "area-list": "区域与网格", "area": "区域", "staff-list": "人员与岗位", "staff": "同事",
    "audit-list": "审计日志", "audit-entry": "审计记录", "login": "登录", "roles": "角色与权限", "calendar": "工作日历", "my-sessions": "我的登录", "undo": "今天我做了什么", "reveal": "查看完整号码", "help": "说明", "preferences": "设置", "set_language": "设置",
}
AREAS_OF_PAGES = (("household-", "户档"), ("resident-", "个人档案"), ("gather-", "归集"), ("question-", "核对问题"), ("staff-", "人员与岗位"), ("appointment-", "人员与岗位"),
                  ("area-", "区域与网格"), ("audit-", "审计日志"), ("paper-", "空白表与录入"), ("portal-", "居民门户"), ("subject-", "居民账号"), ("feedback", "投诉建议"), ("calendar-", "工作日历"), ("my-", "我的账号"), ("factor-", "我的账号"), ("dwelling", "住房"), ("notice", "通知"), ("matter-", "事情"), ("dispatch-", "派单目录"), ("limit-", "办理时限"), ("mediation", "调解"), ("plot", "田地山林"), ("hotline", "热线"), ("exchange", "12345 和四平台"), ("parcel", "异地通办"),
                  ("activity", "志愿服务"), ("analysis", "村情分析"), ("booking", "集中办公和预约"), ("card-", "扫码说事卡"), ("care-", "志愿服务"), ("catalogue", "事项目录"), ("certificate", "证明"), ("contact-", "沟通日历"),
                  ("course", "带教和培训"), ("cti", "热线"), ("day", "集中办公和预约"), ("decision-", "村情分析"), ("door-", "走访"), ("duty", "值班"), ("enrol", "登录"), ("errand", "代办"), ("first-password", "登录"),
                  ("flood", "防汛转移"), ("handover", "网格交接"), ("help-", "志愿服务"), ("ical", "沟通日历"), ("introduction-", "志愿服务"), ("logout", "登录"), ("market", "沟通日历"), ("meeting", "会议和沟通日"),
                  ("member-", "户档"), ("occupant-", "住房"), ("pairing", "志愿服务"), ("pair-", "带教和培训"), ("partner", "异地通办"), ("people-", "户情单"), ("phone", "手机走访"), ("policy-", "政策找人"), ("proposal-", "户档"),
                  ("representative-", "会议和沟通日"), ("resolution-", "会议和沟通日"), ("retaliation-", "报复回访"), ("rhythm", "沟通日历"), ("seat-", "集中办公和预约"), ("second-", "登录"), ("sensitive", "健康、残疾、救助"),
                  ("sms-", "通知"), ("team", "志愿服务"), ("training", "带教和培训"), ("visit-", "走访"), ("volunteer", "志愿服务"), ("window", "窗口"))


def page_name(route: str) -> str:
    if route in PAGES:
        return _(PAGES[route])
    return next((_(label) for start, label in AREAS_OF_PAGES if route.startswith(start)), route)


def purpose(text: str) -> str:
    """"from:household-list" → "从“户情单”来"; "direct:…" → "直接打开"; "batch:…" → "归集批次"."""
    kind, _colon, rest = text.partition(":")
    if kind == "from":
        return _("从“%s”来") % page_name(rest)
    if kind == "public":
        return _("未登录打开“%s”") % page_name(rest)
    if kind == "direct":
        return _("直接打开“%s”") % page_name(rest)
    word = PURPOSES.get(kind, PURPOSES.get(kind.partition(".")[0], ""))
    return _(word) if word else text


JOBS = {"job": "后台任务", "gather": "归集任务", "test": "测试", "init": "安装"}


def origin(text: str) -> str:
    """"desk 10.1.2.3" → "电脑网页 10.1.2.3"; "cli li" → "命令行（li）"."""
    kind, _space, rest = text.partition(" ")
    if kind == "desk":
        return _("电脑网页 %s") % rest
    if kind == "portal":
        return _("居民门户 %s") % rest
    if kind == "cli":
        return _("命令行（%s）") % rest
    return _(JOBS[kind]) if kind in JOBS else text


DETAILS = {
    "page": "页面", "why": "原因", "staff": "同事", "role": "角色", "area": "区域", "old": "原区域", "new": "新区域", "households": "户数", "kind": "种类", "to": "交给", "by": "由谁",
    "batch": "批次", "file": "文件", "files": "文件数", "rows": "行数", "n": "数量", "hits": "命中数", "field": "项目", "tab": "标签页", "act": "办理编号", "appointment": "任职编号",
    "session": "会话编号", "day": "日子", "question": "问题编号", "organisation": "单位编号", "handed": "交接", "second_factor": "用了第二因素", "dropped": "删除", "what": "事项", "limit": "上限",
    "household": "户", "person": "人", "dwelling": "住房", "code": "代码", "from": "从", "residents": "人数", "written": "写入", "name": "名称",
}
