"""Offices with a name in scripts without capitals, where a verb of speech shows who it is and where the name ends."""

from __future__ import annotations

import re
from collections.abc import Iterator

from monitor.model import Person

_HAN = "\u3400-\u9fff"
_ARABIC_SAYS = (
    "[وف]?(?:قال|قالت|صرح|صرحت|أكد|أكدت|أعلن|أعلنت|أوضح|أوضحت|ذكر|ذكرت|أفاد|أفادت|أضاف|أضافت|شدد|شددت|أشار|أشارت|نفى|نفت|"
    "حذر|حذرت|دعا|دعت|طالب|طالبت|رحب|رحبت|انتقد|انتقدت|اتهم|اتهمت|أدان|أدانت|اعتبر|اعتبرت|وصف|وصفت|رأى|رأت|كشف|كشفت)"
)
_ARABIC_OFFICES = (
    "الرئيس|رئيس|رئيسة|نائب رئيس|نائب وزير|وكيل وزارة|وزير|وزيرة|السفير|سفير|سفيرة|المتحدث|المتحدثة|متحدث|"
    "الناطق|الناطقة|ناطق|مدير|مديرة|المدير|محافظ|المحافظ|قائد|القائد|الأمين|أمين|المفوض|المفوضة|مفوض|مفوضة|مستشار|"
    "المستشار|النائب|المبعوث|مبعوث"
)
_CHINESE_OFFICES = (
    "国家主席|國家主席|新闻发言人|發言人|发言人|副部长|部长|部長|外长|外長|总理|總理|总统|總統|主席|副主席|大使|省长|市长|市長|局长|局長|"
    "司长|秘书长|秘書長|书记|总干事|国务卿|國務卿|司令|贸易代表|貿易代表|代表|检察长|院长|院長|行政长官|特使"
)
_JAPANESE_OFFICES = (
    "官房長官|首相|外相|防衛相|財務相|法相|経産相|総務相|大統領|報道官|知事|市長|議長|長官|事務総長|国務長官|国防長官|"
    "大使|幹事長|代表|社長|教授|委員長|大臣|次官|局長"
)
# Each word behind an office is read in one way only, or a text that repeats them would be tried in every way there is.
_PATTERNS = {
    "ar": re.compile(
        rf"(?<!\w)(?:{_ARABIC_SAYS})\s+(?P<role>(?:{_ARABIC_OFFICES})(?:\s+(?:باسم(?:\s+(?!باسم|ال|لل|لشؤون)\w+)?|ال\w+|لل\w+|لشؤون))*)\s+"
        r"(?P<name>(?:عبد\s+ال[^\W\d_]{2,}"
        r"|(?!ال|باسم|لشؤون|في\b|من\b|إن\b|أن\b|على\b|عن\b|إلى\b|خلال\b|بعد\b|قبل\b|لل|عبد\b)[^\W\d_]{2,})"
        r"(?:\s+(?:عبد|بن|ابن|أبو|آل)(?=\s))?\s+(?!في\b|من\b|إن\b|أن\b|على\b|عن\b|إلى\b|خلال\b|بعد\b|قبل\b|اليوم\b|أمس\b)"
        r"[^\W\d_]{2,})"
    ),
    "zh": re.compile(
        rf"(?<![{_HAN}])(?P<org>[{_HAN}]{{2,10}}?)??(?P<role>(?:常务副|第一副|代理|副|前|代)?(?:{_CHINESE_OFFICES}))(?P<name>[{_HAN}·]{{2,8}}?)"
        rf"(?=(?:\d{{1,2}}日|今天|周[一二三四五六日])?(?:在[{_HAN}]{{2,10}}?)?[也还則则]?(?:说|說|表示|称|稱|指出|强调|強調|认为|認為|宣布|回应|呼吁))"
    ),
    "ja": re.compile(
        rf"(?<![{_HAN}ァ-ヶー・])(?P<name>[{_HAN}々ァ-ヶー・]{{2,12}}?)(?P<role>{_JAPANESE_OFFICES})(?=[はがも](?!な))"
    ),
}


def office_holders_uncased(line: str, language: str) -> Iterator[tuple[int, Person]]:
    """Offset and person of "وقال وزير الخارجية X", "外交部发言人X表示", "X官房長官は"; other languages have none."""
    pattern = _PATTERNS.get(language)
    for found in pattern.finditer(line) if pattern else ():
        org = found["org"] if language == "zh" else None
        yield found.start("name"), Person(" ".join(found["name"].split()), " ".join(found["role"].split()), org)


LANGUAGES = frozenset(_PATTERNS)
