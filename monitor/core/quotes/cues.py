"""Words that attribute speech, and the small words around them. Lower case; matched against lower-cased tokens."""

from __future__ import annotations


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_REGULAR = _words(
    """
    accuse acknowledge add address admit admonish advise advocate affirm agree allege announce answer
    apologize apologise argue ask assail assert assure attack attest bash bellow bemoan berate blast blog
    blurt boast brand call caution challenge characterize characterise charge chant cheer chide chime chirp
    cite claim clarify comment compare complain concede conclude condemn confess confide confirm contend
    continue counter cry criticize criticise crow deadpan declare decry defend demand denounce deny depict
    deride describe detail disclose dismiss dub elaborate email emphasize emphasise encourage endorse estimate
    exclaim exhort expect explain express fume gripe grouse gush hail hint identify implore imply indicate
    inform inquire insinuate insist instruct interject intone introduce joke label lambast lambaste lament
    laud lecture mention moan mock mourn murmur muse mutter narrate note object observe offer opine outline
    pitch pledge plead point portray post praise preach predict proclaim promise promote pronounce propose
    protest push question quip quote rail rant rate reason reassure rebuke recall recite recommend recount
    refer reiterate relate remark remember remind reminisce repeat reply report request respond retort reveal
    ridicule roar scoff scold scream shout shrug sigh slam snap sneer speculate state stipulate stress suggest
    summarize summarise surmise tease testify text theorize threaten tout trumpet tweet urge venture vent
    voice volunteer vow wail warn whisper wonder worry yell reference reckon caption
    """
)

_IRREGULAR = _words(
    """
    slammed slamming admitted admitting snapped snapping rebutted rebutting panned said says say saying told
    tells tell telling wrote writes write writing written thought thinks think spoke speaks speaking found
    finds read reads reading sang sings swore swears began begins foretold retweeted put puts went goes
    believes believe believed felt feels feeling argues hopes hoped hoping sees saw knows denied denies cried
    cries replied replies replying implied implies worried worries testified testifies clarified clarifies
    identified identifies decried decries quipped quips confided dubbed referred refers referring referenced
    """
)

BARE = _words(
    """
    say tell write think believe insist argue claim call describe complain suggest contend report ask warn
    """
)
"""Plain forms that count as cues, behind a plural; the others are nouns as often as verbs."""


def _forms(base: str) -> tuple[str, str, str]:
    if base.endswith("e"):
        return base + "s", base + "d", base[:-1] + "ing"
    if base.endswith(("s", "sh", "ch", "x", "z")):
        return base + "es", base + "ed", base + "ing"
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ies", base[:-1] + "ied", base + "ing"
    return base + "s", base + "ed", base + "ing"


ENGLISH = frozenset(form for base in _REGULAR for form in _forms(base)) | _IRREGULAR | BARE
_NOUN_BASES = _words(
    """
    attack address answer call challenge charge claim comment cry demand estimate express label note object
    offer pitch pledge point post promise protest push question quote rate reason remark reply report request
    state text tweet voice worry brand cheer chant rant vow hope detail boast joke
    """
)
NOUN_LIKE = frozenset(_forms(base)[0] for base in _NOUN_BASES) | {"reads", "finds", "feels", "puts", "hopes", "sees"}
"""Forms in -s that are plural nouns too: no cue behind an article or an adjective."""

STRONG = _words(
    """
    said says say saying told tells tell telling wrote writes writing added adds adding asked asks asking
    tweeted tweets declared stated noted explained insisted warned replied responded continued argued recalled
    concluded joked quipped
    """
)

OTHER_LANGUAGES = _words(
    """
    dijo dice dijeron decía afirmó afirma afirmaron aseguró asegura aseguraron declaró declara declararon
    señaló señala señalaron explicó explica explicaron añadió añade agregó agrega indicó indica sostuvo
    sostiene manifestó manifiesta advirtió advierte expresó expresa subrayó subraya recordó recuerda insistió
    insiste comentó comenta apuntó apunta destacó destaca reiteró reconoció admitió anunció denunció precisó
    aclaró escribió escribe respondió concluyó contó
    disse diz disseram afirmou declarou explicou acrescentou ressaltou destacou escreveu contou comentou
    lembrou reforçou alertou avaliou completou relatou informou concluiu
    dit déclaré déclare déclarait affirmé affirme assuré assure expliqué explique ajouté ajoute souligné
    souligne estimé estime précisé précise indiqué indique rappelé rappelle confié confie lancé lance écrit
    regretté regrette martelé martèle insisté insiste raconté raconte répondu répond prévenu prévient dénoncé
    dénonce commenté commente poursuivi poursuit conclu conclut
    sagte sagt sagten erklärte erklärt erklärten betonte betont meinte meint schrieb schreibt forderte fordert
    warnte warnt kritisierte kritisiert kündigte fügte ergänzte antwortete äußerte berichtete berichtet
    unterstrich mahnte behauptete teilte hieß
    detto dichiarato dichiara affermato afferma spiegato spiega aggiunto aggiunge sottolineato sottolinea
    scritto scrive parla parlano ribadito ribadisce commentato commenta osservato racconta precisato
    zei zegt zeiden verklaarde stelt benadrukte vertelde vertelt schreef schrijft
    powiedział powiedziała mówi mówił mówiła stwierdził stwierdziła oświadczył oświadczyła podkreślił
    podkreśliła dodał dodała zaznaczył zaznaczyła napisał napisała poinformował poinformowała ocenił oceniła
    сказал сказала сказали сказало заявил заявила заявили заявляет отметил отметила отметили отмечает
    подчеркнул подчеркнула подчеркнули добавил добавила сообщил сообщила сообщили говорит говорил говорила
    написал написала пояснил пояснила рассказал рассказала объяснил объяснила считает уточнил уточнила
    напомнил напомнила утверждает ответил ответила
    сказав сказала заявив заявила зазначив зазначила підкреслив підкреслила додав додала повідомив повідомила
    пояснив пояснила наголосив наголосила написав розповів розповіла каже
    dedi söyledi belirtti açıkladı vurguladı konuştu ekledi kaydetti bildirdi diyor yazdı dile aytdi
    taʼkidladi ta’kidladi ta'kidladi yozdi maʼlum qo‘shimcha деди айтди таъкидлади
    قال وقال قالت وقالت يقول وأضاف أضاف وأضافت أضافت صرح وصرح أكد وأكد أكدت وأكدت أعلن وأعلن أعلنت أوضح وأوضح
    أوضحت ذكر وذكر كتب وكتب گفت افزود
    """
)
"""Spanish, Portuguese, French, German, Italian, Dutch, Polish, Russian, Ukrainian, Turkish, Uzbek, Arabic, Persian."""
CUES = ENGLISH | OTHER_LANGUAGES

ACCORDING = {"according": "to"} | dict.fromkeys(
    ("según", "selon", "d'après", "d’après", "laut", "segundo", "secondo", "według", "volgens", "словам", "мнению"), ""
)
"""Words that a source follows, and the word between, if any."""

PRONOUNS = _words(
    """
    he she they it i we you who him her them both one which él ella ellos ellas il elle ils elles er sie lui
    lei ele ela он она они він вона вони on ona oni هو هي
    """
)
PERSONAL = _words(
    """
    he she they him her them él ella il elle er sie lui lei ele ela он она они він вона вони on ona
    """
)

DETERMINERS = _words(
    """
    a an the one some several many most another other two three four five six seven eight nine ten both all
    each every his her their its our my your this that these those no any few dozens hundreds un una el la los
    las unos unas le les une des l' ein eine einer eines der die das den dem uno il lo gli o os as um uma
    """
)
SKIPPED = _words(
    """
    also then later once again even just still never always often already further first not n't too now soon
    subsequently has have had would will did does do can could may might must should has is was were are am
    been being be hat haben hatte a ha han había habrá haben wird 's ’s since thus instead rather only yet
    ever также потом затем тоже ранее también además aussi auch zuletzt dann
    """
)
BE = _words("is was were are been being be am get got gets")
TO_VERBS = _words(
    """
    went on goes go going continued continues seemed appeared tried sought used proceeded managed decided
    wanted returned
    """
)
PREPOSITIONS = _words(
    """
    of for at from with to in on by about into against over under between within among during near de del du
    des von der van da do dos das di della vom zum al en per para por pour chez für bei из от по в с
    """
)
LINKS = _words("and or y e et und или и")
OPENERS = _words(
    """
    in on at after when while as during for with by from speaking asked since before if although though
    despite until following amid throughout because through under over besides beyond
    """
)
BREAKS = _words(
    """
    that when as but and or because while after before if although though since whether where than so until
    unless via whom whose what why how que y e und dass weil als che et mais ou что и а но который which who
    said told
    """
) - {"who", "which"}
TIME_WORDS = _words(
    """
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december yesterday today tomorrow tonight last this earlier later
    """
)
AFTER_NAME = _words(
    """
    in on during to after before when while as who that about via by last this yesterday today tonight earlier
    later with without referring speaking adding at from through upon regarding since because following if but
    and then again bei beim vor nach gegenüber lors durante tras ante dans nel nella alla при перед podczas
    """
)
FUNCTION_CAPS = _words(
    """
    the a an but and so or yet on in at as when while after before if for from with by to of then now also
    later still even meanwhile however instead indeed it he she they we i you this that these those his her
    their its our my there here what who why how where which because since although though despite asked
    speaking according el la los las un una en de le les une des der die das ein eine in im am il lo и в на по
    но а как что
    """
)
PARTICLES = _words(
    """
    de la le del da dos das do van von der den bin ibn al el ben of el- ter zu und di du y
    """
)

ABBREVIATIONS = _words(
    """
    mr mrs ms dr prof sen rep gov gen col lt sgt capt cpl adm cmdr maj rev st jr sr vs no dept inc corp co ltd ft mt
    sens reps govs jan feb aug sept oct nov dec atty supt lic ing ph
    """
)
AUXILIARIES = _words("has had a ha hat")
ADVERBS = _words("also then later again además также dann")
CONNECTIVES = _words("and but so then still yet now")
AFTER_A_TIME = _words("later ago earlier before after")
BEFORE_VERB = _words("also who and then further")
