from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.language import detect

TEXTS = {
    "en": "The bridge over the river opened again on Thursday, eleven months after the flood had carried off its middle span.",
    "de": "Die Brücke über den Fluss ist seit Donnerstag wieder offen, elf Monate nach dem Hochwasser im vergangenen Jahr.",
    "fr": "Le pont sur la rivière a rouvert jeudi, onze mois après la crue qui avait emporté sa travée centrale.",
    "es": "El puente sobre el río volvió a abrirse el jueves, once meses después de la crecida que se llevó su tramo central.",
    "ru": "Мост через реку снова открыт с четверга, через одиннадцать месяцев после того, как паводок унёс его средний пролёт.",
    "uk": "Міст через річку знову відкрили в четвер, через одинадцять місяців після того, як повінь знесла його середній проліт.",
    "tr": "Nehrin üzerindeki köprü, selin orta açıklığını sürüklemesinden on bir ay sonra perşembe günü yeniden açıldı.",
    "ar": "أعيد يوم الخميس فتح الجسر فوق النهر بعد أحد عشر شهرا من الفيضان الذي جرف الجزء الأوسط منه.",
    "kk": "Су тасқыны ортаңғы аралығын шайып кеткеннен кейін он бір ай өткен соң өзен үстіндегі көпір бейсенбіде қайта ашылды.",
    "ja": "洪水で中央部分が流失した橋が、十一か月ぶりに木曜日に再開通した。",
    "ko": "홍수로 가운데 부분이 떠내려간 다리가 열한 달 만에 목요일에 다시 개통되었다.",
    "zh": "被洪水冲走中间桥段的大桥时隔十一个月后于星期四重新开放。",
    "pl": "Most na rzece otwarto ponownie w czwartek, jedenaście miesięcy po powodzi, która porwała jego środkowe przęsło.",
}
UZBEK = (
    "Toshkent shahrida bo'lib o'tgan uchrashuvda tomonlar ikki mamlakat o'rtasidagi hamkorlikni kengaytirish masalalarini muhokama qildilar.",
    "Тошкент шаҳрида бўлиб ўтган учрашувда томонлар икки мамлакат ўртасидаги ҳамкорликни кенгайтириш масалаларини муҳокама қилдилар.",
)


@pytest.mark.parametrize("lang", sorted(TEXTS))
def test_the_text_decides_against_the_hint(lang: str) -> None:
    assert detect(TEXTS[lang], hint="sv") == lang


@pytest.mark.parametrize(("lang", "text"), [*sorted(TEXTS.items()), *(("uz", text) for text in UZBEK)])
def test_every_third_word_of_a_longer_text_gives_the_same_answer(lang: str, text: str) -> None:
    assert detect("\n".join([text] * 3)) == lang


def test_where_every_third_word_leaves_a_doubt_all_of_them_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def classify(sample: str) -> tuple[str, float]:
        seen.append(len(sample.split()))
        return ("sr", 0.89) if len(seen) == 1 else ("hr", 0.6)

    monkeypatch.setattr("monitor.core.language._model", lambda: SimpleNamespace(classify=classify))
    assert (detect("riječ " * 30), seen) == ("hr", [10, 30])


@pytest.mark.parametrize("text", UZBEK)
def test_uzbek_in_both_scripts(text: str) -> None:
    assert detect(text) == "uz"


@pytest.mark.parametrize(
    ("text", "hint", "expected"),
    [("OK", "fr-CA", "fr"), ("", "DE", "de"), ("", None, None), ("2024 – 17:30", None, None), ("Ja", None, "any")],
)
def test_little_text_believes_the_hint(text: str, hint: str | None, expected: str | None) -> None:
    found = detect(text, hint)
    assert found == expected or (expected == "any" and found is not None)


OF_THREE_LETTERS = {
    "ace", "bcl", "crh", "ext", "gcf", "gcr", "gom", "grc", "guw", "hbo", "kab", "lij", "ltg", "nso", "pcm", "vec",
}  # fmt: skip


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=300), st.none() | st.sampled_from(["en", "pt-BR"]))
def test_the_answer_is_a_code(text: str, hint: str | None) -> None:
    found = detect(text, hint)
    assert found is None or (len(found) == 2 or found in OF_THREE_LETTERS)
    assert found is None or (found.isascii() and found.isalpha() and found.islower())


@pytest.mark.parametrize(
    ("label", "code"),
    [("arz", "ar"), ("uzs", "uz"), ("yue", "zh"), ("kab", "kab"), ("crh", "crh"), ("zxx", "pt"), ("en", "en")],
)
def test_a_language_is_not_taken_for_another_with_the_same_first_letters(
    label: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.core.language._model", lambda: SimpleNamespace(classify=lambda _: (label, 1.0)))
    assert detect("Kabyle is not Georgian, Crimean Tatar is not Cree.", hint="pt") == code


def test_the_model_is_loaded_only_when_asked() -> None:
    code = "import monitor.core.language, sys; sys.exit('py3langid' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    "text",
    [
        "NET INCOME 12,400 VS 11,300\nSALES 4.2 MLN VS 3.9 MLN",
        "Shr 34 cts vs 32 cts. Net 4.1 mln vs 3.9 mln. Revs 88.2 mln vs 80.1 mln",
    ],
)
def test_tables_in_english_are_no_pidgin(text: str) -> None:
    assert detect(text) == "en"


def test_pidgin_is_pidgin() -> None:
    assert detect("Nigeria police don arrest three men wey dey sell fake passport for Lagos") == "pcm"
    assert detect("Dem dey talk say di government no go fit pay di workers wey dey strike") == "pcm"
