"""`/statistics`: figures in words, charts and tables; what is hidden stays hidden, and nothing is ranked."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from gateway.pack.loading import PACKS
from gateway.pack.loading import read as read_pack
from gateway.public import charts
from gateway.public.charts import Bar
from tests.desk import Office
from tests.public.figures import publish_made_figures
from tests.public.test_pages import read


def test_before_the_first_count_and_with_too_few_the_page_says_so(office: Office) -> None:
    assert "Nothing has been counted yet." in read(office, "/statistics?lang=en").text
    publish_made_figures(office.context, cases=9)
    assert "too few to say anything" in read(office, "/statistics?lang=en").text
    assert "chini ya 10" in read(office, "/statistics?lang=sw").text


def test_what_staff_say_and_what_residents_say_stand_apart(office: Office) -> None:
    publish_made_figures(office.context)
    text = read(office, "/statistics?lang=en").text
    assert "2,500 cases in all" in text
    assert re.search(r"Staff say solved \d+% of all cases", text)
    assert re.search(r"Residents say solved \d+% of those who answered", text)
    for counted in ("Could not be understood", "Not taken up", "Within 3 days", "Per 10,000 people"):
        assert counted in text
    assert "have not been checked" in text, "denominators of the pack are unverified"
    assert "nobody has supplied the boundaries" in text


def test_places_stand_in_the_order_of_the_pack_and_never_by_number(office: Office) -> None:
    publish_made_figures(office.context)
    page = office.client.get("/statistics?lang=en").text
    table = page[page.index("By sub-county and ward") :]
    areas = list(dict.fromkeys(place.area for place in office.context.pack.places))
    rows = re.findall(r'<tr><th scope="row">([^<]+)</th>', table)
    assert [row for row in rows if row in areas] == areas
    assert "<details><summary>Table:" in page


def test_a_map_is_drawn_where_a_pack_supplies_boundaries(tmp_path: Path) -> None:
    copy = tmp_path / "kakamega"
    shutil.copytree(PACKS / "kakamega", copy)
    square = [[34.7, 0.2], [34.8, 0.2], [34.8, 0.3], [34.7, 0.2]]
    shape = {"type": "Polygon", "coordinates": [square]}
    feature = {"type": "Feature", "properties": {"ward_code": "1014"}, "geometry": shape}
    file = copy / "boundaries.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    pack, problems = read_pack(copy)
    assert pack is not None, problems
    drawn = charts.ward_map("Map", pack.boundaries, {"1014": Bar("Shirere <b>", 40, "40")})
    assert '<path class="shade5" d="M' in drawn
    assert "Shirere &lt;b&gt;: 40" in drawn
    assert 'class="hidden"' in charts.ward_map("Map", pack.boundaries, {"1014": Bar("Shirere", None, "hidden")})
    file.write_text('{"features": [{}]}')
    (copy / "people.csv").write_text("area_code,people,year,confidence,source\n199,none,2019,U,somebody\n")
    problems = read_pack(copy)[1]
    assert any("boundaries.geojson: not the outlines" in problem for problem in problems)
    assert any("people.csv: line 2: people" in problem for problem in problems)


def test_hidden_bars_are_all_alike() -> None:
    drawn = charts.bars("Title", [Bar("a", None, "hidden"), Bar("b", None, "hidden"), Bar("c", 500, "500")])
    assert len(set(re.findall(r'class="hidden" x="1" y="\d+" (width="\d+")', drawn))) == 1
