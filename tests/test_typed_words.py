"""What people type is understood in every language, and so is all that a text tells them to type."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel.messages.pofile import read_po

from bot import catalogues
from bot.domain import batches, durations, gallery
from bot.domain.amounts import parse_cap, show, written
from bot.domain.durations import parse_duration
from bot.domain.extraction import EXAMPLE, by_fields
from bot.domain.gallery import NO_TIME, moment
from bot.domain.quotas import Meter
from bot.errors import BadInput
from bot.texts import COMMA, folded, of_command, speaking, tr, typed

TAGS = ("de", "es-ES", "es-419", "fr", "ja", "pt-BR")
EVERY = ("en", *TAGS)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")
FIELDS = "Such as: invoice number, date, total as number. Or: every line item: name, price as number"
IN_FORM = "invoice number, date, total as number\nor: every line item: name, price as number"
SINCE = "From this day on: 2026-11-20, yesterday, 7d"
HOW_LONG = "For how long, such as 2h or 3 days; for good where you leave it out"
LENGTHS = "“{length}” is no length of time. Write it like 30m, 2h 30m, 3 days or 1 week."


def entries(name):
    """Return what a catalogue has for people to type."""
    with catalogues.po_path(name).open("rb") as file:
        catalog = read_po(file, locale=name)
    return {str(one.id): str(one.string) for one in catalog if one.context == catalogues.TYPED}


@pytest.mark.parametrize("name", sorted(set(catalogues.LANGUAGES.values())))
def test_each_word_of_a_catalogue_means_what_its_english_words_mean(name):
    for english, said in entries(name).items():
        words = [word.strip() for word in COMMA.split(said)]
        assert all(words), said
        assert set(words) <= set(typed(english, anywhere=True))


@pytest.mark.further
@pytest.mark.parametrize("table", [durations.units, gallery.units], ids=["lengths", "times ago"])
def test_no_word_for_time_means_two_things_in_two_languages(table):
    known = table()

    for english in entries("de"):
        words = set(map(folded, typed(english, anywhere=True))) - {"m"}  # a minute; a month where it is ago
        of_one = {known[word] for word in words if word in known}
        if english.split(", ")[-1] in known:
            assert len(of_one) == 1, english


@pytest.mark.parametrize("tag", EVERY)
@pytest.mark.parametrize("meter", [Meter.IMAGES_PER_DAY, Meter.USD_PER_MONTH], ids=["pictures", "dollars"])
def test_unlimited_is_understood_as_it_is_shown(tag, meter):
    with speaking(tag):
        assert parse_cap(show(meter, None), meter) is None
        assert parse_cap(written(meter, None).upper(), meter) is None
        assert parse_cap("unlimited", meter) is None


def test_a_word_is_understood_from_whoever_types_it():
    for word in ("Unbegrenzt", "ilimitado", "sin limite", "illimité", "無制限", "sem limite", "∞"):
        assert parse_cap(word, Meter.IMAGES_PER_DAY) is None
    assert parse_cap("１２", Meter.IMAGES_PER_DAY) == 12
    assert parse_cap("1\u202f000", Meter.IMAGES_PER_DAY) == 1000
    assert parse_cap("2,50 $", Meter.USD_PER_DAY) == 2_500_000
    with pytest.raises(BadInput):
        parse_cap("2 50", Meter.USD_PER_DAY)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("said", "ago"),
    [
        ("Gestern", None),
        ("ayer", None),
        ("hier", None),
        ("昨日", None),
        ("ontem", None),
        ("vor 7 Tagen", 7),
        ("7 Tage her", 7),
        ("hace 2 semanas", 14),
        ("il y a 3 mois", 90),
        ("7j", 7),
        ("há 1 ano", 365),
        ("2 meses atrás", 60),
        ("７日前", 7),
        ("3 か月前", 90),
        ("2週間前", 14),
    ],
)
def test_times_are_read_in_every_language(said, ago):
    expected = datetime(2026, 11, 19, tzinfo=UTC) if ago is None else NOW - timedelta(days=ago)

    assert moment(said, NOW, UTC_ZONE) == expected


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        ("de", "20.11.2026"),
        ("fr", "20/11/2026"),
        ("ja", "2026年11月20日"),
        ("ja", "2026/11/20"),
        ("en", "20/11/2026"),
        ("en", "20.11.2026"),
    ],
)
def test_days_are_read_as_a_language_writes_them(tag, said):
    with speaking(tag):
        assert moment(said, NOW, UTC_ZONE) == datetime(2026, 11, 20, tzinfo=UTC)


def test_a_day_that_may_be_a_month_is_asked_again():
    with pytest.raises(BadInput):
        moment("3/11/2026", NOW, UTC_ZONE)
    with speaking("pt-BR"):
        assert moment("3/11/2026", NOW, UTC_ZONE) == datetime(2026, 11, 3, tzinfo=UTC)


@pytest.mark.parametrize("tag", TAGS)
def test_times_that_texts_suggest_are_understood(tag):
    with speaking(tag):
        suggested = re.split(r"[:：]", of_command(catalogues.DESCRIPTION, SINCE, tag) or "", maxsplit=1)[1]
        for one in COMMA.split(suggested):
            assert moment(one, NOW, UTC_ZONE) < NOW, one
        assert "today" not in tr(NO_TIME)


@pytest.mark.parametrize("tag", TAGS)
def test_lengths_that_texts_suggest_are_understood(tag):
    with speaking(tag):
        described = of_command(catalogues.DESCRIPTION, HOW_LONG, tag) or ""
        refused = tr(LENGTHS, length="x")
    for text in (described, refused):
        found = [text[one.start() :] for one in re.finditer(r"(?<!\d)\d", text)]
        assert len(found) >= 2
        for one in found:
            ends = [n for n in range(1, len(one) + 1) if tag == "ja" or not one[n : n + 1].isalpha()]
            assert any(_is_length(one[:n]) for n in ends), one


def _is_length(text):
    try:
        parse_duration(text, most=timedelta(days=365))
    except ValueError:
        return False
    return True


def kinds(wanted):
    """Return the type of each field by its place, of rows where it lists some."""
    schema = wanted.schema
    if wanted.list_name is not None:
        schema = schema["properties"][wanted.list_name]["items"]
    return [one["type"][0] for one in schema["properties"].values()]


@pytest.mark.parametrize("tag", EVERY)
def test_fields_that_texts_suggest_are_understood(tag):
    with speaking(tag):
        first, second = tr(IN_FORM).split("\n")
        each = re.sub(r"^\S+(?:\s?:)?\s", "", second)

        assert kinds(by_fields(tr(EXAMPLE))) == ["string", "string", "number"]
        assert kinds(by_fields(first)) == ["string", "string", "number"]
        assert by_fields(each).list_name is not None
        assert kinds(by_fields(each)) == ["string", "number"]
        described = of_command(catalogues.DESCRIPTION, FIELDS, tag) or FIELDS
        assert each in described


@pytest.mark.parametrize(
    ("tag", "said", "kind"),
    [
        ("de", "bezahlt als ja/nein", "boolean"),
        ("de", "bezahlt (Ja oder Nein)", "boolean"),
        ("de", "Anzahl als ganze Zahl", "integer"),
        ("de", "Summe as number", "number"),
        ("de", "Hausnummer", "string"),
        ("es-ES", "pagado como sí/no", "boolean"),
        ("es-ES", "cliente (nombre)", "string"),
        ("fr", "prix en nombre", "number"),
        ("fr", "payé : oui/non", "boolean"),
        ("pt-BR", "itens como lista", "array"),
        ("ja", "合計を数値", "number"),
        ("ja", "支払済み（はい/いいえ）", "boolean"),
        ("ja", "数量：整数", "integer"),
    ],
)
def test_types_of_fields_are_read_in_the_language_spoken(tag, said, kind):
    with speaking(tag):
        assert kinds(by_fields(said)) == [kind]


def test_columns_of_a_file_may_be_named_in_any_language():
    table = b"Beschreibung;Startwert\nein Fuchs;7\n"

    (entry,) = batches.parse(table, "zeilen.csv", None)

    assert (entry.prompt, entry.seed) == ("ein Fuchs", 7)
