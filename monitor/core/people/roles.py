"""Words for roles and offices, and what stands before a name. Lower case."""

from __future__ import annotations


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


def _phrases(listed: str) -> frozenset[str]:
    return frozenset(listed.split("|"))


HONORIFICS = _words(
    """
    mr mrs ms miss mx dr prof sir dame lord lady sen rep gov gen col lt sgt capt cpl pvt adm cmdr maj rev fr
    st hon pres sens reps govs atty amb supt det herr frau monsieur madame mme m señor señora don doña sr sra
    bay hanım sheikh imam rabbi ayatollah pope king queen prince princess emir sultan crown ex former late
    acting interim democrat republican
    """
)
"""Titles and abbreviations before a name, without their full stop."""

ROLE_HEADS = _words(
    """
    president premier chancellor minister secretary ambassador consul envoy emissary attaché chargé spokesman
    spokeswoman spokesperson speaker director chairman chairwoman chairperson chair chief head commissioner
    commander governor mayor senator congressman congresswoman representative lawmaker legislator deputy mp
    mep attorney prosecutor judge justice sheriff general admiral colonel major captain lieutenant sergeant
    marshal officer official executive ceo cfo coo cto founder co-founder cofounder owner manager editor
    professor analyst economist strategist adviser advisor aide counsel counselor counsellor lawyer solicitor
    barrister leader whip coordinator administrator superintendent inspector auditor treasurer trustee
    rapporteur negotiator diplomat correspondent reporter columnist historian researcher scientist physician
    surgeon bishop archbishop cardinal patriarch mufti chaplain pastor undersecretary under-secretary
    vice-president nominee candidate activist pollster author actor actress singer coach kingpin warden
    archivist dean provost rector ombudsman comptroller minister-president paramount principal partner
    specialist expert fellow scholar curator conductor sociologist criminologist archaeologist biologist geologist
    geographer demographer psychologist psychiatrist epidemiologist virologist seismologist meteorologist
    climatologist oceanographer astronomer physicist chemist linguist theologian paramedic detective constable
    commodore brigadier lecturer organizer organiser member czar secretary-general
    director-general attorney-general governor-general prince princess king queen emir sultan pope ayatollah
    envoy
    """
)
ROLE_MODIFIERS = _words(
    """
    prime foreign deputy vice assistant associate acting interim former ex first second senior junior
    permanent special chief executive managing general regional national federal state local provincial
    municipal presidential parliamentary press public interior defense defence finance justice home energy
    health education trade economy economic labor labour agriculture transport environment culture security
    intelligence police army navy air military attorney solicitor house senate opposition majority minority
    party campaign communications political legal financial operating technology information marketing policy
    district county city supreme high civil joint outgoing incoming newly-elected longtime veteran principal
    external internal global of co exterior homeland treasury commerce transportation housing veterans drug
    border crown research science program programme project country mission presiding under lead interim
    immigration migration asylum citizenship refugee refugees integration fisheries railways railway petroleum oil gas
    mines mining minerals water power electricity tourism religious social welfare gender women youth sports digital
    infrastructure planning development employment industry industrial investment emergency emergencies humanitarian
    aviation ports maritime customs forestry lands rural urban diaspora disaster
    """
)
OFFICES_OF = _words(
    """
    state defense defence energy commerce labor agriculture education transportation health treasury war
    """
)
"""Departments behind "Secretary of" that belong to the title, not to the name that follows."""

ROLES_OTHER = {
    "es": (
        "presidente|presidenta|primer ministro|primera ministra|ministro|ministra|canciller|embajador|embajadora|"
        "portavoz|vocero|vocera|gobernador|gobernadora|alcalde|alcaldesa|secretario|secretaria|director|"
        "directora|fiscal general|fiscal|senador|senadora|diputado|diputada|jefe|jefa|vicepresidente|"
        "vicepresidenta|expresidente|general|comisario|comisaria|juez|jueza|líder"
        "|subsecretario|subsecretaria|viceministro|viceministra|excanciller|exministro|exministra|delegado"
        "|delegada|coordinador|coordinadora|procurador|procuradora|magistrado|magistrada|ministro del interior"
        "|ministra de defensa|comandante|coronel|concejal|rector|rectora|investigador|investigadora|profesor"
        "|profesora|abogado|abogada|analista|presidente del gobierno|consejero|consejera|entrenador|entrenadora"
    ),
    "pt": (
        "presidente|primeiro-ministro|primeira-ministra|ministro|ministra|chanceler|embaixador|embaixadora|"
        "porta-voz|governador|governadora|prefeito|prefeita|secretário|secretária|diretor|diretora|senador|"
        "senadora|deputado|deputada|vice-presidente|chefe"
        "|delegado|delegada|promotor|promotora|procurador|procuradora|procurador-geral|coordenador|coordenadora"
        "|comandante|coronel|general|juiz|juíza|desembargador|pesquisador|pesquisadora|professor|professora"
        "|advogado|advogada|ex-presidente|ex-ministro|vice-presidenta|secretário-geral|líder|comissário"
    ),
    "fr": (
        "président|présidente|premier ministre|première ministre|ministre|chancelier|ambassadeur|ambassadrice|"
        "porte-parole|gouverneur|maire|secrétaire général|secrétaire d'état|secrétaire d’état|directeur général|"
        "directeur|directrice|procureur|procureure|sénateur|sénatrice|député|députée|chef|vice-président|général|"
        "préfet|commissaire"
        "|garde des sceaux|commandant|colonel|juge|avocat|avocate|chercheur|chercheuse|professeur|professeure"
        "|vice-présidente|conseiller|conseillère|secrétaire générale|directrice générale|délégué|déléguée"
        "|commandante|ancien ministre|ancienne ministre|ex-président|premier secrétaire|coordinateur"
        "|coordinatrice|envoyé spécial|envoyée spéciale|haut-commissaire|haute-commissaire|commissaire européen"
    ),
    "de": (
        "präsident|präsidentin|bundespräsident|bundeskanzler|bundeskanzlerin|kanzler|kanzlerin|ministerpräsident|"
        "ministerpräsidentin|premierminister|premierministerin|außenminister|außenministerin|innenminister|"
        "innenministerin|verteidigungsminister|verteidigungsministerin|finanzminister|finanzministerin|"
        "wirtschaftsminister|wirtschaftsministerin|justizminister|justizministerin|gesundheitsminister|"
        "gesundheitsministerin|minister|ministerin|botschafter|botschafterin|sprecher|sprecherin|"
        "regierungssprecher|bürgermeister|bürgermeisterin|oberbürgermeister|generalsekretär|generalsekretärin|"
        "vorsitzender|vorsitzende|parteichef|parteichefin|direktor|direktorin|staatssekretär|us-präsident|"
        "us-außenminister|kremlchef|general|chef|chefin"
        "|geschäftsführer|geschäftsführerin|leiter|leiterin|kurator|kuratorin|richter|richterin|staatsanwalt"
        "|staatsanwältin|anwalt|anwältin|oberst|kommissar|kommissarin|fraktionschef|fraktionschefin|senator"
        "|senatorin|abgeordneter|abgeordnete|forscher|forscherin|trainer|trainerin|beauftragter|beauftragte"
    ),
    "it": (
        "presidente|premier|primo ministro|ministro|ministra|cancelliere|ambasciatore|ambasciatrice|portavoce|"
        "governatore|sindaco|sindaca|segretario generale|segretario|segretaria|direttore|direttrice|procuratore|"
        "senatore|senatrice|deputato|generale|vicepresidente"
        "|sottosegretario|sottosegretaria|viceministro|viceministra|vicepremier|commissario|commissaria"
        "|prefetto|questore|generale|colonnello|giudice|pm|avvocato|avvocata|deputata|senatrice|ricercatore"
        "|ricercatrice|professore|professoressa|capo|leader|ministro dell'interno|ministro degli esteri"
        "|ministro della difesa|ministro dell’interno|presidente del consiglio|coordinatore|coordinatrice"
        "|curatrice|curatore"
    ),
    "ru": (
        "президент|премьер-министр|премьер|министр иностранных дел|министр обороны|министр внутренних дел|"
        "министр финансов|министр|глава мид|глава государства|глава|посол|пресс-секретарь|"
        "официальный представитель|представитель|губернатор|мэр|генеральный секретарь|генсек|секретарь|директор|"
        "спикер|депутат|сенатор|председатель|заместитель министра|замминистра|генеральный прокурор|генпрокурор|"
        "канцлер|генерал|вице-президент"
        "|начальник управления|начальник|руководитель|глава минобороны|глава минфина|вице-премьер|омбудсмен"
        "|адвокат|прокурор|судья|полковник|командующий|координатор|эксперт|аналитик|профессор|исследователь"
        "|зампред|первый заместитель министра|официальный представитель мид|заместитель председателя"
        "|заместитель|первый заместитель|советник|помощник|постпред|постоянный представитель|спецпредставитель|вице-мэр"
        "|представитель управления|министр экономики|министр юстиции|министр энергетики|тренер"
    ),
    "uk": (
        "президент|президентка|прем'єр-міністр|прем’єр-міністр|міністр закордонних справ|міністр оборони|міністр|"
        "глава|голова|посол|речник|речниця|губернатор|мер|генеральний секретар|директор|спікер|депутат|секретар|"
        "прокурор|канцлер|генерал|заступник|заступниця|міністерка|керівник|керівниця|очільник|очільниця|начальник"
        "|радник|радниця|представник|представниця|уповноважений"
    ),
    "uz": (
        "prezident|bosh vazir|tashqi ishlar vaziri|ichki ishlar vaziri|mudofaa vaziri|vazir|vaziri|elchi|elchisi|"
        "hokim|hokimi|raisi|matbuot kotibi"
        "|bosh direktori|bosh prokuror|sudyasi|rektori|direktori|deputat|senator|vazir o‘rinbosari|rahbari"
        "|boshlig‘i|президент|бош вазир|ташқи ишлар вазири|ички ишлар вазири|мудофаа вазири|вазир|вазири|элчи"
        "|элчиси|ҳоким|ҳокими|раиси|матбуот котиби|бош прокурор|раҳбари|бошлиғи|директори|вазир ўринбосари"
        "|сенатор|депутат"
    ),
    "pl": (
        "prezydent|premier|wicepremier|minister|minister spraw zagranicznych|minister spraw wewnętrznych|"
        "minister obrony|minister obrony narodowej|wiceminister|ambasador|rzecznik|rzeczniczka|rzecznik prasowy|"
        "rzeczniczka prasowa|wojewoda|burmistrz|komendant|prokurator|generał|pułkownik|sekretarz generalny|"
        "marszałek sejmu|marszałek senatu|marszałek|poseł|posłanka|senator|dyrektor|prezes|szef|szefowa|szef msz|"
        "szef mswia|szef mon|przewodniczący|przewodnicząca|kanclerz|profesor|sędzia|adwokat|rzecznik rządu"
    ),
    "tr": (
        "cumhurbaşkanı|başbakan|dışişleri bakanı|içişleri bakanı|savunma bakanı|milli savunma bakanı|bakan|"
        "bakanı|büyükelçi|büyükelçisi|sözcüsü|valisi|vali|genel sekreteri|başkanı|başkan|müdürü|milletvekili|"
        "genel başkanı|başbakanı|devlet başkanı"
        "|teknik direktör|direktör|antrenör|savcısı|komutanı|genel müdürü|genel başkan yardımcısı|başkan yardımcısı"
        "|bakan yardımcısı|temsilcisi|kaymakamı|emniyet müdürü|genel sekreter|ticaret bakanı|adalet bakanı"
        "|maliye bakanı|hazine ve maliye bakanı|sağlık bakanı|enerji ve tabii kaynaklar bakanı"
    ),
}
"""Language to roles as they stand before a name, in small letters, set apart by "|"."""

ABBREVIATIONS = _words("sen rep gov gen col lt sgt capt cpl adm cmdr maj sens reps govs lt.gov brig")
"""Abbreviated offices and ranks before a name; their full stop is cut."""

TITLES = _words(
    """
    president premier chancellor minister secretary ambassador senator congressman congresswoman governor
    mayor general admiral colonel major captain judge justice sheriff speaker commissioner representative king
    queen pope archbishop cardinal chairman chairwoman attorney-general
    """
)
"""Offices before which a surname alone is usual."""

OF_ROLES = _phrases(
    "chief of mission|chief of staff|chief of police|chief of general|chief of defense|chief of defence|"
    "chief of protocol|minister of foreign|minister of defense|minister of defence|minister of interior|"
    "minister of internal|minister of finance|minister of justice|minister of health|minister of education|"
    "minister of energy|minister of trade|minister of economy|minister of labor|minister of labour|"
    "minister of agriculture|minister of transport|minister of home|minister of state|minister of external|"
    "minister of culture|minister of environment|head of state|head of government|head of mission|"
    "member of parliament|member of congress|president of ceremonies|leader of opposition|"
    "director of communications|director of operations|director of research|vice president of communications|"
    "chargé of affaires"
)
"""Roles that go on with "of", as head, "of", and the word behind (without an article)."""

ARTICLES = _words("a an the its his her their our this that")

NOT_NAMES = _words(
    """
    the a an and but or of for in on at to from with by as if when while after before since who what this that
    these those he she it they we i you his her its their our office department ministry agency bureau
    administration government committee council commission board court senate house congress parliament party
    union association league conference university college institute school hospital company corporation corp
    inc group bank fund foundation center centre street avenue road county city state states motors electric
    mills dynamics assembly secretariat election elections campaign republic national international united
    north south east west northern southern eastern western monday tuesday wednesday thursday friday saturday
    sunday january february march april may june july august september october november december today
    yesterday tomorrow here there mr mrs ms executive officer staff affairs embassy services service police
    army navy force forces american british russian chinese french german democratic republican democrats
    republicans series times news post journal tribune magazine day week new big great no not yes hotel
    airport palace square park club team cup
    """
)
"""Words that are written with a capital beside a role and are no part of a person's name."""

NOT_ORGANISATIONS = _words(
    """
    the of for and a an in but on at as when while after with by from to before if then former that meanwhile
    however also now later still earlier like unlike under even both although though because since where why
    how so yes no did does was is were has have had will would mr mrs ms monday tuesday wednesday thursday
    friday saturday sunday
    """
)
"""Words with a capital at the start of a sentence that are no part of the body before a role."""
