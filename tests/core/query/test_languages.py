"""Queries that must and must not match, in many languages."""

import pytest

from monitor.core.query import Doc, evaluate, parse
from monitor.model import Text
from tests.core.query.made import NOW

MATCHES = [
    ("english", "uzbekistan border", "Uzbekistan's cross-border trade"),
    ("english", '"cross border"', "The cross-border trade"),
    ("english", "cross-border", "trade that is cross border"),
    ("english", "deport*", "Forty were DEPORTED"),
    ("english", "don't", "They don’t know"),
    ("uzbek latin", "Oʻzbekiston", "O'zbekiston hukumati"),
    ("uzbek latin", "o'zbekiston*", "Oʻzbekistondan chiqarib yuborildi"),
    ("uzbek latin", "Ozbekiston", "O‘zbekiston hukumati"),
    ("uzbek latin", "ma'muriyat", "maʼmuriyat qarori"),
    ("uzbek cyrillic", "Ўзбекистон", "ЎЗБЕКИСТОН ҳукумати"),
    ("uzbek cyrillic", "узбекистон", "Ўзбекистон ҳукумати"),
    ("turkish", "istanbul", "İSTANBUL’da"[:8]),
    ("turkish", "Kirgizistan", "Kırgızistan sınırı"),
    ("turkish", "sınır*", "SINIRDIŞI edildi"),
    ("turkish", "Erdogan", "Cumhurbaşkanı Erdoğan"),
    ("german", "strasse", "Auf der Straße"),
    ("german", "STRAẞE", "auf der straße"),
    ("german", "Abschieb*", "die abschiebungen"),
    ("french", "europe", "les pays de l'Europe"),
    ("french", '"union européenne"', "de l’Union europeenne"),
    ("french", "refugie*", "Des réfugiés"),
    ("italian", "unione", "nell'Unione europea"),
    ("italian", '"unione europea"', "dell’Unione europea"),
    ("spanish", "expulsion*", "la expulsión de migrantes"),
    ("portuguese", "deportacao", "Deportação em massa"),
    ("polish", "lodz", "Łódź"),
    ("czech", "pristehovalc*", "přistěhovalců"),
    ("vietnamese", '"viet nam"', "Việt Nam"),
    ("russian", "еще", "ещё раз"),
    ("russian", "выдвор*", "Выдворены из страны"),
    ("ukrainian", "п'ять", "П’ять осіб"),
    ("greek", "αθηνα", "στην Αθήνα"),
    ("greek", "αθηνας", "της ΑΘΗΝΑΣ"),
    ("georgian", "საქართველო", "ᲡᲐᲥᲐᲠᲗᲕᲔᲚᲝ"),
    ("armenian", "Հայաստան*", "ՀԱՅԱՍՏԱՆՈՒՄ"),
    ("arabic", "العراق", "في العـــراق"),
    ("arabic", "محمد", "قال مُحَمَّدٌ"),
    ("arabic", "ايران", "حكومة إيران"),
    ("persian", "ایران", "دولت ايران"),
    ("persian", "میشود", "گفته می\u200cشود"),
    ("hebrew", "שלום", "שָׁלוֹם"),
    ("hebrew", 'צה"ל', "דובר צה״ל מסר"),
    ("hindi", "भारत", "भारत सरकार"),
    ("hindi", "कजाख*", "क़ज़ाख़स्तान"),
    ("chinese", "难民", "联合国难民署"),
    ("chinese", "北京 上海", "从上海到北京"),
    ("chinese", "北 ONEAR/3 海", "北京上海"),
    ("japanese", "難民", "日本の難民申請"),
    ("japanese", "ニホン", "ﾆﾎﾝ"),
    ("korean", "추방*", "추방되었다"),
    ("thai", "ประเทศ", "ในประเทศไทย"),
    ("lao", "ລາວ", "ປະເທດລາວ"),
    ("khmer", "កម្ពុជា", "ព្រះរាជាណាចក្រកម្ពុជា"),
    ("kazakh", "Қазақстан", "ҚАЗАҚСТАН үкіметі"),
]

MISSES = [
    ("english", "border", "borders"),
    ("english", '"border cross"', "cross-border trade"),
    ("english", "port*", "deported"),
    ("english", "=ICE", "ice on the road"),
    ("english", "=Ice", "ICE agents"),
    ("uzbek latin", "ozbek", "Oʻzbekiston"),
    ("uzbek latin", "bekiston", "O'zbekiston"),
    ("uzbek cyrillic", "Ўзбек", "Ўзбекистон"),
    ("turkish", "=Kirgizistan", "Kırgızistan"),
    ("turkish", "sinirli", "sınırı"),
    ("german", "=strasse", "straße"),
    ("german", "Schiff", "Schifffahrt"),
    ("french", "eurêka", "l'Europe"),
    ("french", "leurope", "l'Europe"),
    ("italian", "lunione", "l'unione"),
    ("spanish", "=expulsion", "expulsión"),
    ("polish", "łódka", "Łódź"),
    ("russian", "мои", "мой дом"),
    ("russian", "мел", "мель"),
    ("ukrainian", "кит", "кіт"),
    ("greek", "νομος", "νομοι"),
    ("georgian", "საქართ", "საქართველო"),
    ("armenian", "հայ", "Հայաստան"),
    ("arabic", "عراق", "العراق"),
    ("arabic", "حرب", "جرب"),
    ("hebrew", "שלומ", "שלום"),
    ("hindi", "दिन", "दीन"),
    ("hindi", "कल", "कला"),
    ("chinese", "难署", "难民署"),
    ("chinese", '"京北"', "北京"),
    ("japanese", "かき", "がき"),
    ("japanese", "ニホ", "ニポ"),
    ("korean", "추방", "추방되었다"),
    ("thai", "กา", "กี"),
    ("kazakh", "=казакстан", "Қазақстан"),
]


def found(query, body):
    return evaluate(parse(query), Doc.of(Text(title="", body=body)), NOW)


@pytest.mark.parametrize(("language", "query", "body"), MATCHES)
def test_matches(language, query, body):
    spans = found(query, body)
    assert spans
    assert all(body[span.start : span.end].strip() for span in spans)


@pytest.mark.parametrize(("language", "query", "body"), MISSES)
def test_does_not_match(language, query, body):
    assert found(query, body) is None


def test_enough_languages():
    assert len({language for language, _, _ in MATCHES}) >= 15
    assert len({language for language, _, _ in MISSES}) >= 15
