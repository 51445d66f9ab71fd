"""Months, weekdays and relative days by name, in the languages of ``_MONTHS``. A name is compared in lower case without
accents, so that declined forms need one entry each and spelling variants none.
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache

_MONTHS = """
en january february march april may june july august september october november december
en jan feb mar apr may jun jul aug sep/sept oct nov dec
de januar/jänner februar märz april mai juni juli august september oktober november dezember
de jan/jän feb mrz/mär apr mai jun jul aug sep okt nov dez
fr janvier/janv février/févr mars avril/avr mai juin juillet/juil août septembre/sept octobre novembre décembre/déc
es enero/ene febrero marzo abril/abr mayo junio julio agosto/ago septiembre/setiembre octubre noviembre diciembre/dic
pt janeiro fevereiro/fev março abril maio junho julho agosto setembro/set outubro/out novembro dezembro
it gennaio/gen febbraio marzo aprile maggio/mag giugno/giu luglio/lug agosto settembre ottobre/ott novembre dicembre
nl januari februari maart/mrt april mei juni juli augustus september oktober november december
sv januari februari mars april maj juni juli augusti september oktober november december
no januar februar mars april mai juni juli august september oktober november desember/des
da januar februar marts april maj juni juli august september oktober november december
ru января/январь февраля/февраль марта/март апреля/апрель мая/май июня/июнь июля/июль августа/август
   сентября/сентябрь октября/октябрь ноября/ноябрь декабря/декабрь
ru янв фев мар апр май июн июл авг сен/сент окт ноя дек
uk січня/січень лютого/лютий березня/березень квітня/квітень травня/травень червня/червень липня/липень
   серпня/серпень вересня/вересень жовтня/жовтень листопада/листопад грудня/грудень
pl stycznia/styczeń lutego/luty marca/marzec kwietnia/kwiecień maja/maj czerwca/czerwiec lipca/lipiec
   sierpnia/sierpień września/wrzesień października/październik listopada grudnia/grudzień
cs ledna/leden února/únor března/březen dubna/duben května/květen června/červen července/červenec
   srpna/srpen září října/říjen - prosince/prosinec
ro ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie
el ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου δεκεμβρίου
tr ocak/oca şubat/şub mart nisan mayıs haziran/haz temmuz/tem ağustos eylül/eyl ekim/eki kasım/kas aralık
uz yanvar fevral mart aprel may iyun iyul avgust sentabr oktabr noyabr dekabr
uz январ феврал март апрел май июн июл август сентябр октябр ноябр декабр
kk қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан
id januari februari maret april mei juni juli agustus september oktober november desember
ar يناير فبراير مارس أبريل/ابريل مايو يونيو يوليو أغسطس/اغسطس سبتمبر أكتوبر/اكتوبر نوفمبر ديسمبر
ar - شباط آذار/اذار نيسان أيار/ايار حزيران تموز - أيلول/ايلول - - -
hi जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर
"""
"""One language a line, from January; other forms of a name behind slashes. A line that starts with a blank goes on."""

_WEEKDAYS = """
en monday tuesday wednesday thursday friday saturday sunday
de montag dienstag mittwoch donnerstag freitag samstag/sonnabend sonntag
fr lundi mardi mercredi jeudi vendredi samedi dimanche
es lunes martes miércoles jueves viernes sábado domingo
pt segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo
it lunedì martedì mercoledì giovedì venerdì sabato domenica
nl maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
sv måndag tisdag onsdag torsdag fredag lördag söndag
no mandag tirsdag onsdag torsdag fredag lørdag søndag
ru понедельник вторник среду/среда четверг пятницу/пятница субботу/суббота воскресенье
uk понеділок вівторок середу/середа четвер п'ятницю/п'ятниця суботу/субота неділю/неділя
pl poniedziałek wtorek środę/środa czwartek piątek sobotę/sobota niedzielę/niedziela
cs pondělí úterý středu/středa čtvrtek pátek sobotu/sobota neděli/neděle
tr pazartesi salı çarşamba perşembe cuma cumartesi pazar
uz dushanba seshanba chorshanba payshanba juma shanba yakshanba
uz душанба сешанба чоршанба пайшанба жума шанба якшанба
kk дүйсенбі сейсенбі сәрсенбі бейсенбі жұма сенбі жексенбі
ar الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد
"""
RELATIVE = {
    "en": ("yesterday", "today", "tomorrow"), "de": ("gestern", "heute", ""), "fr": ("hier", "aujourd'hui", "demain"),
    "es": ("ayer", "hoy", ""), "pt": ("ontem", "hoje", ""), "it": ("ieri", "oggi", "domani"),
    "nl": ("gisteren", "vandaag", ""),
    "ru": ("вчера", "сегодня", "завтра"), "uk": ("вчора", "сьогодні", "завтра"), "pl": ("wczoraj", "dzisiaj", "jutro"),
    "tr": ("dün", "bugün", "yarın"), "ar": ("أمس", "اليوم", "غدا"), "uz": ("kecha", "bugun", "ertaga"),
    "kk": ("кеше", "бүгін", "ертең"),
}  # fmt: skip
"""Yesterday, today, tomorrow; empty where the word also means something else ("morgen")."""


@lru_cache(maxsize=20_000)
def unaccented(word: str) -> str:
    if word.isascii():
        return word.lower()
    return "".join(c for c in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(c))


def _numbered(table: str, first: int) -> dict[str, int]:
    names = {}
    for line in table.strip().replace("\n   ", " ").splitlines():
        for number, forms in enumerate(line.split()[1:], first):
            names.update({unaccented(form): number for form in forms.split("/") if form != "-"})
    return names


@cache
def months() -> dict[str, int]:
    return _numbered(_MONTHS, 1)


@cache
def weekdays() -> dict[str, int]:
    return _numbered(_WEEKDAYS, 0)
