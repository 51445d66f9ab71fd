"""Words that say nothing about which event a report is about, folded as `text.tokenise` folds them."""

from __future__ import annotations

from functools import cache

from monitor.core.text import tokenise

_WORDS = {
    "en": """
        a about after again against ago all already also although always am among an and another any are
        around as at away back be because been before began being between both but by came can come could day
        days did do does doing done down due during each early either else even ever every few first for
        former found from further gave get give go going got had has have having he her here him his how
        however i if in including into is it its itself just last late later least less let like made make
        makes making many may me might more most much must my near need never new next no nor not now of off
        often on once one only or other our out over own part people per put rather same saw see seen several
        she should show since so some still such take taken than that the their them themselves then there
        these they thing this those though three through time to today together told too took toward towards
        two under until up upon us use used very via was way we week weeks well went were what when where
        whether which while who whom whose why will with within without would year years yesterday yet you
        your says said say saying according added announced asked called comment described expected issued
        news newspaper noted official officials percent pct report reported reporters reports spokesman
        spokesperson spokeswoman statement think tell want know monday tuesday wednesday thursday friday
        saturday sunday mr mrs ms dr inc corp co ltd company january february march april june july august
        september october november december
    """,
    "es": """
        a al ante antes ano anos asi aunque cada como con contra cual cuando de del desde dia dias dijo donde
        dos durante e el ella ellos en entre era eran es esa ese eso esta estaba estan este esto estos fue
        fueron ha habia han hasta hay hoy la las le les lo los mas me mientras muy ni no nos o otra otro otros
        para pero poco por porque primer primera pues que quien se segun ser si sido sin sobre son su sus
        tambien tan tanto tiene tienen todo todos tras tres un una uno unos y ya lunes martes miercoles jueves
        viernes sabado domingo
    """,
    "fr": """
        a ai ainsi alors apres au aussi autre autres aux avait avant avec avoir ce cela celle celui ces cet
        cette ceux chez comme contre d dans de depuis des deux dit donc dont du elle elles en encore entre est
        et etait ete etre eu eux fait faire il ils jour jours jusqu l la le les leur leurs lors lui mais meme
        moins n ne ni non nos notre nous on ont ou par pas pendant peu peut plus pour pres puis qu quand que
        qui sa sans se selon sera ses si son sont sous sur tous tout toute tres un une vers y annee ans lundi
        mardi mercredi jeudi vendredi samedi dimanche
    """,
    "de": """
        aber ab alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bereits bis
        bisher da dabei dadurch dafur damit dann das dass dazu dem den denn der des die dies diese diesem
        diesen dieser dieses doch dort drei durch ein eine einem einen einer eines er erst es etwa fur gab
        gegen gibt hat hatte hatten habe haben hier ihm ihn ihnen ihr ihre ihrem ihren ihrer im immer in ist
        ja jahr jahre jahren jetzt kann kein keine konnen konnte man mehr mit muss nach nicht noch nun nur ob
        oder ohne sagte sagt sehr sei sein seine seinem seinen seiner seit sich sie sind so soll sollen sollte
        sowie trotz uber um und uns unter viele vom von vor war waren was wegen weil weiter wenn wer werde
        werden wie wieder will wir wird wo wollen worden wurde wurden zu zum zur zwei zwischen laut tag tage
        montag dienstag mittwoch donnerstag freitag samstag sonntag uhr
    """,
    "it": """
        a ad agli ai al alla alle anche ancora anni anno che chi ci come con contro cosi da dagli dai dal
        dalla dalle degli dei del della delle detto di dopo dove due e ed era essere fa fino fra gia gli ha
        hanno i il in io l la le lo loro ma mentre molto ne nei nel nella nelle non nostro o ogni oggi per
        perche piu poi prima quale quando quella quello questa questo quindi se secondo sei si sia sono sotto
        stata stati stato su sua sue sugli sul sulla suo suoi tra tre tutti tutto un una uno
    """,
    "pt": """
        a ao aos apos as ate com como contra da das de depois desde dia dias disse do dos duas dois e ela ele
        eles em entre era essa esse esta este estao foi foram ha ja mais mas muito na nas nao no nos o os ou
        outra outro para pela pelas pelo pelos por porque quando que quem se segundo sem ser seu seus sobre
        sua suas sao tambem tem tinha todos tres um uma ano anos
    """,
    "nl": """
        aan als bij dat de den der deze die dit door een en er haar had hebben heeft het hij hun in is jaar
        kan maar meer met naar niet nog of om ook op over te tegen tot uit van voor was waren wat werd wij
        worden wordt ze zei zich zij zijn zo zou
    """,
    "sv": """
        att av blev den det de dem denna detta dig efter ett eller en for fran fick ha hade han har hon i inte
        icke jeg ikke kan med men mot nar och og om over pa sa sade sier sig seg som skal ska till til under
        ut upp var vid vi er et blir ble ved at fra paa hans
    """,
    "ru": """
        а без более бы был была были было быть в вам вас во вот все всего всех вы где год года году да для до
        его ее если есть еще же за здесь и из или им их к как когда которая которого которой которые который
        которых кто ли лет между меня мне может мы на над нам нас не него нее нет ни них но ну о об один
        однако он она они оно от очень перед по под после потом при про раз с сам свое своей своего своих себя
        сейчас со сообщает сообщил сообщила сообщили сказал сказала заявил заявила отметил так также такой там
        то того тоже только том тот у уже хотя чего чем через что чтобы эта этих это этого этой этом этот дней
        день время числе ранее словам рассказал понедельник вторник среду четверг пятницу субботу
    """,
    "uk": """
        або але без буде був була були було бути в від все всі для до є за з зі і із її їх його й коли ми на
        над не ні про по під після при та так також там те ти то тому тільки у цей ця це ці чи що щоб як який
        яка яке які року рік роки повідомив заявив
    """,
    "pl": """
        a aby ale az bardzo bez bedzie bo by byl byla bylo byly byc co czy dla do dnia gdy go i ich im ja jak
        jako je jednak jego jej jest jeszcze juz ktora ktore ktory ktorych lub ma mi moze na nad nie nim niz o
        od on ona oni oraz po pod podczas powiedzial przed przez przy sa sie swoje ta tak takze tam te tego
        tej ten to tych tylko tym u w wraz we wiec wszystkich z za ze zostal rok roku lat
    """,
    "tr": """
        ama ancak bazi bir biri birlikte bu bunu cok da daha de dedi degil diye dun en gibi gore gun hem her
        icin ifade ile ise iki ilk ilgili kadar karsi ki mi mu nasil ne o olan olarak oldu oldugu olduğunu
        olduklarini olmak on onun sonra soyledi su tarafindan uzere uzerinde var ve veya ya yeni yer yil yok
        yuzde eden edildi etti belirtti
    """,
    "uz": """
        bilan bo'lgan bo'ldi bo'lib bir bo'yicha bu bunda edi ega esa etdi etildi haqida ham hamda har keyin
        kerak kun lekin mazkur mumkin o'z orqali qilindi qilish shu uchun uning ushbu va yangi yil yilda aytdi
        ma'lum deb билан бўлган бўлди бўлиб бир бўйича бу бунда эди эса этди ҳақида ҳам ҳамда ҳар кейин лекин
        мазкур мумкин ўз орқали қилинди шу учун унинг ушбу ва янги йил йилда деб
    """,
    "ar": """
        ال في من على الى عن ان التي الذي هذا هذه ذلك مع كان كانت كما لا لم لن ما هو هي او بعد قبل قد كل بين
        حتى عند غير وقال قال وقالت قالت واضاف اضاف واكد اكد ايضا اي منذ خلال حيث اليوم امس عام وفي ومن وعلى
        والتي والذي وكان وان به بها له لها فيه فيها عليه عليها منه منها وهو وهي ثم اذا لكن لكنه نحو ضد حول دون
    """,
    "fa": """
        و در به از که اين را با است برای آن يک خود تا کرد بر هم نيز شد می وی بود شده گفت کرده ها های اما يا پس
        او ما
    """,
    "id": """
        yang dan di ke dari untuk dengan pada ini itu dalam tidak akan oleh juga telah para sebagai atau kata
        mengatakan ia dia mereka karena ada adalah tersebut saat setelah
    """,
}  # fmt: skip


@cache
def commonplace() -> frozenset[str]:
    """The words of all languages together: a homonym lost costs less than a wrongly guessed language."""
    return frozenset(word for words in _WORDS.values() for word in tokenise(words).words)
