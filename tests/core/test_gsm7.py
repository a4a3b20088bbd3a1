from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertsms.core.text.gsm7 import BASIC, Encoding, TextSize, measure, transliterate
from tests.core.septets import decode, encode

texts = st.text(st.one_of(st.characters(), st.sampled_from("aé{€\n’ê…→ΩλЖ中🔥\u200d\u0301²½5°C")), max_size=400)


def test_the_basic_table_holds_the_codes_of_the_standard():
    codes = {
        "@": 0x00,
        "_": 0x11,
        "Δ": 0x10,
        "Ξ": 0x1A,
        "É": 0x1F,
        " ": 0x20,
        "¤": 0x24,
        "A": 0x41,
        "Ü": 0x5E,
        "à": 0x7F,
    }
    assert len(BASIC) == 128
    assert {char: BASIC.index(char) for char in codes} == codes


@pytest.mark.parametrize("char", "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà")
def test_a_basic_character_is_one_septet(char):
    assert measure(char) == TextSize(encoding=Encoding.GSM7, units=1, segments=1)


@pytest.mark.parametrize("char", "\f^{}\\[~]|€")
def test_an_extension_character_is_two_septets(char):
    assert measure(char) == TextSize(encoding=Encoding.GSM7, units=2, segments=1)


@pytest.mark.parametrize("char", "çêëÀÈœ’“«–…\t`\x1b\xa0Α中")
def test_what_the_tables_lack_is_ucs2(char):
    assert measure(char) == TextSize(encoding=Encoding.UCS2, units=1, segments=1)


@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments"),
    [
        ("", "GSM-7", 0, 0),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ('[FIRING:1] host{a="b"}', "GSM-7", 26, 1),
        ("€" * 80, "GSM-7", 160, 1),
        ("a" * 152 + "€" + "a" * 152, "GSM-7", 306, 3),  # the euro sign does not lie across two segments
        ("a" * 151 + "€" + "a" * 153, "GSM-7", 306, 2),
        ("ê" * 70, "UCS-2", 70, 1),
        ("ê" * 71, "UCS-2", 71, 2),
        ("ê" * 134, "UCS-2", 134, 2),
        ("ê" * 135, "UCS-2", 135, 3),
        ("🔥" * 35, "UCS-2", 70, 1),
        ("ê" * 66 + "🔥" + "ê" * 66, "UCS-2", 134, 3),  # nor does a surrogate pair
        ("ê{", "UCS-2", 2, 1),
    ],
)
def test_a_text_is_measured(text, encoding, units, segments):
    assert measure(text) == TextSize(encoding=Encoding(encoding), units=units, segments=segments)


@settings(max_examples=200, deadline=None)
@given(texts)
def test_measuring_agrees_with_filling_segments_one_by_one(text):
    gsm7 = all(char in "\f^{}\\[~]|€" or (char in BASIC and char != "\x1b") for char in text)
    cost = [2 if (char in "^{}\\[~]|€\f" if gsm7 else ord(char) > 0xFFFF) else 1 for char in text]
    alone, part = (160, 153) if gsm7 else (70, 67)
    segments: list[int] = []
    for units in cost:
        if segments and segments[-1] + units <= part:
            segments[-1] += units
        else:
            segments.append(units)
    expected = min(1, sum(cost)) if sum(cost) <= alone else len(segments)
    encoding = Encoding.GSM7 if gsm7 else Encoding.UCS2
    assert measure(text) == TextSize(encoding=encoding, units=sum(cost), segments=expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("é è à ù ñ ö _ @ Ç É ß Ø [a|b] {x} ~ €5 £ ¥ § ¿", "é è à ù ñ ö _ @ Ç É ß Ø [a|b] {x} ~ €5 £ ¥ § ¿"),
        ("prêt ça naïf Île ŒUVRE œuf", "pret ca naif Ile OEUVRE oeuf"),
        ("l’hôte “db” «x» ‹y›…", 'l\'hote "db" "x" <y>...'),
        ("a → b ← c ⇒ d ↔ e", "a -> b <- c => d <-> e"),
        ("load ↑ disk ↓", "load up disk down"),
        ("a\u2013b\u2014c\u2011d\u2212e • f", "a-b-c-d-e - f"),
        ("90\xa0%\u202f!\u3000x", "90 % ! x"),
        ("a\tb\nc\r\nd\x00e\x7ff", "a b c  d e f"),
        ("`id` ´x´", "'id' 'x'"),
        ("\u202ea\u200bb\ufeffc\u2066d\u00ade", "abcde"),
        ("🔥 fire 👍🏽 👩\u200d👩\u200d👧 🇫🇷 ❤️ ⚠️ ✅ ★", " fire       "),
        ("5️⃣ #️⃣", "5 #"),
        ("21 ℃, 85°C, 90 °F, 45° left", "21 C, 85C, 90 F, 45deg left"),
        ("№ 5, m², 10⁶, 10⁻³, CO₂, ½, 2½", "No 5, m2, 10^6, 10^-3, CO2, 1/2, 2 1/2"),
        ("5 µs 5 μs 3×4 10÷2 ±1 ≥2 ≤3 ≠4 ≈5 ·", "5 us 5 us 3x4 10/2 +/-1 >=2 <=3 !=4 ~5 ."),
        ("Ｆｕｌｌ ①② Ⅳ ﬁn ㎏ 𝐛𝐨𝐥𝐝", "Full 12 IV fin kg bold"),
        ("₹5 ₿2 ‰ ©x®™", "Rs5 BTC2 %0 (c)x"),
        ("Łódź Žižkov İzmir ılık Þór Đà Nẵng Őr űr ẞ", "Lodz Zizkov Izmir ilik Thor Dà Nang Ör ür SS"),
        ("ǻ ǽ ǿ ǜ", "å æ ø ü"),
        ("e\u0301 n\u0303 q\u0301", "é ñ q"),
        ("Υψηλό φορτίο στη βάση", "YΨHΛO ΦOPTIO ΣTH BAΣH"),
        ("α β λ-calculus σ", "a b Λ-calculus Σ"),
        ("٣ ३ ３", "3 3 3"),
        ("a\ud800b", "ab"),
    ],
)
def test_what_gsm7_lacks_is_read_in_gsm7(text, expected):
    assert transliterate(text) == expected
    assert measure(expected).encoding is Encoding.GSM7


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("磁盘已满：/var “90%”", '磁盘已满：/var "90%"'),
        ("ディスクがいっぱい。", "ディスクがいっぱい。"),
        ("디스크 🔥 가득", "디스크  가득"),
        ("القرص ممتلئ ۹۰", "القرص ممتلئ 90"),
        ("הדיסק מלא", "הדיסק מלא"),
        ("ดิสก์เต็ม", "ดิสก์เต็ม"),
        ("डिस्क क्\u200dष", "डिस्क क्\u200dष"),
        ("می\u200cخواهم \u200cx", "می\u200cخواهم x"),
        ("Диск заполнен — м’яч", "Диск заполнен - м’яч"),
        ("и\ufe0f\u0306", "й"),
    ],
)
def test_a_script_without_a_sensible_reading_stays_and_costs_ucs2(text, expected):
    assert transliterate(text) == expected
    assert measure(expected).encoding is Encoding.UCS2


def test_nobody_gets_a_line_of_question_marks():
    everything = map(chr, (*range(0x3100), *range(0xA000, 0xB000), *range(0x1F000, 0x1FB00)))
    assert not [char for char in everything if char.isalnum() and "?" in transliterate(char)]


@settings(max_examples=300, deadline=None)
@given(texts)
def test_transliterating_twice_changes_nothing_more(text):
    once = transliterate(text)
    assert transliterate(once) == once


@settings(max_examples=300, deadline=None)
@given(texts)
def test_a_gsm7_text_survives_the_air(text):
    read = transliterate(text)
    if measure(read).encoding is Encoding.GSM7:
        assert decode(encode(read)) == read


def test_plain_text_is_handed_back_as_it_is():
    text = "CPU above 90% on web-01 {job=node} ~ 5 €"
    assert transliterate(text) is text
