"""An entry becomes proposed events by the rules of the codebook, each value with its reason."""

import ast
import csv
import io
import re
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from jkrel import chronology, codebook, propose
from jkrel.propose import coding, knowledge, patterns
from jkrel.propose.clauses import LONGEST, sentences
from jkrel.propose.event import Event
from jkrel.propose.grammar import Grammar
from jkrel.propose.parties import held
from jkrel.review import review

DATA = Path(__file__).resolve().parents[1] / "data"
MADE_UP = Path(__file__).parent / "proposal_entries.csv"


def told(text, head="May 4, 2015"):
    """The events proposed for one made-up entry."""
    entries = pd.DataFrame({"entry_id": ["x1-001"], "text": [f"{head}: {text}"]})
    return propose.events(entries)


def one(text, head="May 4, 2015"):
    """The only event of an entry."""
    found = told(text, head)
    assert len(found) == 1
    return found.iloc[0]


def check(event, **codes):
    assert {name: event[name] for name in codes} == codes


# The language of patterns


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("lift (ban|controls)", "Lift controls"),
        ("express [2] regret", "express its deep regret"),
        ("express [2] regret", "express regret"),
        ("foreign minister", "Foreign Minister's"),
        ("(UN [1] Council|WTO)", "UN Security Council"),
    ],
)
def test_pattern_matches(pattern, text):
    """Words in lower case match any case; gaps and alternatives are optional wording."""
    assert re.match(patterns.expression(pattern, leading="that"), text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("Park", "park"),
        ("ban", "bank"),
        ("express [1] regret", "express its very deep regret"),
        ("announce [5] meeting", "announce a plan. The meeting"),
        ("announce [5] meeting", "announce that a meeting"),
    ],
)
def test_pattern_does_not_match(pattern, text):
    """A capital asks for itself, words end, and a gap ends with its limit or the sentence."""
    assert re.match(patterns.expression(pattern, leading="that"), text) is None


@pytest.mark.parametrize("pattern", ["", "[3] talks", "talks [3]", "(a|(b|c)) d"])
def test_malformed_pattern(pattern):
    """A pattern that cannot be meant is named, with its id."""
    with pytest.raises(ValueError, match="act-007"):
        patterns.expression(pattern, "act-007")


def test_little_words_are_those_of_the_table():
    """What joins, owns or places is told by the classes of words.csv, and only by them."""
    grammar = Grammar({"agent": "by|at the hands of", "of_agent": "the", "definite": "the"})
    assert grammar.ends_by.search("at the hands of the ")
    assert grammar.ends_by.search("through ") is None
    with pytest.raises(ValueError, match="words.csv: no class 'conjunction'"):
        grammar.listed  # noqa: B018


def test_no_word_of_an_entry_stands_in_the_code():
    """A word between blanks, as a text has it, would be one that nobody can change in a table."""
    word = re.compile(r"[, ]*[a-z]+ | [a-z]+[, ]*")
    for path in sorted(Path(propose.__file__).parent.glob("*.py")):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        within = {part for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
        texts = {n.value for n in nodes if isinstance(n, ast.Constant) and n not in within}
        words = {text for text in texts if isinstance(text, str) and word.fullmatch(text)}
        assert words <= {" entries"}, path


def test_classes_of_words():
    """The name of a class stands for its words, alone or among alternatives."""
    classes = {"lift": "lift|lifts", "bar": "ban|duty"}
    assert (
        patterns.spelt_out("{lift} [2] ({bar}|quota)", classes)
        == "(lift|lifts) [2] (ban|duty|quota)"
    )
    with pytest.raises(ValueError, match="act-007.*'bars'"):
        patterns.spelt_out("{lift} [2] {bars}", classes, "act-007")


def test_no_tables(tmp_path):
    """A folder without patterns is an error, not an empty proposal."""
    with pytest.raises(FileNotFoundError, match="no tables"):
        patterns.read(tmp_path)


def test_longest_match_wins():
    """Of matches that overlap in one layer, the longest counts."""
    found = patterns.read().find("the Foreign Minister")["who"]
    assert [match.words for match in found] == ["Foreign Minister"]


def test_the_weightier_match_wins():
    """Of acts that overlap, the more telling one counts, wherever it begins."""
    found = patterns.read().find("Koizumi makes a fifth visit to Yasukuni")["act"]
    assert [match.row["event_type"] for match in found] == ["contested_act"]


def test_every_id_is_unique_and_every_code_known():
    """Pattern ids are unique, and their codes stand in the code lists."""
    lexicon, codes = patterns.read(), codebook.read(DATA).codes
    ids = [row["pattern_id"] for rows in lexicon.tables.values() for row in rows]
    assert len(ids) == len(set(ids))
    lists = {"acts": ("event_type", "event_types"), "issues": ("issue", "issues")}
    for table, (column, name) in lists.items():
        known = {row["code"] for row in codes[name]}
        assert {row[column] for row in lexicon.tables[table]} <= known
    assert [row["event_type"] for row in lexicon.tables["types"]] == [
        row["code"] for row in codes["event_types"]
    ]


def test_mechanisms_of_patterns_exist():
    """A mechanism that is proposed stands in the table of mechanisms."""
    with (DATA / "mechanisms.csv").open(encoding="utf-8") as file:
        known = {row["mechanism_id"] for row in csv.DictReader(file)}
    assert {row["mechanism"] for row in patterns.read().tables["mechanisms"]} <= known


# The unit: what is an event


def test_dates_and_ids():
    """An entry keeps its day; its events are lettered in the printed order."""
    event = one("Japan and South Korea sign a fisheries agreement.")
    check(event, event_id="x1-001a", date_start="2015-05-04", date_end="2015-05-04")
    check(event, date_precision="day", section="chronology", summary="", status="occurred")


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Japan and South Korea begin a three-day joint naval exercise.", ("04", "06")),
        ("Japan and South Korea conclude two-day talks on fisheries.", ("03", "04")),
        ("Japan and South Korea close two days of talks on fisheries.", ("03", "04")),
        ("Japan imposes a two-week quarantine on South Koreans.", ("04", "04")),
    ],
)
def test_stated_length(text, days):
    """A stated length in days sets the other end."""
    event = one(text)
    assert (event["date_start"][-2:], event["date_end"][-2:]) == days


def test_nothing_fits():
    """Where nothing fits, the row says so and guesses no code."""
    event = one("Cherry trees bloom early along the river.")
    check(event, event_type="", actors="", issue="", note="no pattern fits", confidence=0)


def test_act_and_reaction():
    """A ruling and the other government's reaction are two events, the second an answer."""
    found = told(
        "Seoul High Court orders Nippon Steel Corp. to compensate forced laborers. "
        "Japan's Foreign Ministry calls the ruling unacceptable."
    )
    assert list(found["event_type"]) == ["court_action", "criticism"]
    assert list(found["responds_to"]) == ["", "x1-001a"]
    assert list(found["issue"]) == ["forced_labor", "forced_labor"]
    assert list(found["level"]) == ["judiciary", "government"]


@pytest.mark.parametrize(
    "text",
    [
        "Prime Minister Abe visits Yasukuni Shrine, drawing a protest from South Korea.",
        "Prime Minister Abe visits Yasukuni Shrine, and South Korea lodges a protest.",
        "Prime Minister Abe visits Yasukuni Shrine; Seoul summons the Japanese ambassador.",
    ],
)
def test_act_and_protest_in_one_sentence(text):
    """An act and its protest told in one sentence are two events."""
    found = told(text)
    assert list(found["event_type"]) == ["contested_act", "protest"]
    assert list(found["actors"]) == ["JPN", "KOR"]


def test_protest_after_act():
    """ "Protests after X visits" tells two events, in the printed order."""
    found = told("South Korea protests after Prime Minister Abe visits Yasukuni Shrine.")
    assert list(found["event_type"]) == ["protest", "contested_act"]


@pytest.mark.parametrize(
    "text",
    [
        "Japan imposes sanctions on North Korea after Pyongyang test-fires a missile.",
        "Following North Korea's missile test, Japan imposes sanctions on North Korea.",
        "In response to North Korea's missile test, Japan imposes sanctions on North Korea.",
    ],
)
def test_occasion(text):
    """What is named only as the occasion of an act is no event."""
    check(one(text), event_type="sanction", actors="JPN", recipients="PRK", valence="0")


def test_inside_a_meeting():
    """What is said in a meeting, or of it, is not split from it."""
    found = told(
        "Foreign Ministers Kishida and Yun meet in Tokyo. They agree to resume talks. "
        "Kishida stresses the importance of ties. This is their first meeting since March 2014."
    )
    assert list(found["event_type"]) == ["meeting"]


def test_trilateral_and_bilateral():
    """A trilateral meeting and a bilateral one on the same day are two events."""
    found = told(
        "President Obama, President Park, and Prime Minister Abe meet in The Hague. "
        "Obama and Park also hold a bilateral meeting."
    )
    assert list(found["format"]) == ["trilateral", "other_dyad"]


def test_separate_sanctions():
    """Two states' separate sanctions are two events, neither an answer."""
    found = told("Japan sanctions two firms. South Korea also announces sanctions on four people.")
    assert list(found["actors"]) == ["JPN", "KOR"]
    assert list(found["responds_to"]) == ["", ""]


def test_same_actor_two_types():
    """One actor's two marked acts of different types are two events."""
    found = told("Japan recalls its ambassador to South Korea and suspends talks on a swap.")
    assert list(found["event_type"]) == ["protest", "suspension"]


def test_a_further_deed_of_the_same():
    """A sentence that tells a further deed by a pronoun is an event of its own."""
    found = told("Koizumi pays a visit to Yasukuni. He then meets President Kim.")
    assert list(found["event_type"]) == ["contested_act", "meeting"]


@pytest.mark.parametrize(
    ("text", "actors"),
    [
        ("Beijing and Seoul condemn the visit.", ["CHN", "KOR"]),
        ("Tokyo and Seoul each condemn the test.", ["JPN", "KOR"]),
        ("Tokyo and Seoul jointly condemn the test.", ["JPN;KOR"]),
    ],
)
def test_each_for_itself(text, actors):
    """States that protest or condemn each for itself do so in events of their own."""
    assert sorted(told(text)["actors"]) == actors


def test_reported_speech_is_one_event():
    """An "and" inside what is said joins no second event."""
    text = "Foreign Minister Yun says that Japan must apologize and South Korea will cooperate."
    assert len(told(text)) == 1


@pytest.mark.parametrize(
    ("text", "actors", "event_type"),
    [
        ("The ban on Japanese films will be lifted, South Korea announces.", "KOR", "ease"),
        (
            "A duty on polyester will be lifted, according to the Japanese government.",
            "JPN",
            "ease",
        ),
    ],
)
def test_who_says_it_may_stand_last(text, actors, event_type):
    """Who announces something is its actor, wherever it is printed."""
    check(one(text), actors=actors, event_type=event_type)


def test_actors_are_told_where_the_act_is_not():
    """Where no word tells the act, the row has who acts, and leaves type and valence open."""
    event = one("Prime Minister Abe whistles.")
    check(event, actors="JPN", level="leader", event_type="", mode="", valence="")
    assert event["note"] == "No pattern tells what is done."


def test_a_hint_counts_only_where_nothing_else_tells_an_act():
    """A single word hints at an act, weakly, and gives way to every verb that is known."""
    weak, strong = one("South Korea frets at the textbook."), one("South Korea bans the textbook.")
    check(weak, event_type="contested_act")
    assert weak["confidence"] < one("South Korea protests over the textbook.")["confidence"]
    assert strong["event_type"] != "contested_act"


def test_denied_act():
    """What is told as not done is no act."""
    found = told("Prime Minister Abe sends an offering to Yasukuni but does not visit the shrine.")
    assert list(found["event_type"]) == ["contested_act"]


# Who acts


@pytest.mark.parametrize(
    ("text", "actors", "format_"),
    [
        ("Seoul and Tokyo hold talks on fisheries.", "JPN;KOR", "bilateral"),
        ("Japan, South Korea, and the US hold a naval exercise.", "JPN;KOR;USA", "trilateral"),
        ("Prime Minister Abe meets Kim Jong Un in Pyongyang.", "JPN;PRK", "other_dyad"),
        ("Leaders of China, Japan, and South Korea meet.", "CHN;JPN;KOR", "multilateral"),
        ("The Six-Party Talks open in Beijing.", "CHN;JPN;KOR;PRK;RUS;USA", "multilateral"),
        ("South Korea bans seafood from Japan.", "KOR", "unilateral"),
        ("Asiana Airlines announces that it will resume flights to Japan.", "KOR", "unilateral"),
        ("The UN Security Council condemns North Korea.", "UNO", "unilateral"),
    ],
)
def test_actors_and_format(text, actors, format_):
    """Actors are those who act, capitals and firms included; the format follows from them."""
    check(one(text), actors=actors, format=format_)


def test_place_is_no_actor():
    """A capital after a word of place is the place, and before a verb the government."""
    check(one("Foreign Ministers Yun and Wang Yi meet in Tokyo."), actors="CHN;KOR", city="Tokyo")
    check(one("Tokyo protests a survey near Dokdo."), actors="JPN", event_type="protest")


@pytest.mark.parametrize(
    ("text", "actors"),
    [
        ("In Bangkok, Abe and Park meet.", "JPN;KOR"),
        ("Before the APEC summit in Lima, Abe and Park meet.", "JPN;KOR"),
        ("The Defense Ministry in Tokyo voices regret.", "JPN"),
        ("The Education Ministry approves history textbooks.", "JPN"),
        ("Abe, Park, and Xi Jinping meet, the first talks of the three.", "CHN;JPN;KOR"),
        ("Foreign Minister Yun tells Foreign Minister Kishida by phone that he is ill.", "JPN;KOR"),
    ],
)
def test_who_takes_part(text, actors):
    """Subjects joined by "and", bodies of a capital, and listeners are told from places."""
    check(one(text), actors=actors)


@pytest.mark.parametrize(
    ("text", "actors"),
    [
        ("Foreign Minister Yun and Kishida hold trilateral talks.", "JPN;KOR;USA"),
        ("Foreign ministers hold talks in Seoul.", "JPN;KOR"),
    ],
)
def test_states_that_are_not_named_take_part(text, actors):
    """Trilateral talks are those of the three, ministers of no state those of the pair."""
    check(one(text), actors=actors, level="minister")


@pytest.mark.parametrize(
    "text",
    [
        "Prime Minister Kishida expresses condolences to President Yoon by phone.",
        "Prime Minister Kishida conveys by telephone to President Yoon his condolences.",
        "President Yoon congratulates Prime Minister Kishida by telephone.",
        "In a telephone call, Prime Minister Kishida expresses regret to President Yoon.",
    ],
)
def test_what_is_said_by_telephone_is_a_call(text):
    """Who is told takes part, wherever in the sentence the telephone stands."""
    check(one(text), actors="JPN;KOR", event_type="call", mode="phone", level="leader")


def test_without_a_listener_who_is_named_it_is_no_call():
    """Officials of no state cannot be the other side."""
    event = one("Prime Minister Kishida expresses condolences to officials by phone.")
    check(event, actors="JPN", event_type="conciliation")


@pytest.mark.parametrize(
    ("text", "actors"),
    [
        ("President Park visits Washington; talks with President Obama follow.", "KOR;USA"),
        ("Foreign Minister Kishida tours Busan and has dinner talks with Yun.", "JPN;KOR"),
    ],
)
def test_a_visit_in_which_talks_are_told_is_a_meeting(text, actors):
    """Those with whom the visitor talks take part."""
    check(one(text), actors=actors, event_type="meeting")


def test_a_counterpart_has_the_level_of_the_other():
    """A minister's counterparts are ministers."""
    check(one("Foreign Minister Kono meets South Korean counterparts."), level="minister")


def test_and_between_the_parts_of_what_is_said_divides_nothing():
    """All that somebody says at once is one event of the one who says it."""
    event = one("Foreign Minister Yun says that Japan apologizes and that Seoul welcomes it.")
    check(event, actors="KOR", level="minister")


def test_people_who_rally_against_a_state_are_of_the_other():
    """Where nobody says whose citizens rally, it is the state against which they do not."""
    check(one("Citizens rally against Japan."), actors="KOR", level="private")
    check(one("Protesters rally against South Korea in Tokyo."), actors="JPN", level="private")


def test_an_office_of_before_is_none_of_today():
    """Who once held an office acts as what he is now."""
    check(one("Abe Shinzo, a former prime minister, visits Seoul."), level="legislator")
    check(one("Abe Shinzo, a former ambassador, visits Seoul."), actors="JPN", level="leader")


def test_a_sentence_without_end_is_cut_between_words():
    """Time grows with the text alone; where there is no blank, the cut is anywhere."""
    text = "kite " * 1000
    cuts = [(0, LONGEST), (LONGEST, 2 * LONGEST), (2 * LONGEST, 5000)]
    assert sentences(text) == sentences("k" * 5000) == cuts
    assert {text[start - 1] for start, _ in sentences(text)[1:]} == {" "}


def test_somebody_of_no_state_adds_none():
    """People of a time without states of today are named, and nobody acts for them."""
    check(one("Ahn Jung-geun and President Park protest the statement."), actors="KOR")


def test_a_newspaper_acts_where_it_names_nobody():
    """What is printed has somebody behind it, if only the one who prints it."""
    check(one("According to the Yomiuri Shimbun, talks take place."), actors="JPN", level="private")


def test_a_protest_of_citizens_is_a_demonstration():
    """Who protests decides: a group of citizens demonstrates, a government protests."""
    check(one("A South Korean civic group protests the decision."), event_type="demonstration")
    check(one("South Korea protests the decision."), event_type="protest")


def test_the_name_of_a_sea_names_no_state():
    """Whose name a sea bears does not act in it."""
    check(one("A ship in the Sea of Japan collides."), actors="", event_type="incident")


def test_a_state_behind_its_town_is_a_place():
    """A town with its state is where leaders of the pair meet, and adds nobody."""
    event = one("The leaders meet in Tokyo, Japan.")
    check(event, actors="JPN;KOR", level="leader", city="Tokyo")


def test_governments_that_hold_an_exercise_are_named_for_their_forces():
    """A body named without a person says nothing of the level where the deed has one."""
    event = one("The governments of Japan and South Korea hold a joint exercise.")
    check(event, event_type="joint_exercise", level="military")


def test_good_words_about_a_state_s_own_issue_are_a_statement():
    """They are said to nobody of the pair; said of both, they stay words of good will."""
    check(one("Japan welcomes progress on North Korea's denuclearization."), event_type="statement")
    check(one("Japan welcomes progress in bilateral relations."), event_type="conciliation")


def test_a_report_is_of_those_it_tells_of():
    """A newspaper or an agency that is named as the source does not act."""
    check(one("According to Yonhap, Japan protests the survey."), actors="JPN", status="reported")


@pytest.mark.parametrize(
    ("text", "ordinal"),
    [
        ("The first Japan-South Korea strategic dialogue is held in Seoul.", "1"),
        ("Japan and South Korea hold the 12th strategic dialogue in Seoul.", "12"),
        ("Japan and South Korea hold a strategic dialogue in Seoul.", ""),
    ],
)
def test_the_number_of_a_session_is_read_as_word_or_figure(text, ordinal):
    """It stands before the name of what meets."""
    check(one(text), ordinal=ordinal)


def test_host_takes_part():
    """Officials who meet officials of a capital have the host as the other side."""
    check(one("Foreign Minister Yun holds talks with officials in Tokyo."), actors="JPN;KOR")


def test_office_held_at_the_time():
    """A name alone has the rank that its bearer held on the day."""
    text = "Kishida meets President Park in Seoul."
    assert one(text)["level"] == "minister"
    assert one(text.replace("Park", "Yoon"), "May 4, 2023")["level"] == "leader"


def test_former_office():
    """Former leaders are legislators, whatever the office was."""
    check(one("Former Prime Minister Mori meets President Roh.", "May 4, 2006"), level="legislator")


def test_held_row():
    """Outside the years of every row a name has its state but no rank."""
    row = {"valid_from": "2001-04", "valid_to": "2006-09", "level": "leader", "country": "JPN"}
    assert held((row,), date(2003, 1, 1))["level"] == "leader"
    assert held((row,), date(1999, 1, 1)) == row | {"level": "", "portfolio": ""}


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("President Park and Foreign Minister Kishida meet in Seoul.", "minister"),
        ("Foreign Minister Yun meets Ambassador Bessho in Seoul.", "ambassador"),
        ("Vice Foreign Minister Saiki and counterpart Cho Tae-yong meet.", "vice_minister"),
        ("Japan and South Korea hold director general-level talks on history.", "director_general"),
        ("US, Japanese, and South Korean Defense Ministers meet in Singapore.", "minister"),
        ("Japan and South Korea hold working-level talks on fisheries.", "working"),
        ("South Korean lawmakers visit Dokdo.", "legislator"),
        ("South Korea conducts drills on Dokdo.", "military"),
        ("Shimane Prefecture holds Takeshima Day.", "subnational"),
        ("A spokesperson of the South Korean Foreign Ministry voices regret.", "government"),
    ],
)
def test_level(text, level):
    """The level is the lowest of the sides' most senior; bodies outside the order name it."""
    assert one(text)["level"] == level


# What happens


@pytest.mark.parametrize(
    ("text", "event_type", "valence"),
    [
        ("Japan and South Korea hold talks on fisheries.", "meeting", "1"),
        ("Abe and Park speak by telephone about North Korea.", "call", "1"),
        ("Emperor Akihito attends a concert in Seoul.", "visit", "1"),
        (
            "Japan and South Korea issue a joint statement on youth exchange.",
            "joint_statement",
            "1",
        ),
        ("Japan and South Korea sign a memorandum on tourism.", "agreement", "1"),
        ("Japan and South Korea conduct a search-and-rescue drill.", "joint_exercise", "1"),
        ("South Korea invites Japan to a festival.", "cooperation", "1"),
        ("Japan sends relief supplies to South Korea.", "aid", "1"),
        ("South Korea lifts its ban on Japanese films.", "ease", "1"),
        ("Prime Minister Abe offers condolences to South Korea.", "conciliation", "1"),
        ("Prime Minister Abe says that his schedule toward South Korea is open.", "statement", "0"),
        ("South Korea voices regret over Japan's remarks.", "criticism", "-1"),
        ("South Korea summons the Japanese ambassador.", "protest", "-1"),
        ("Japan approves textbooks that name Takeshima.", "contested_act", "-1"),
        ("The South Korean Supreme Court orders a Japanese firm to pay.", "court_action", "-1"),
        ("The South Korean Supreme Court dismisses a suit.", "court_action", "0"),
        ("South Korea urges Japan to share data.", "demand", "0"),
        ("South Korea warns Japan of consequences.", "threat", "-1"),
        ("South Korea terminates GSOMIA with Japan.", "suspension", "-1"),
        ("Japan tightens export controls on South Korea.", "restriction", "-1"),
        ("Japan freezes the assets of North Korean firms.", "sanction", "0"),
        ("South Korean activists boycott Japanese beer.", "demonstration", "-1"),
        ("A South Korean destroyer locks its radar on a Japanese aircraft.", "incident", "-1"),
        ("North Korea launches two missiles.", "weapons_test", "0"),
        ("Japan publishes a defense white paper.", "policy_document", "0"),
        ("Japan publishes a defense white paper that claims Takeshima.", "policy_document", "-1"),
        ("Japan appoints Muto Masatoshi as ambassador to South Korea.", "personnel", "0"),
        ("The Saenuri Party wins the general election.", "election", "0"),
        ("A Mainichi Shimbun poll shows less support for the Cabinet.", "data_release", "0"),
        ("South Korea sets up a committee on history textbooks.", "domestic_measure", "0"),
    ],
)
def test_event_type_and_valence(text, event_type, valence):
    """Each type has its words, and its valence follows from the type and from who acts."""
    check(one(text), event_type=event_type, valence=valence)


@pytest.mark.parametrize(
    ("text", "event_type"),
    [
        ("Japan rebutted South Korea's account of the incident.", "criticism"),
        ("Japan's foreign minister conveys an apology to the families.", "conciliation"),
        ("South Korea issues a demand for compensation from Japan.", "demand"),
        ("South Korea issues a stern warning to Japan over the survey.", "threat"),
        ("Japan's Foreign Ministry dispels rumors of a secret visit.", "statement"),
        ("Japan declines to comment on the talks.", "statement"),
        ("Japan gives a cool response to South Korea's proposal.", "criticism"),
        ("South Korea reneges on the agreement with Japan.", "suspension"),
        ("South Korea clears the way for imports of Japanese apples.", "ease"),
    ],
)
def test_acts_in_other_words(text, event_type):
    """A past tense, a verb that only carries a noun and a phrase tell an act as a verb does."""
    assert one(text)["event_type"] == event_type


def test_planned_act():
    """A planned deed that is announced has its type and the status announced."""
    check(
        one("South Korea announces it will lift its ban on films from Japan."), status="announced"
    )
    check(one("Abe reportedly plans to visit Seoul."), status="reported", event_type="statement")


def test_meeting_with_ones_own_people():
    """A minister who meets plaintiffs holds no talks: what is promised counts."""
    event = one("Foreign Minister Yun meets former comfort women and promises to solve the issue.")
    check(event, event_type="conciliation", format="unilateral", mode="na")


def test_acts_of_the_united_states():
    """Acts of the United States alone, or with one of the two, are neutral."""
    check(one("President Obama and President Park meet in Washington."), valence="0")
    check(one("The US voices regret over Prime Minister Abe's visit to Yasukuni."), valence="0")


def test_a_joint_demand_is_joint_unless_it_is_made_of_a_third_state():
    """What the two ask for together is 1; what they ask of a third state alone is 0."""
    call = one("Japan and South Korea jointly demand that the sanctions be kept.")
    check(call, event_type="joint_statement", recipients="", valence="1")
    freeze = "Japan, South Korea, and the United States jointly impose new sanctions"
    check(one(f"{freeze}."), event_type="sanction", recipients="", valence="1")
    check(one(f"{freeze} on North Korea."), recipients="PRK", valence="0")


def test_protests_of_and_to_third_states_are_neutral():
    """A protest is -1 between the two, and 0 where a third state makes or takes it alone."""
    check(one("South Korea protests to Beijing over a textbook."), recipients="CHN", valence="0")
    check(one("China protests to Tokyo over a textbook."), recipients="JPN", valence="0")
    check(one("South Korea protests to Tokyo over a textbook."), recipients="JPN", valence="-1")


@pytest.mark.parametrize(
    ("text", "actor", "recipient"),
    [
        ("A South Korean professor is denied entry to Japan at Narita Airport.", "JPN", "KOR"),
        ("Three Japanese lawmakers are barred from entering South Korea.", "KOR", "JPN"),
        ("A Japanese scholar is refused a visa by South Korea.", "KOR", "JPN"),
        ("A Japanese critic of Korea was refused entry by Seoul.", "KOR", "JPN"),
        ("A South Korean activist is turned away at Kansai airport.", "JPN", "KOR"),
        ("South Korean activists are stopped at Fukuoka airport and denied entry.", "JPN", "KOR"),
        ("Japanese lawmakers are sent home on arrival.", "KOR", "JPN"),
        ("A Korean-American singer is denied entry at Incheon airport.", "KOR", "USA"),
        ("North Korean officials are denied entry to Japan.", "JPN", "PRK"),
        ("A professor of Korean birth in Japan is refused entry at Incheon.", "KOR", "JPN"),
        ("South Korea denies entry to four Japanese lawmakers.", "KOR", "JPN"),
    ],
)
def test_who_keeps_people_out_acts(text, actor, recipient):
    """A ban told in the passive is an act of the state that bans, toward that of the person."""
    event = one(text)
    valence = "-1" if {actor, recipient} == {"JPN", "KOR"} else "0"
    check(event, actors=actor, recipients=recipient, level="government", valence=valence)
    assert event["event_type"] == "restriction"
    assert event["issue"] in {"people", "north_korea"}


def test_nobody_acts_on_himself():
    """A state that acts is no recipient, in any made-up entry."""
    event = one("The Japan Coast Guard trades fire with a boat thought to be North Korean.")
    check(event, event_type="incident", actors="JPN", recipients="PRK")
    texts = pd.read_csv(MADE_UP, usecols=["text"])["text"].dropna().str.partition(": ")[2]
    for found in map(told, texts):
        for acting, toward in zip(found["actors"], found["recipients"], strict=True):
            assert not set(acting.split(";")) & set(toward.split(";")) - {""}


def test_complaints_of_governments_have_a_recipient_and_rulings_of_bodies_none():
    """A government names whom it takes to court; a body that rules addresses no state."""
    check(one("Seoul lodges a case against Japan at the WTO."), recipients="JPN", valence="-1")
    check(one("The WTO rules against Japan over an import ban."), actors="WTO", recipients="")


def test_an_act_of_nobody_says_so():
    """Where no pattern tells who acts, a person is asked."""
    event = one("Nine lawmakers of the ruling party call on their government to pass a law.")
    check(event, actors="", format="", note="No pattern tells who acts.")


def test_proposals_pass_review_but_for_what_a_person_has_to_tell(dataset, tmp_path):
    """Summaries, stages of disputes, and rows of which a note says that a part is unread."""
    texts = pd.read_csv(MADE_UP, dtype=str, keep_default_na=False)["text"]
    path = tmp_path / "proposed.csv"
    propose.save(chronology.entries("\n\n".join(filter(None, texts)), "made9-9"), path)
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    problems = review(path, dataset).problems
    asked = set(rows.index[rows["note"].ne("")] + 2)
    open_ = problems[~problems["row"].isin(asked) & problems["file"].eq(path.name)]
    assert len(rows) > 200 and set(open_["column"]) == {"summary", "event_id"}
    assert set(open_.loc[open_["column"].eq("event_id"), "rule"]) == {"disputes"}


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("Foreign Ministers Yun and Kishida meet in Seoul.", "in_person"),
        ("Foreign Ministers Yun and Kishida hold a video conference.", "video"),
        ("Foreign Ministers Yun and Kishida hold a phone call.", "phone"),
        ("Foreign Ministers Yun and Kishida agree to cooperate.", "unstated"),
        ("Japan protests a drill on Dokdo.", "na"),
    ],
)
def test_mode(text, mode):
    """Talks have the mode that is stated, in person if nothing else is."""
    assert one(text)["mode"] == mode


@pytest.mark.parametrize(
    ("text", "issue", "others"),
    [
        ("Yun and Kishida meet to discuss comfort women and trade.", "comfort_women", "economy"),
        ("Yun and Kishida meet to discuss trade and comfort women.", "economy", "comfort_women"),
        ("Yun and Kishida meet to discuss trade and bilateral relations.", "relations", "economy"),
        ("South Korea protests a textbook that claims Dokdo.", "war_memory", "territory"),
        ("Japan and South Korea hold a drill after a missile launch.", "north_korea", ""),
        ("Japan and South Korea hold a naval exercise.", "security", ""),
        ("Yun and Kishida meet in Seoul.", "relations", ""),
        ("South Korea bans seafood from eight Japanese prefectures.", "fukushima", ""),
    ],
)
def test_issue(text, issue, others):
    """The issue named first leads, unless the relationship is an item of its own."""
    check(one(text), issue=issue, other_issues=others)


def test_recipients():
    """Territorial acts take the other claimant, rulings none, words those addressed."""
    assert one("South Korea conducts drills on Dokdo.")["recipients"] == "JPN"
    assert one("Prime Minister Abe visits Yasukuni Shrine.")["recipients"] == ""
    assert one("Seoul High Court orders Mitsubishi Heavy to pay.")["recipients"] == ""
    assert one("Prime Minister Abe apologizes to South Korea.")["recipients"] == "KOR"


def test_details_of_talks():
    """Minutes, place, larger gathering, mechanism and number of a session are read."""
    event = one(
        "Foreign Ministers Yun and Kishida hold 40 minutes of talks in New York beside "
        "the UN General Assembly."
    )
    check(event, duration_min="40", city="New York", country="USA", sidelines_of="UNGA")
    event = one("The 17th Japan-ROK Consultation on Disarmament and Non-Proliferation is held.")
    check(event, mechanism="bilateral_disarmament_consultation", ordinal="17")


def test_days_move_one_end():
    """Without a stated end, a length runs forward; a printed span stays."""
    event = Event((0, 0), (0, 0), values={"days": "3", "ends": ""})
    assert coding.dates(event, date(2015, 5, 4), date(2015, 5, 4))[1] == date(2015, 5, 6)
    event = Event((0, 0), (0, 0), values={"days": "3", "ends": ""})
    span = date(2015, 5, 4), date(2015, 5, 9)
    assert coding.dates(event, *span) == span


# What every row has


def test_evidence():
    """Each coded value names the pattern and the words that gave it."""
    event = one("South Korea lodges a protest over textbooks.")
    assert "event_type=protest <- act-" in event["evidence"]
    assert '"lodges a protest"' in event["evidence"]
    assert "issue=war_memory <- issue-" in event["evidence"]
    assert 0 < event["confidence"] <= 1


def test_less_sure():
    """A row that rests on weaker grounds is less sure."""
    strong = one("South Korea lodges a protest over textbooks.")
    weak = one("A group lodges a protest over something.")
    assert weak["confidence"] < strong["confidence"]


def test_confidence_rests_on_counts():
    """A pattern's share of hits is drawn to that of its kind, and a new one has its kind's."""
    rules = knowledge.Rules(patterns.read(), codebook.read(DATA).codes)
    rules.counts = {("issue", ""): [8, 10], ("issue", "words"): [6, 6], ("issue", "i-1"): [0, 2]}
    rules.parameters = rules.parameters | {"trials_of_prior": "4"}
    whole = (8 + 4 * 0.5) / 14
    kind = (6 + 4 * whole) / 10
    assert rules.sure({"issue": ("words", "i-new")}) == pytest.approx((0 + 4 * kind) / 4)
    assert rules.sure({"issue": ("words", "i-1")}) == pytest.approx((0 + 4 * kind) / 6)


def test_counts_of_known_patterns():
    """Counts are of patterns and kinds that exist, and none was right more often than tried."""
    tables = patterns.read().tables
    ids = {row["pattern_id"] for rows in tables.values() for row in rows}
    for row in tables["confidence"]:
        assert 0 <= int(row["right"]) <= int(row["tried"])
        assert "-" not in row["ground"] or row["ground"] in ids


def test_sentences_and_abbreviations():
    """Sentences end at a stop before a capital."""
    text = "Japan protests. South Korea answers."
    assert [text[slice(*span)] for span in sentences(text)] == [
        "Japan protests. ",
        "South Korea answers.",
    ]
    assert len(told("The U.S. and Japan meet Nippon Steel Corp. officials on Feb. 3.")) == 1


def test_given_dates_are_kept():
    """Days that the reading of the chronology found are taken over."""
    days = {"date_start": pd.Timestamp("2015-05-04"), "date_end": pd.Timestamp("2015-05-06")}
    row = {"entry_id": "x1-001", "text": "May 4-6, 2015: Yun visits Tokyo."} | days
    event = propose.events(pd.DataFrame([row | {"date_precision": "day"}])).iloc[0]
    check(event, date_start="2015-05-04", date_end="2015-05-06")


def test_write():
    """Written row by row, the table has the columns of the codebook's events."""
    entries = pd.DataFrame({"entry_id": ["x1-001"], "text": ["May 4, 2015: Japan protests."]})
    file = io.StringIO()
    assert propose.write(entries, file) == (1, 1)
    rows = list(csv.DictReader(io.StringIO(file.getvalue())))
    names = codebook.read(DATA).tables["events"].names
    further = ["entry_sha256", "entry_words", "confidence", "evidence", "same_as"]
    assert list(rows[0]) == [*names, *further]


def test_saved_beside_an_untouched_copy(tmp_path):
    """The file to be edited and its copy are alike, and what is there is never written over."""
    entries = pd.DataFrame({"entry_id": ["x1-001"], "text": ["May 4, 2015: Japan protests."]})
    path = tmp_path / "proposed.csv"
    propose.save(entries, path)
    assert path.read_bytes() == (tmp_path / "proposed.first.csv").read_bytes()
    with pytest.raises(FileExistsError, match="proposed.csv"):
        propose.save(entries, path)


def test_a_state_that_owns_what_is_condemned_is_no_side():
    """Talks that condemn a third state's launch are talks of those who hold them."""
    text = "June 6, 2031: Japan and South Korea hold a phone call and condemn North Korea's launch."
    event = propose.events(pd.DataFrame({"entry_id": ["x1-001"], "text": [text]})).iloc[0]
    check(event, actors="JPN;KOR", event_type="call", issue="north_korea")


def test_made_up_entries():
    """Of the made-up entries that were used for tuning, nine types in ten are read aright."""
    made = pd.read_csv(MADE_UP, dtype=str, keep_default_na=False)
    tuned = made[made["half"].eq("tuned")]
    found = propose.events(tuned.loc[tuned["text"].ne(""), ["entry_id", "text"]])
    both = tuned.merge(found, on="event_id", suffixes=("", "_proposed"))
    assert both["event_type"].eq(both["event_type_proposed"]).sum() >= 0.9 * len(tuned)


@pytest.mark.parametrize(
    ("sentence", "code"),
    [
        ("Seoul demands that Japan apologize for the remarks.", "demand"),
        ("Japan refuses to apologize to victims.", "criticism"),
        ("President Han says he will not meet Kishida unless Japan apologizes.", "threat"),
        ("Prime Minister Kishida decides not to visit Yasukuni Shrine.", "statement"),
        ("Japan and South Korea fail to agree on export controls.", "meeting"),
        ("South Korea says it has no plans to lift its seafood ban.", "statement"),
        ("Japan denies that it will ease export controls.", "statement"),
        ("President Yoon cancels a visit to Tokyo.", "suspension"),
    ],
)
def test_what_is_asked_for_or_refused_is_not_done(sentence, code):
    """A demand, a refusal or a condition is never proposed as the act itself."""
    entries = pd.DataFrame({"entry_id": ["x1-001"], "text": [f"June 6, 2023: {sentence}"]})
    assert propose.events(entries).iloc[0]["event_type"] == code


def test_who_acts_in_the_passive_is_named_after_by():
    """The one who does a deed acts; the one to whom it is done receives it."""
    event = one("A South Korean trawler is seized by the Japanese Coast Guard.")
    check(event, actors="JPN", recipients="KOR", level="military", event_type="incident")


def test_a_newspaper_that_reports_a_deed_does_not_act():
    """What the press reports of others is theirs; its own state is not the recipient."""
    event = one("Yomiuri Shimbun of Japan reports that Seoul recalls its ambassador to Tokyo.")
    check(event, actors="KOR", recipients="JPN", event_type="protest", status="reported")


def test_an_opening_is_no_part_of_the_deed():
    """Words of action do not run from an opening into the main clause."""
    event = one(
        "On a visit to South Korea, Foreign Minister Kono meets President Moon.", "May 2018"
    )
    check(event, actors="JPN;KOR", event_type="meeting", mode="in_person")


def test_what_is_said_at_a_gathering_of_many_is_no_meeting():
    """A state that speaks at a conference of the United Nations meets nobody by that."""
    event = one("At the World Food Summit, a North Korean official condemns Japan.")
    check(event, actors="PRK", recipients="JPN", event_type="criticism", valence="0")


def test_a_zone_at_sea_does_not_make_a_launch_territorial():
    """Where a missile fell says nothing of a claim."""
    text = (
        "June 6, 2023: Japan says North Korea's missiles fell outside its exclusive economic zone."
    )
    entries = pd.DataFrame({"entry_id": ["x1-001"], "text": [text]})
    assert propose.events(entries).iloc[0]["issue"] == "north_korea"


def test_more_events_than_letters_are_told():
    """An entry of over 26 events has the first 26, and a note that some are left."""
    found = told("Japan protests; South Korea summons the ambassador. " * 20)
    assert [event_id[-1] for event_id in found["event_id"]] == list(propose.LETTERS)
    assert found["note"].iloc[-1] == propose.MORE


@pytest.mark.parametrize(
    ("sentence", "code", "valence"),
    [
        ("Tokyo says that it plans to urge Seoul to return to the talks.", "statement", "0"),
        ("A civic group in Busan says it will erect a statue of a girl.", "statement", "-1"),
        ("President Moon will visit Tokyo in May.", "statement", "1"),
        ("The Sankei Shimbun reports that Japan may impose tariffs on Korea.", "statement", "-1"),
        ("Asiana Airlines says it will resume flights to Osaka.", "ease", "1"),
        ("Seoul says it will file a lawsuit if Japan releases the water.", "threat", "-1"),
    ],
)
def test_a_plan_is_a_statement_with_the_valence_of_the_act(sentence, code, valence):
    """What is planned or weighed is not done; only a threat and some measures count as told."""
    check(one(sentence), event_type=code, valence=valence)


def test_an_act_that_is_alleged_is_an_accusation():
    """Who says that the other did it accuses; the deed itself is not told as a fact."""
    event = one("Japan says that a South Korean destroyer locked its radar on a patrol plane.")
    check(event, event_type="criticism", actors="JPN", recipients="KOR", valence="-1")


def test_a_test_that_another_reports_is_the_deed_of_the_one_who_tests():
    """A launch told by South Korea's forces is North Korea's."""
    event = one("South Korea's Joint Chiefs of Staff says that North Korea fired two missiles.")
    check(event, event_type="weapons_test", actors="PRK", valence="0", issue="north_korea")


def test_the_occasion_of_a_statement_is_background():
    """What stands after "after" is not what is said, but what follows "that" is."""
    event = one("President Moon says after a rally in Seoul that he has no comment.")
    check(event, event_type="statement", actors="KOR")


def test_a_request_that_is_spoken_of_is_no_request():
    """A word of asking is a noun where another word owns it."""
    event = one("Seoul says that it has received no request from Tokyo.")
    check(event, event_type="statement", actors="KOR")


def test_words_of_several_of_whom_no_state_is_known_are_one_event():
    """An entry keeps its event where nobody who acts has a state."""
    event = one("A group of historians denounces the new textbook.")
    check(event, event_type="criticism", actors="", issue="war_memory")


def test_what_is_said_of_ones_own_has_no_recipient():
    """Who criticizes the leader of the own state speaks to no other."""
    event = one("The Asahi Shimbun criticizes the prime minister for an offering to the shrine.")
    check(event, event_type="criticism", actors="JPN", recipients="", valence="0")


def test_talks_without_an_agenda_are_about_what_is_told_next():
    """The next sentence tells the issue, unless it names the relationship first."""
    event = one("FM Yun meets FM Kishida in Tokyo. They share worries about North Korea's rocket.")
    check(event, event_type="meeting", issue="north_korea")
    event = one("FM Yun meets FM Kishida in Tokyo. They praise trilateral ties and deterrence.")
    check(event, event_type="meeting", issue="relations")


def test_an_election_abroad_is_no_issue_of_good_wishes():
    """Between two states, words of an election are about their relations."""
    event = one("President Park congratulates Prime Minister Abe on his election.")
    check(event, event_type="conciliation", issue="relations", valence="1")


@pytest.mark.parametrize(
    ("sentence", "level"),
    [
        ("Korean PM Chung Hong-won calls on Japan to face its past.", "deputy_leader"),
        ("Lee Young-hee, a survivor, criticizes Japan for its silence.", "private"),
        ("LDP chairman Ueda criticizes South Korea over the statue.", "legislator"),
        ("Agriculture Minister Nomura asks South Korea to lift its ban.", "minister"),
        ("South Korea and Japan take part in a multilateral drill.", "military"),
        ("Aso Taro wins the election of the LDP.", "legislator"),
    ],
)
def test_rank_by_office_and_act(sentence, level):
    """An office told after a name, a party's office, or an act of forces gives the rank."""
    assert one(sentence)["level"] == level


def test_a_word_that_must_follow_is_asked_for_first():
    """A pattern is tried only where the next word can be its second."""
    assert patterns.follow(["(white paper|white list)", "[3]", "ban"])["white"] == {
        "paper",
        "list",
        "s",
    }
    assert patterns.follow(["(visit|visit to)", "Seoul"])["visit"] == {"to", "seoul", "s"}
    assert patterns.follow(["visit", "[3]", "Seoul"])["visit"] == set()


# Who acts, speaks and is spoken to


@pytest.mark.parametrize(
    ("text", "actors"),
    [
        ("A source in the army accuses Japan of greed.", "KOR"),
        ("Foreign Minister Kono meets visiting South Korean lawmakers.", "JPN;KOR"),
        ("Japan's Nikkei opines that South Korea's exports are weak.", "JPN"),
        ("Vice President Joseph Biden visits Tokyo.", "USA"),
        ("North Korean diplomat Kim Gye-gwan visits Tokyo.", "PRK"),
        (
            "The Maritime Self-Defense Force participates in the US-led exercise off Guam.",
            "JPN;USA",
        ),
        ("North Korea terms Bolton's remarks a provocation.", "PRK"),
        ("The two Koreas hold talks.", "KOR;PRK"),
    ],
)
def test_who_is_meant(text, actors):
    """Titles, given names, hosts and papers tell whose side somebody is on."""
    assert one(text)["actors"] == actors


def test_a_body_that_begins_a_sentence_acts():
    """The Security Council is a place of talks, but acts where it is the subject."""
    second = told("North Korea fires a missile. The UN Security Council deplores the launch.")
    check(second.iloc[1], actors="UNO", recipients="PRK", event_type="criticism")


@pytest.mark.parametrize(
    ("text", "recipients"),
    [
        ("Foreign Minister Kono urges North Korea to heed South Korea.", "PRK"),
        ("Secretary Kerry warns North Korea after a day with Foreign Minister Yun.", "PRK"),
        ("Tokyo announces that it will give emergency aid to North Korea.", "PRK"),
        ("Secretary Kerry says that South Korea may skip the Six-Party Talks.", "KOR"),
        ("South Korea and the US sign a bilateral pact.", ""),
        ("South Korea and North Korea set up a hotline.", ""),
        ("An editorial in the Asahi criticizes the defense budget.", ""),
        ("Japan's government rejects a request of the Tokyo governor.", ""),
        ("Prime Minister Abe voices remorse over the war in Bandung, Indonesia.", ""),
    ],
)
def test_who_is_addressed(text, recipients):
    """A state called by name comes first; what concerns one's own affairs is for nobody abroad."""
    assert one(text)["recipients"] == recipients


def test_an_answer_to_a_third_state():
    """Who answers a third state's act, and names nobody else, answers that state."""
    answer = told("China publishes a white paper; South Korea protests.").iloc[1]
    check(answer, actors="KOR", recipients="CHN", valence="0")


def test_no_good_will_between_the_two():
    """A kindness to a third state alone is none toward the other of the pair."""
    assert one("South Korea lifts its ban on beef from Canada.")["valence"] == "0"
    assert one("South Korea lifts its ban on beef from Japan.")["valence"] == "1"


# What is done, and what is only spoken of


@pytest.mark.parametrize(
    ("text", "event_type"),
    [
        ("Japan's Coast Guard spots a South Korean ship in its claimed waters.", "incident"),
        ("Tokyo's Institute of Policy Studies issues its annual report.", "policy_document"),
        ("An LDP lawmaker says the prime minister's visits to Yasukuni are private.", "statement"),
        ("Ambassador Muto at a forum in Seoul asks for patience.", "demand"),
        ("Foreign Minister Kono at a dinner with Foreign Minister Kang asks for time.", "meeting"),
        ("Shimane Prefecture protests a survey.", "protest"),
        ("Students in Seoul protest a survey.", "demonstration"),
        ("The Coast Guard issues a report on a collision at sea.", "statement"),
    ],
)
def test_what_is_only_spoken_of(text, event_type):
    """Settings, topics, titles and things that are claimed are no deeds."""
    assert one(text)["event_type"] == event_type


def test_a_call_in_which_something_is_said():
    """What is said by telephone is a call with the one who is named after it."""
    text = "Foreign Minister Kono voices concern in a telephone conversation with Secretary Kerry."
    check(one(text), event_type="call", actors="JPN;USA")


def test_several_subjects_are_no_clauses():
    """What several states are said to plan, or a list of envoys, is one event."""
    one("Officials in Tokyo say that Japan and South Korea plan to hold talks.")
    one("Park Geun-hye meets the envoys of China, Japan, and Russia after her election.")


def test_forces_at_home():
    """What forces do at home is security, if nothing tells what it is about."""
    assert one("The Air Self-Defense Force sets up a new unit.")["issue"] == "security"
    assert one("Tokyo sets up a new unit.")["issue"] == "domestic_politics"


# Words of which others are the matter


@pytest.mark.parametrize(
    ("text", "issue"),
    [
        (
            "Japan transfers 3 billion yen to a fund. The money is for comfort women.",
            "comfort_women",
        ),
        ("South Korea's Cabinet drops Japan from its list of trusted trading partners.", "economy"),
        ("The Chinese and South Korean governments deplore a rite at Yasukuni.", "war_memory"),
        ("Japan recalls its envoy to Seoul and halts swap talks over a statue.", "comfort_women"),
        ("South Korea keeps its ban on marine products from Japan.", "fukushima"),
        ("South Korea bans Japanese fisheries products.", "fukushima"),
    ],
)
def test_weak_words_give_way_to_the_matter(text, issue):
    """Money, a cabinet, a nationality or an embassy decide only where no matter is named."""
    assert set(told(text)["issue"]) - {""} == {issue}


def test_a_matter_told_in_the_sentence_before():
    """An answer that names only who gives it is about what was told before."""
    found = told("Abe sends an offering to Yasukuni. The Chinese Foreign Ministry voices regret.")
    assert found["issue"].tolist() == ["war_memory", "war_memory"]


@pytest.mark.parametrize(
    "text",
    [
        "Japan calls back its ambassador and suspends talks on a swap over a statue in Busan.",
        "Japan calls its ambassador home and suspends talks on a swap over a statue in Busan.",
        "Japan summons home its envoy and suspends talks on a swap over a statue in Busan.",
    ],
)
def test_an_ambassador_called_home_is_a_protest(text):
    """To call home one's envoy protests, and what is suspended with it is an act of its own."""
    found = told(text)
    assert found["event_type"].tolist() == ["protest", "suspension"]
    check(found.iloc[0], actors="JPN", recipients="KOR", issue="comfort_women", valence="-1")


def test_a_license_that_will_be_needed_is_a_restriction():
    """What an exporter will need from now on is announced by the ministry that asks for it."""
    event = one("METI announces that exports of polyimide to South Korea will need a license.")
    check(event, actors="JPN", recipients="KOR", event_type="restriction", status="announced")


def test_several_who_answer_one_act_each_answer_it():
    """Of two states that condemn an act, neither answers the other or is addressed by it."""
    found = told(
        "Abe visits Yasukuni Shrine. South Korean and Chinese officials denounce the visit."
    )
    assert found["actors"].tolist() == ["JPN", "KOR", "CHN"]
    assert found["recipients"].tolist() == ["", "JPN", "JPN"]
    assert found["responds_to"].tolist() == ["", "x1-001a", "x1-001a"]


def test_the_name_of_an_agreement_names_no_officer():
    """A word of rank within the name of an agreement is part of the name."""
    event = one("Japan and South Korea sign a General Security of Military Information Agreement.")
    check(event, level="government", issue="security", event_type="agreement")


@pytest.mark.parametrize(
    "text",
    [
        "The WTO Appellate Body upholds South Korea's ban on Japanese fisheries products.",
        "A WTO panel rules against South Korea's ban on seafood from Japan.",
    ],
)
def test_rulings_of_bodies_are_of_judges(text):
    """Panels and appellate bodies rule as courts do."""
    check(one(text), actors="WTO", level="judiciary", event_type="court_action", issue="fukushima")


@pytest.mark.parametrize(
    "text",
    [
        "Japanese and South Korean officials of director-general rank meet in Tokyo.",
        "Japan and South Korea hold talks at the director-general level in Tokyo.",
    ],
)
def test_a_rank_that_is_told_beats_a_label(text):
    """Officials of a stated rank meet at that rank."""
    check(one(text), actors="JPN;KOR", level="director_general")


def test_an_end_that_is_put_off_eases():
    """To stay the end of a pact and a complaint is one good act toward the other state."""
    event = one("South Korea suspends the expiration of GSOMIA and halts its WTO complaint.")
    check(event, event_type="ease", valence="1", recipients="JPN")
    check(one("South Korea halts its complaint at the WTO."), event_type="ease", recipients="JPN")


def test_forces_that_face_each_other_are_of_both_states():
    """Coast guards in the plural are those of all states named before them."""
    event = one("Japanese and South Korean coast guards confront each other off Dokdo.")
    check(event, actors="JPN;KOR", event_type="incident", level="military")


# The words that gave a value


@pytest.mark.parametrize(
    ("text", "told", "left"),
    [
        (
            "Tokyo and Seoul hold talks.",
            'JPN;KOR <- state-006 "Tokyo", state-003 "Seoul"',
            "level=",
        ),
        (
            "Prime Minister Noda and President Lee meet.",
            '<- name-022 "Noda", name-',
            "level=working",
        ),
        ("A South Korean comfort woman sues Japan.", '"comfort woman"; issue', '"woman"'),
        ("South Korea lodges a protest.", "actors=KOR", "recipients="),
    ],
)
def test_evidence_is_of_words_that_can_give_the_value(text, told, left):
    """Each acting state has its word; what is usual for a type of event has none."""
    evidence = one(text)["evidence"]
    assert told in evidence and left not in evidence


# Days that an entry prints further on


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Japan protests the rulings. South Korea rejects it on June 2.", "2015-06-02"),
        ("Japan demands talks. The demand is rejected by South Korea on Jun. 2.", "2015-06-02"),
        ("Japan demands talks. The demand is rejected by Seoul on Jan. 2, 2016.", "2016-01-02"),
    ],
)
def test_a_later_act_has_the_day_told_with_it(text, day):
    """A day right behind an act that is not the first is that act's, and is no fault to note."""
    found = told(text)
    assert found["date_start"].tolist() == found["date_end"].tolist() == ["2015-05-04", day]
    assert found["note"].tolist() == ["", ""]


@pytest.mark.parametrize(
    "text",
    [
        "South Korea rejects arbitration on June 2.",
        "Japan protests. South Korea rejects a plan to discharge water on June 2.",
        "South Korea says that it will resume talks on June 2.",
    ],
)
def test_a_further_date_is_noted(text):
    """What a date belongs to is for a person to tell where it is not plainly a later act's."""
    found = told(text)
    assert found["date_start"].eq("2015-05-04").all()
    assert "a further date, June 2" in found["note"].iloc[-1]


@pytest.mark.parametrize("day", ["on May 4", "on Feb. 30", "on May 4, 2015"])
def test_the_entry_s_own_day_or_none_is_no_further_date(day):
    """The day of the entry, printed again, asks nothing, and no more does one of no calendar."""
    assert one(f"Abe meets Park in Tokyo {day}.")["note"] == ""


# Who acts, in longer sentences


@pytest.mark.parametrize(
    ("text", "actors"),
    [
        ("Wang Yi hosts Kishida and Yun in Beijing for their trilateral talks.", "CHN;JPN;KOR"),
        ("John Kerry meets his counterparts Kishida and Yun at talks in Munich.", "JPN;KOR;USA"),
        ("President Obama, President Park, and PM Abe meet in The Hague.", "JPN;KOR;USA"),
        ("China, Japan, the two Koreas, Russia, and the United States hold talks.",
         "CHN;JPN;KOR;PRK;RUS;USA"),
        ("Abe discusses with Park how to keep Pyongyang from testing a missile.", "JPN;KOR"),
        ("Abe and Park discuss the ties between Pyongyang and Moscow.", "JPN;KOR"),
    ],
)  # fmt: skip
def test_all_who_talk_are_named_and_nobody_of_whom_they_talk(text, actors):
    """A list goes on behind a verb, a title begins a further name, and a topic is no party."""
    check(one(text), event_type="meeting", actors=actors)


@pytest.mark.parametrize(
    ("text", "actors", "event_type"),
    [
        ("President Park, whom Abe has told of the plan, welcomes it.", "KOR", "conciliation"),
        ("South Koreans who were drafted by the Japanese army sue Japan.", "KOR", "court_action"),
        ('"Unacceptable," says Foreign Minister Kishida of the ruling.', "JPN", "criticism"),
        ("It is regrettable that Japan has changed its mind, Foreign Minister Yun tells reporters.",
         "KOR", "criticism"),
        ("Park, who had pledged to renegotiate the deal with Japan, wins the election.",
         "KOR", "election"),
        ("Fulfilling an old pledge to Japan's veterans, Abe worships at Yasukuni.",
         "JPN", "contested_act"),
        ("Two hours before Kishida is to sign it, South Korea calls off the military pact.",
         "KOR", "suspension"),
    ],
)  # fmt: skip
def test_one_subject_is_found_among_all_who_are_named(text, actors, event_type):
    """Relative clauses, openings and quotations name others, who do not act."""
    check(one(text), actors=actors, event_type=event_type)


def test_nobody_unnamed_in_a_city_is_the_city():
    """A shop in a city is no city that acts; the city itself is."""
    check(one("A sushi chain in Osaka apologizes to South Koreans."), actors="JPN", level="private")
    check(one("Osaka apologizes to South Koreans."), actors="JPN", level="subnational")


# What is an event of its own


def test_a_visit_made_for_talks_is_none_of_its_own():
    """A pronoun means the one who came, and the talks are told once."""
    event = one("Prime Minister Abe pays a visit to Seoul. After lunch he and Park hold talks.")
    check(event, event_type="meeting", actors="JPN;KOR", level="leader")


def test_a_pronoun_for_several_means_who_talked_before():
    """Those who met the third one are two of three."""
    found = told("Abe and Park meet in Singapore. With Premier Wen they hold talks on trade.")
    assert found["actors"].tolist() == ["JPN;KOR", "CHN;JPN;KOR"]


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("Four Cabinet members worship at Yasukuni. In his address, Prime Minister Abe expresses "
         "remorse to the peoples of Asia.", ["contested_act", "conciliation"]),
        ("Prime Ministers Abe and Kim Jong-pil meet in Tokyo. Foreign Ministers Kishida and Yun "
         "sign a fisheries agreement.", ["meeting", "agreement"]),
        ("Foreign Minister Yun summons the Japanese ambassador, and in her March First speech Park "
         "calls on Japan to apologize.", ["protest", "demand"]),
        ("Suga says that Tokyo cannot accept the ruling, and Yun Byung-se calls this an insult.",
         ["criticism", "criticism"]),
    ],
)  # fmt: skip
def test_another_person_of_a_state_does_something_else(text, types):
    """What two persons do or say is two events where their types differ, or their states."""
    assert told(text)["event_type"].tolist() == types


def test_what_had_been_done_before_is_background():
    """A pluperfect tells no event of the day."""
    check(one("Kishida rejects the plan. South Korea had asked Japan for a reply."), actors="JPN")


def test_a_crowd_without_a_state_rallies_against_the_one_who_acted():
    """Somebody has to be from the other side of the sea."""
    found = told("Prime Minister Abe lays a wreath. Some 300 people shout slogans against him.")
    assert found["actors"].tolist() == ["JPN", "KOR"]


# What it is about, and whom it is for


def test_an_election_stays_at_home_and_good_wishes_do_not():
    """Whatever was promised before it, and whoever sends congratulations after it."""
    found = told("Park, who spoke of comfort women, wins the election. Abe sends congratulations.")
    assert found["issue"].tolist() == ["domestic_politics", "relations"]
    assert found["recipients"].tolist() == ["", "KOR"]


def test_talks_without_an_agenda_are_about_what_is_agreed_on():
    """A second verb tells the topic where the first has none."""
    event = one("Abe and Park hold talks in Bangkok and agree to begin FTA negotiations.")
    check(event, event_type="meeting", issue="economy")


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("The two foreign ministers meet in New York.", {"actors": "JPN;KOR", "level": "minister"}),
        (
            "The Foreign Ministry calls in Ambassador Bessho.",
            {"actors": "KOR", "recipients": "JPN"},
        ),
        ("A further round of FTA negotiations takes place in Seoul.", {"actors": "JPN;KOR"}),
        (
            "Officials of the United States and China meet in Beijing; Seoul is left out.",
            {"actors": "CHN;USA"},
        ),
        (
            "At a banquet for President Park, Emperor Akihito speaks of his sorrow.",
            {"actors": "JPN", "recipients": "KOR"},
        ),
    ],
)
def test_who_is_meant_though_not_named(text, codes):
    """The host of a round, the ministry that an ambassador is called to, the guest at a table."""
    check(one(text), **codes)


def test_a_pronoun_may_lead_to_somebody_of_the_other_state():
    """A counterpart is not the one of whom the sentence before tells."""
    found = told("South Korea's delegate asks for a new name. His Japanese counterpart objects.")
    assert found["actors"].tolist() == ["KOR", "JPN"]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("In Beijing, Japan and North Korea hold talks.", {"actors": "JPN;PRK"}),
        ("China hosts the ministers of the three countries in Beijing.", {"actors": "CHN;JPN;KOR"}),
        ("Officials of the three countries meet in Washington.", {"actors": "JPN;KOR;USA"}),
        ("In an interview with the Washington Post Park says no.", {"level": "leader"}),
        ("Families of dead plaintiffs in a forced labor case collect compensation.",
         {"actors": "KOR", "level": "private"}),
        ("Government negotiators hold talks on a Japan-ROK treaty.", {"level": "working"}),
    ],
)  # fmt: skip
def test_places_groups_and_papers_beside_those_who_act(text, codes):
    """A town that opens a sentence, a third state named, a paper that asks: none hides who acts."""
    check(one(text), **codes)


def test_the_sign_of_per_cent_is_the_word():
    """Chronologies print either."""
    text = "In a poll by Gallup Korea, 59{} of respondents back talks."
    sign, word = (one(text.format(words)) for words in ("%", " percent"))
    assert sign.drop("entry_words").equals(word.drop("entry_words"))


def test_a_plan_told_behind_an_act_leaves_it_done():
    """What will follow a decision does not make the decision one that is to come."""
    event = one("South Korea suspends talks with Japan, as going on would not help.")
    check(event, event_type="suspension", status="occurred")


def test_a_textbook_that_names_the_islets_has_both_issues():
    """Section 6 of the codebook; the answer to it has both too."""
    found = told("Japan approves textbooks that call Takeshima its own. South Korea protests.")
    assert found["issue"].tolist() == ["war_memory", "war_memory"]
    assert found["other_issues"].tolist() == ["territory", "territory"]


def test_a_surname_with_another_given_name_is_somebody_else():
    """Who shares the president's surname does not share the rank."""
    event = one("Lee Sang-ho visits Tokyo to attend a funeral.", head="Aug. 4, 2025")
    check(event, actors="KOR", level="government")
    assert one("Lee visits Tokyo to attend a funeral.", head="Aug. 4, 2025")["level"] == "leader"


def test_what_is_said_in_talks_is_no_event_of_its_own():
    """A sentence that begins within the talks just told goes on about them."""
    event = one("Abe and Park meet in Tokyo. In the evening Abe asks South Korea for a reply.")
    check(event, event_type="meeting", actors="JPN;KOR")


def test_talks_by_video_are_held_by_nobody():
    """The way in which talks are held does not hold them."""
    check(one("Talks are held by video."), event_type="meeting", mode="video", actors="")
