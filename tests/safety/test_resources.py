import pytest

from safety import resources
from safety.verdict import AgeBand


@pytest.mark.obligation("CN-15", "US-CA-2", "US-NY-1")
@pytest.mark.parametrize(
    ("region", "first", "also"),
    [
        ("CN", "tel:12356", "tel:120"),
        ("US", "tel:988", "sms:988"),
        ("US-CA", "tel:988", "tel:911"),
        ("DE", "tel:116123", "tel:112"),
        ("GB", "tel:116123", "tel:999"),
        ("BR", "https://findahelpline.com", "tel:112"),
        ("", "https://findahelpline.com", "tel:112"),
    ],
)
def test_everybody_gets_numbers_that_fit(region, first, also):
    links = [one.href for one in resources.for_region(region, "en")]
    assert links[0] == first
    assert also in links


@pytest.mark.obligation("CN-16")
@pytest.mark.parametrize(
    ("region", "first"),
    [("CN", "tel:96110"), ("GB", "tel:159"), ("", "https://www.econsumer.gov")],
)
def test_where_money_is_being_lost_other_numbers_help(region, first):
    assert resources.for_loss(region, "en")[0].href == first


@pytest.mark.obligation("US-CA-2")
def test_a_line_for_children_is_for_children():
    def names(band):
        return [one.id for one in resources.for_person("GB", "en", band)]

    assert "gb.childline" in names(AgeBand.AGE_14_15)
    assert "gb.childline" not in names(AgeBand.ADULT)
    assert "gb.childline" in [one.id for one in resources.for_region("GB", "en")]


def test_a_single_line_holds_the_two_that_a_telephone_reaches():
    def links(region):
        found = resources.calls_for(region, "en", AgeBand.ADULT)
        return [one.href for one in found]

    assert links("US") == ["tel:988", "tel:911"]
    assert links("DE") == ["tel:116123", "tel:112"]
    assert links("") == ["tel:112"]


def test_no_hours_are_printed_that_nobody_promised():
    for one in resources.for_region("CN", "zh-hans"):
        assert "24" not in one.detail


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_resource_is_complete(language):
    for one in resources.all_resources(language):
        assert all((one.name, one.detail, one.label))
        assert one.href.startswith(("tel:", "sms:", "https:"))
        assert one.confidence in {"statute", "official", "secondary", "memory"}
