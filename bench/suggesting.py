"""Is the linear model better than the catalogue's words? A county's history as people speak, drawn; the newest fifth unseen.

`python -m bench.suggesting [MATTERS] [SEED]` prints how often the catalogue's words, words and last choices, and words with the county's
history were right, and what learning and one suggestion take. No database: the same functions on drawn texts.

Invariant: how people speak is drawn from phrases of which only some hold a keyword of the catalogue (the rest is what makes a history worth
learning); three in a hundred were filed wrongly, as clerks do; phrases are common to many villages, places and numbers are not.
"""

from __future__ import annotations

import csv
import random
import sys
import time
from collections import Counter, defaultdict, deque
from pathlib import Path

from minqing.service.actions import learning as action
from minqing.service.rules import learning, suggest

CATALOGUE = Path(__file__).parent.parent / "minqing/service/data/dispatch.csv"
#: How the same things are said without the catalogue's words.
SAYINGS: dict[str, tuple[str, ...]] = {
    "lamp": ("晚上走路乌漆麻黑", "灯泡又憋掉了", "那根杆子上的灯闪个不停", "夜里出门要打手电"), "rubbish": ("村口堆得像山一样", "环卫车好几天没来", "桶满出来了狗都来翻"),
    "leak": ("水费多出来一百块", "墙脚一直湿漉漉", "龙头下面那根管子滋水"), "water": ("龙头里出来的像泥汤", "早上烧饭都没有水用", "水一股漂白粉味"), "power": ("一到晚上空调带不动", "电饭煲一插就断", "房后那根线快拖到地了"),
    "road": ("去茶山那段全是窟窿", "摩托车摔了两个人", "下雨天车都开不进来", "挖开之后没有填回去"), "sewage": ("门口那口井往外冒", "一下雨就倒灌到院子里", "味道熏得窗都不敢开"), "river": ("埠头下面全是淤泥", "渠里不来水田都干了", "塘边没有栏杆小孩要掉下去"),
    "noise": ("隔壁厂里机器开到半夜", "音响放得震天响", "天不亮就开始敲"), "pollution": ("烟飘得满屋都是", "溪里漂白沫鱼都翻肚", "猪栏那边臭得吃不下饭"), "neighbour": ("他家屋檐水往我家流", "把过道用砖头砌住了", "空调外机对着我窗口吹"),
    "boundary": ("他把石头挪过来两尺", "竹子挖到我这边来了", "田埂越做越往我家来"), "family": ("儿子几年不回来一分钱不给", "媳妇天天骂阿婆", "两个哥哥谁也不肯接老娘"), "dibao": ("看病把家底掏空了", "男人瘫了家里没有进账", "吃不上饭能不能帮一把"),
    "pension": ("到六十岁了每个月能领多少", "以前断了几年还能接上吗", "领钱的卡换了怎么改"), "medical": ("在杭州看的病回来能报吗", "住院花了三万多", "药太贵有没有补"), "elder": ("阿公一个人烧不了饭", "坐公交要的那张卡怎么办", "满八十了有没有钱"),
    "disabled": ("脚不方便想要一把坐的车", "耳朵听不见想评一下", "儿子脑子不灵清有没有补助"), "veteran": ("在部队待了三年有什么待遇", "门口那块牌子掉了", "参过战的有没有补助"), "homestead": ("儿子要结婚想造间房", "老屋倒了能不能原地造", "批下来要多久"),
    "house": ("屋顶瓦片掉下来了", "一面墙往外鼓", "下雨天家里摆满脸盆"), "landslide": ("屋后的山掉泥块下来", "坡上裂了一条缝", "大雨天不敢睡后间"), "illegal": ("他家在屋顶又加了一层", "把公家地围起来造棚子", "晚上偷偷浇水泥"),
    "demolish": ("说好的安置房还没有给", "量地的时候少算了", "果树赔多少钱"), "wages": ("做了半年一分没拿到", "包工头电话打不通了", "年底说结账到现在没结"), "school": ("孙子九月份能不能进镇上读书", "接小孩的车不到我们村", "读大学家里拿不出钱"),
    "dog": ("放在外面见人就扑", "小孩被追得摔了一跤", "夜里汪汪叫到天亮"), "farm": ("稻子叶子发黄不知道什么病", "那笔种田的钱什么时候到", "想租台收割的机器"), "forest": ("山上冒烟了", "松树一片一片死掉", "地里的番薯被拱光了"),
    "traffic": ("去城里的车一天只有两趟", "路口老是出事情想装个灯", "村口没地方放车"), "register": ("小孩生下来还没有报上去", "证过期了老人走不动", "嫁过来了要不要转过来"), "dividend": ("村里厂房租出去的钱到哪里去了", "为什么他家分得比我多", "账什么时候贴出来"),
    "property": ("上下楼那个东西又停了", "保安天天睡觉", "交了钱没人扫地"), "network": ("手机在家里打不出去", "看不了台", "上网慢得要死"),
}
PLACES = ("上塘", "樟树底", "里坞", "桥头", "老祠堂边", "晒谷场", "三组", "村委会旁边", "小学门口", "水碓边")
OPENINGS = ("", "我家", "麻烦问一下，", "反映一下，", "阿婆说", "昨天起", "已经第三天了，", "书记，")
TAILS = ("", "，来看看", "，怎么办", "，请处理", "，找谁", "，急")


def catalogue() -> list[suggest.Rule]:
    """The rules that every county starts from."""
    with CATALOGUE.open(encoding="utf-8") as file:
        return [suggest.Rule(r["category"], r["label"], r["kind"], tuple(r["keywords"].split())) for r in csv.DictReader(line for line in file if not line.startswith("#"))]


def draw(n: int, seed: int) -> list[tuple[str, str, str]]:
    """(category, text, village), oldest first."""
    chance = random.Random(seed)  # noqa: S311 - drawn texts
    rows = [r for r in catalogue() if r.category in SAYINGS]
    weights = [chance.uniform(0.3, 3) for _ in rows]
    made = []
    for row in chance.choices(rows, weights, k=n):
        if chance.random() < 0.45:
            said = chance.choice(row.keywords) + chance.choice(("", "的事", "问题", "又来了", "没人管"))
        else:
            said = chance.choice(SAYINGS[row.category])
        text = chance.choice(OPENINGS) + chance.choice(("", *PLACES)) + said + chance.choice(TAILS)
        category = row.category if chance.random() > 0.03 else chance.choice(rows).category
        made.append((category, text, f"3308810022{chance.randrange(1, 60):02d}"))
    return made


def main() -> None:
    n, seed = (int(sys.argv[1]) if len(sys.argv) > 1 else 20_000), (int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    rules = catalogue()
    keywords = sorted({k for r in rules for k in r.keywords})
    drawn = draw(n, seed)
    shared = {p for p, k in Counter(p for _c, text, _v in drawn for p in suggest.pairs(text)).items() if k >= learning.SHARED_BY}
    said = [learning.Said(c, suggest.pairs(text) & shared, tuple(k for k in keywords if k in text)) for c, text, _v in drawn]
    begun = time.perf_counter()
    trial, model = action.learn_from(said[::-1], rules)
    took = time.perf_counter() - begun
    newest = drawn[-(n // learning.TRIED):]
    lately: dict[str, deque[suggest.Known]] = defaultdict(lambda: deque(maxlen=200))
    right = 0
    for category, text, village in newest:
        choice = suggest.choose(text, rules, lately[village])
        right += choice is not None and choice.category == category
        lately[village].appendleft(suggest.Known("", text, category))
    begun = time.perf_counter()
    for _category, text, _v in newest[:1000]:
        guess = model.guess(suggest.pairs(text))
        model.because(text, guess[0], guess[1])
    each = (time.perf_counter() - begun) / 1000
    sys.stdout.write(
        f"{n} matters, the newest {trial.tried} tried: catalogue's words {trial.words / trial.tried:.1%}, words and last choices {right / trial.tried:.1%}, "
        f"with the county's history {trial.history / trial.tried:.1%} (won {trial.won}, lost {trial.lost}: {'used' if trial.better else 'not used'}); "
        f"learning {took:.1f} s, a suggestion {each * 1000:.2f} ms, {len(model.weights)} pairs\n")


if __name__ == "__main__":
    main()
