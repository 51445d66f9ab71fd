"""Words for roles and offices, and what stands before a name. Lower case."""

from __future__ import annotations

HONORIFICS = frozenset(
    "mr mrs ms miss mx dr prof sir dame lord lady sen rep gov gen col lt sgt capt cpl pvt adm cmdr maj rev fr st hon "
    "pres sens reps govs atty amb supt det herr frau monsieur madame mme m señor señora don doña sr sra bay hanım "
    "sheikh imam rabbi ayatollah pope king queen prince princess emir sultan crown ex former late acting interim".split()
)
"""Titles and abbreviations before a name, without their full stop."""

ROLE_HEADS = frozenset(
    # English
    "president premier chancellor minister secretary ambassador consul envoy emissary attaché chargé spokesman spokeswoman "
    "spokesperson speaker director chairman chairwoman chairperson chair chief head commissioner commander governor mayor "
    "senator congressman congresswoman representative lawmaker legislator deputy mp mep attorney prosecutor judge justice "
    "sheriff general admiral colonel major captain lieutenant sergeant marshal officer official executive ceo cfo coo cto "
    "founder co-founder cofounder owner manager editor professor analyst economist strategist adviser advisor aide counsel "
    "counselor counsellor lawyer solicitor barrister leader whip coordinator administrator superintendent inspector auditor "
    "treasurer trustee rapporteur negotiator diplomat correspondent reporter columnist historian researcher scientist "
    "physician surgeon bishop archbishop cardinal patriarch mufti chaplain pastor undersecretary under-secretary "
    "vice-president nominee candidate democrat republican activist pollster author actor actress singer coach "
    "kingpin warden archivist dean provost rector ombudsman comptroller minister-president paramount principal partner "
    "specialist expert fellow scholar lecturer organizer organiser volunteer member".split()
)
ROLE_MODIFIERS = frozenset(
    "prime foreign deputy vice assistant associate acting interim former ex first second senior junior permanent special "
    "chief executive managing general regional national federal state local provincial municipal presidential "
    "parliamentary press public interior defense defence finance justice home energy health education trade economy economic "
    "labor labour agriculture transport environment culture security intelligence police army navy air military "
    "attorney solicitor house senate opposition majority minority party campaign communications political legal "
    "financial operating technology information marketing policy district county city supreme high civil joint "
    "outgoing incoming newly-elected longtime veteran supreme lead principal external internal global of co exterior "
    "defense/secretary research science program programme project country mission".split()
)
OFFICES_OF = frozenset("state defense defence energy commerce labor agriculture education transportation health treasury war".split())
"""Departments behind "Secretary of" that belong to the title, not to the name that follows."""

ROLES_OTHER = {
    # role as written (one word or more), lower case
    "es": "presidente|presidenta|primer ministro|primera ministra|ministro|ministra|canciller|embajador|embajadora|portavoz|vocero|vocera|"
    "gobernador|gobernadora|alcalde|alcaldesa|secretario|secretaria|director|directora|fiscal general|fiscal|senador|senadora|diputado|diputada|"
    "jefe|jefa|vicepresidente|vicepresidenta|expresidente|general|comisario|comisaria|juez|jueza|líder",
    "pt": "presidente|primeiro-ministro|primeira-ministra|ministro|ministra|chanceler|embaixador|embaixadora|porta-voz|governador|governadora|"
    "prefeito|prefeita|secretário|secretária|diretor|diretora|senador|senadora|deputado|deputada|vice-presidente|chefe",
    "fr": "président|présidente|premier ministre|première ministre|ministre|chancelier|ambassadeur|ambassadrice|porte-parole|gouverneur|"
    "maire|secrétaire général|secrétaire d'état|secrétaire d’état|directeur général|directeur|directrice|procureur|procureure|sénateur|sénatrice|"
    "député|députée|chef|vice-président|général|préfet|commissaire",
    "de": "präsident|präsidentin|bundespräsident|bundeskanzler|bundeskanzlerin|kanzler|kanzlerin|ministerpräsident|ministerpräsidentin|"
    "premierminister|premierministerin|außenminister|außenministerin|innenminister|innenministerin|verteidigungsminister|"
    "verteidigungsministerin|finanzminister|finanzministerin|wirtschaftsminister|wirtschaftsministerin|justizminister|justizministerin|"
    "gesundheitsminister|gesundheitsministerin|minister|ministerin|botschafter|botschafterin|sprecher|sprecherin|regierungssprecher|bürgermeister|"
    "bürgermeisterin|oberbürgermeister|generalsekretär|generalsekretärin|vorsitzender|vorsitzende|parteichef|parteichefin|direktor|direktorin|"
    "staatssekretär|us-präsident|us-außenminister|kremlchef|general|chef|chefin",
    "it": "presidente|premier|primo ministro|ministro|ministra|cancelliere|ambasciatore|ambasciatrice|portavoce|governatore|sindaco|sindaca|"
    "segretario generale|segretario|segretaria|direttore|direttrice|procuratore|senatore|senatrice|deputato|generale|vicepresidente",
    "ru": "президент|премьер-министр|премьер|министр иностранных дел|министр обороны|министр внутренних дел|министр финансов|министр|глава мид|"
    "глава государства|глава|посол|пресс-секретарь|официальный представитель|представитель|губернатор|мэр|генеральный секретарь|генсек|секретарь|"
    "директор|спикер|депутат|сенатор|председатель|заместитель министра|замминистра|генеральный прокурор|генпрокурор|канцлер|генерал|вице-президент",
    "uk": "президент|президентка|прем'єр-міністр|прем’єр-міністр|міністр закордонних справ|міністр оборони|міністр|глава|голова|посол|речник|речниця|"
    "губернатор|мер|генеральний секретар|директор|спікер|депутат|секретар|прокурор|канцлер|генерал",
    "tr": "cumhurbaşkanı|başbakan|dışişleri bakanı|içişleri bakanı|savunma bakanı|milli savunma bakanı|bakan|bakanı|büyükelçi|büyükelçisi|sözcüsü|"
    "valisi|vali|genel sekreteri|başkanı|başkan|müdürü|milletvekili|genel başkanı|başbakanı|devlet başkanı",
}
