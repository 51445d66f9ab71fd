"""Reports written for the tests of copies and stories, and ways to edit them as newsrooms do."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monitor.core.duplicates.fingerprints import fingerprint
from monitor.model import Candidate, Text

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)

DAM = """The provincial council of Harvand voted on Wednesday to close the Teshik dam to heavy lorries after engineers \
found a crack forty metres long in its eastern wall.

Council head Rustam Alidor said the road over the dam would stay open to cars and ambulances, but that gravel transports \
to the new railway line must take the longer way through Bakhor from Friday on.

"Nobody is in danger tonight, and nobody will be in danger tomorrow," Alidor told residents who had gathered outside the \
council building. "We close the road because we can count, not because we are afraid."

The crack was discovered last week by two students of the polytechnic who were measuring the wall for their final \
examination. Their teacher, Professor Malika Sobir, reported it to the water authority the same evening.

The water authority lowered the reservoir by three metres and sent divers, who found no damage below the water line. \
Repairs are expected to cost 18 million somoni and to last until the autumn.

Farmers in the valley below fear for their harvest: with less water in the reservoir the cotton fields around Bakhor will \
get a third less than in an ordinary year. The council promised to talk about compensation in May."""

DAM_BY_ANOTHER_PAPER = """Lorries will no longer be allowed on the Teshik dam. A crack in the eastern wall of the dam, found \
by students of the polytechnic, has forced the Harvand council to act.

From Friday gravel for the railway will roll through Bakhor instead, a detour of two hours, according to a decision that \
councillors took in Wednesday's session with only one vote against it.

"Nobody is in danger tonight, and nobody will be in danger tomorrow," council head Rustam Alidor assured a crowd in front of \
the building.

In the villages the mood is different. Cotton growers who depend on the reservoir have seen its level fall by three metres \
within days, and several of them said they would sow melons this spring, which need less water.

Malika Sobir, who teaches hydraulics and whose students made the discovery, called the crack serious but old. It may have \
opened in the earthquake of 1998, she said, and was plastered over since."""

FERRY = """A ferry with 212 passengers on board ran aground off the island of Sorvik early on Sunday and was pulled free by \
two tugs six hours later, the coast guard said.

Nobody was hurt. Passengers were given blankets and soup while they waited for the tide, and a school choir on its way home \
from a festival sang for them in the car deck.

The captain, a man of 58 with thirty years at sea, told investigators that a buoy had drifted from its place in the storm of \
the night before. The coast guard confirmed that the green buoy at the entrance of the sound lay four hundred metres too far \
to the west.

The Alma was built in 2009 and sails between Sorvik and the mainland four times a day. She will be examined in the dry dock \
at Tangen before she may carry passengers again, the shipping company said. Until then a smaller boat without a car deck \
keeps up the connection in the mornings and evenings only."""

RUSSIAN = """Совет провинции Харванд в среду проголосовал за то, чтобы закрыть плотину Тешик для тяжёлых грузовиков: \
инженеры нашли в её восточной стене трещину длиной сорок метров.

Глава совета Рустам Алидор сказал, что дорога по плотине останется открытой для легковых машин и скорой помощи, но щебень \
для новой железной дороги с пятницы придётся возить через Бахор.

Трещину на прошлой неделе обнаружили двое студентов политехнического института, которые измеряли стену для дипломной \
работы. Их преподаватель профессор Малика Собир в тот же вечер сообщила о ней водному ведомству.

Ремонт обойдётся в 18 миллионов сомони и продлится до осени. Водохранилище опустили на три метра, водолазы повреждений под \
водой не нашли. Крестьяне долины опасаются за урожай хлопка."""

CHINESE = """哈尔万德省议会星期三投票决定,禁止重型卡车通过特希克大坝。工程师在大坝东墙上发现了一条长四十米的裂缝。

议会主席鲁斯塔姆·阿利多尔说,大坝上的公路仍向小汽车和救护车开放,但运往新铁路的碎石从星期五起必须绕道巴霍尔。

裂缝是上周由理工学院的两名学生发现的,他们当时正在为毕业考试测量墙体。他们的老师马利卡·索比尔教授当晚就向水务局报告了此事。

水务局把水库水位降低了三米,并派出潜水员检查,水下没有发现损坏。维修预计将花费一千八百万索莫尼,并将持续到秋天。山谷里的农民担心棉花的收成。"""

ARABIC = """صوّت مجلس إقليم هارفاند يوم الأربعاء على إغلاق سد تشيك أمام الشاحنات الثقيلة بعد أن عثر المهندسون على شق طوله أربعون \
مترا في جداره الشرقي.

وقال رئيس المجلس رستم عليدور إن الطريق فوق السد سيبقى مفتوحا أمام السيارات الصغيرة وسيارات الإسعاف، لكن شاحنات الحصى \
المتجهة إلى خط السكة الحديدية الجديد يجب أن تسلك الطريق الأطول عبر بخور اعتبارا من يوم الجمعة.

واكتشف الشق في الأسبوع الماضي طالبان من المعهد التقني كانا يقيسان الجدار من أجل امتحانهما النهائي. ومن المتوقع أن تكلف \
الإصلاحات ثمانية عشر مليونا وأن تستمر حتى الخريف، ويخشى المزارعون في الوادي على محصول القطن."""

FURNITURE = """Sign up for our morning letter and never miss what matters. You can leave at any time with one click.

This newspaper is free of advertising thanks to its readers. If you like what you read, tell a friend about us."""


def market(day: str, rate: str, previous: str, volume: str, high: str) -> str:
    return f"""The Harvand commodity exchange closed on {day} with cotton for delivery in May at {rate} a bale, after \
{previous} at the previous session. Volume was {volume} bales, of which a third was traded in the last half hour.

The highest price of the day was {high}, paid shortly after the opening. Traders said that buyers from the textile mills \
were waiting for the quarterly figures of the ministry of agriculture. The exchange opens again at the usual hour on the \
next working day."""


def candidate(
    body: str,
    title: str = "Crack found in Teshik dam",
    *,
    number: int = 1,
    hours: float | None = 0,
    site: str | None = None,
    story: int | None = None,
    **more: object,
) -> Candidate:
    """An article published ``hours`` after noon (``None``: it does not say)."""
    at = NOON + timedelta(hours=hours or 0)
    made = Candidate(
        article_id=number,
        title=title,
        text=body,
        site=site,
        url=f"https://paper.test/{number}",
        published=None if hours is None else at,
        seen=at,
        fingerprint=fingerprint(Text(title=title, body=body)),
        story_id=story,
    )
    return replace(made, **more)  # type: ignore[arg-type]


_SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "el", "ir", "os", "ut")]


def invented(seed: int, sentences: int = 30) -> list[str]:
    """Sentences of invented words, as often as words are in language (Zipf): common ones recur."""
    rnd = random.Random(seed)
    words = ["".join(rnd.choices(_SYLLABLES, k=rnd.randint(1, 4))) for _ in range(1_500)]
    weights = [1 / (rank + 3) for rank in range(len(words))]
    return [" ".join(rnd.choices(words, weights, k=rnd.randint(8, 24))).capitalize() + "." for _ in range(sentences)]
