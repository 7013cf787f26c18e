"""What is wrong in a pack, for its author: each line names file and place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from gateway.errors import filled
from gateway.pack.loading import Pack, folder, read
from menus import by_sms, gsm7
from menus.by_sms import MENU
from menus.catalogue import Catalogue, placeholders
from menus.engine import MORE, State
from menus.layout import LABEL, count_pages
from menus.screens.entry import ERRANDS

OFFICE = 60
"""The longest name of an office, in septets: a screen asks whether it may have what a resident wrote."""

ONE_PAGE = {
    "lang": "pack.toml",
    "menu": "pack.toml",
    "kind": "categories.toml",
    "info.kind": "categories.toml",
    "danger": "referrals.toml",
    "promises": "commitments.toml",
    "settings": "referrals.toml",
}
"""Screens that must not need `98`, and the file whose words make them long."""


def check_pack(path: str | Path) -> list[str]:
    """Everything wrong in the pack at `path`; empty when it can be used."""
    pack, problems = read(folder(path))
    if pack is None:
        return problems
    return [
        *_codes(pack),
        *_references(pack),
        *_letters(pack),
        *_promises(pack),
        *_labels(pack),
        *_alphabet(pack),
        *(problem for catalogue in pack.catalogues.values() for problem in check_catalogue(pack, catalogue)),
        *_pages(pack),
    ]


def _codes(pack: Pack) -> Iterator[str]:
    """Every code stands for one thing."""
    areas = {(row.area_code, row.area) for row in pack.places}
    yield from _repeated("places.csv", "ward_code", (row.ward_code for row in pack.places))
    yield from _repeated("places.csv", "area_code", (code for code, _ in areas))
    yield from _repeated("categories.toml", "code", (entry.code for entry in pack.categories))
    yield from _repeated("departments.toml", "code", (entry.code for entry in pack.departments))
    yield from _repeated("referrals.toml", "code", (entry.code for entry in pack.referrals.referrals))
    yield from _repeated("commitments.toml", "ogp_id", (entry.ogp_id for entry in pack.commitments))
    yield from _repeated("commitments.toml", "area code", (area.code for area in pack.promise_areas))
    yield from _repeated("replies.toml", "code", (entry.code for entry in pack.replies))
    yield from _repeated("clocks.toml", "code", (entry.code for entry in pack.clocks))
    yield from _repeated("holidays.toml", "day", (entry.when for entry in pack.holidays.holidays))
    yield from _repeated("referrals.toml", "rule code", (entry.code for entry in pack.referrals.rules))
    yield from _repeated("desk.toml", "code", (entry.code for entry in pack.desk.rungs))
    yield from _repeated("facilities.toml", "code", (entry.code for entry in pack.facilities))


def _repeated(file: str, key: str, codes: Iterable[str]) -> Iterator[str]:
    for code, times in Counter(codes).items():
        if times > 1:
            yield f"{file}: {key} {code} stands for {times} different entries"


def _references(pack: Pack) -> Iterator[str]:
    """What is named exists; a number that residents are sent to is verified."""
    referrals = {entry.code: entry for entry in pack.referrals.referrals}
    for number, entry in enumerate(pack.categories, 1):
        if entry.referral is not None and entry.referral not in referrals:
            place = f"category {number} ({entry.code})"
            yield f"categories.toml: {place}: referral {entry.referral} is not in referrals.toml"
    for number, rule in enumerate(pack.clocks, 1):
        if rule.remedy and rule.remedy not in referrals:
            yield f"clocks.toml: clock {number} ({rule.code}): remedy {rule.remedy} is not in referrals.toml"
    care = referrals.get(pack.referrals.care)
    if pack.referrals.care and (care is None or not care.verified):
        yield f"referrals.toml: care: {pack.referrals.care} is not a verified referral"
    yield from _sent_on(pack)
    yield from _facilities(pack)
    yield from _ways_in(pack)
    yield from _routes(pack)


def _routes(pack: Pack) -> Iterator[str]:
    """What a rule of routing names exists."""
    known = {
        "department": {entry.code for entry in pack.departments},
        "category": {entry.code for entry in pack.categories},
        "commitment": {entry.ogp_id for entry in pack.commitments},
        "area": {row.area_code for row in pack.places},
        "ward": {row.ward_code for row in pack.places},
    }
    for number, rule in enumerate(pack.routing.rules, 1):
        for name, codes in known.items():
            code = getattr(rule, name)
            if code is not None and code not in codes:
                yield f"routing.toml: rule {number}: there is no {name} {code}"
    own = pack.routing.own_office
    if own is not None and own.department not in known["department"]:
        yield f"routing.toml: own_office: there is no department {own.department}"


def _letters(pack: Pack) -> Iterator[str]:
    """Ladders are of departments that exist; the texts of letters name only what is known."""
    departments = {entry.code for entry in pack.departments}
    for number, ladder in enumerate(pack.desk.ladders, 1):
        if ladder.department not in departments:
            yield f"desk.toml: ladder {number}: department {ladder.department} is not in departments.toml"
    if pack.desk.rungs[0].title is None:
        yield f"desk.toml: rung 1 ({pack.desk.rungs[0].code}): it needs a title: letters begin there"
    for name, texts in (("reminder", pack.letters.text.reminder), ("step_up", pack.letters.text.step_up)):
        for language, text in texts.items():
            for unknown in placeholders(text) - {"{number}", "{date}", "{serial}", "{reply_by}", "{days}"}:
                yield f"letters.toml: text.{name}.{language}: there is no {unknown}"


def _promises(pack: Pack) -> Iterator[str]:
    """Areas, institutions and wards that promises and proposals name exist; steps are dated in order."""
    areas, departments = {area.code for area in pack.promise_areas}, {entry.code for entry in pack.departments}
    for number, promise in enumerate(pack.commitments, 1):
        place = f"commitments.toml: commitment {number} ({promise.ogp_id})"
        if promise.area not in areas:
            yield f"{place}: area {promise.area} is not listed"
        if promise.ends < promise.starts:
            yield f"{place}: ends before it starts"
        for code in {*filter(None, [promise.lead_department]), *promise.supporting} - departments:
            yield f"{place}: department {code} is not in departments.toml"
        yield from _repeated(
            f"commitments.toml: {promise.ogp_id}", "milestone", (step.code for step in promise.milestones)
        )
        yield from _repeated(
            f"commitments.toml: {promise.ogp_id}", "indicator", (one.code for one in promise.indicators)
        )
        for step in promise.milestones:
            if step.starts and step.due and step.due < step.starts:
                yield f"{place}: milestone {step.code} is due before it starts"
    yield from _proposals(pack, areas)


def _proposals(pack: Pack, areas: set[str]) -> Iterator[str]:
    wards = {row.ward_code for row in pack.places}
    yield from _repeated("commitments.toml", "proposal", (idea.code for idea in pack.proposals))
    for number, idea in enumerate(pack.proposals, 1):
        place = f"commitments.toml: proposal {number} ({idea.code})"
        if idea.area is not None and idea.area not in areas:
            yield f"{place}: area {idea.area} is not listed"
        if idea.ward is not None and idea.ward not in wards:
            yield f"{place}: ward {idea.ward} is not in places.csv"


def _sent_on(pack: Pack) -> Iterator[str]:
    """Where residents and cases are sent exists; the way out of last resort is a number that was checked."""
    offices, departments = pack.referrals, {entry.code for entry in pack.departments}
    remedy = offices.office(offices.remedy)
    if offices.remedy and (remedy is None or not remedy.verified):
        yield f"referrals.toml: remedy: {offices.remedy} is not a verified referral"
    for number, rule in enumerate(offices.rules, 1):
        if rule.office is not None and offices.office(rule.office) is None:
            yield f"referrals.toml: rule {number} ({rule.code}): office {rule.office} is not in referrals.toml"
    for number, office in enumerate(offices.referrals, 1):
        for language, name in office.name.items():
            if gsm7.length(name) > OFFICE:
                place = f"referrals.toml: referral {number} ({office.code})"
                yield f"{place}: name.{language} is longer than {OFFICE} characters"
    for number, rung in enumerate(pack.desk.rungs, 1):
        place = f"desk.toml: rung {number} ({rung.code})"
        if rung.department is not None and rung.department not in departments:
            yield f"{place}: department {rung.department} is not in departments.toml"
        if rung.office is not None and offices.office(rung.office) is None:
            yield f"{place}: office {rung.office} is not in referrals.toml"


def _ways_in(pack: Pack) -> Iterator[str]:
    """Words and codes that begin an errand: there is such an errand, and they cannot be taken for an answer."""
    for number, (word, errand) in enumerate(pack.about.words.items()):
        if errand != MENU and errand not in ERRANDS:
            yield f"pack.toml: words.{word}: there is no errand {errand}"
        if not number and errand != MENU:
            yield f"pack.toml: words.{word}: texts name the first word, so it must lead to {MENU}"
    for code, errand in pack.about.shortcuts.items():
        if errand not in ERRANDS:
            yield f"pack.toml: shortcuts.{code}: there is no errand {errand}"
        # One digit is a place in a menu, and 00 and 98 are keys.
        if not re.fullmatch(r"[1-9][0-9]{1,5}", code) or code == MORE:
            yield f"pack.toml: shortcuts.{code}: a code is two to six digits, and not {MORE}"


def label_fault(label: str) -> str:
    """What is wrong with a label for a line of a list; empty where nothing is."""
    if gsm7.length(label) > LABEL:
        return filled("longer than {most} characters", most=LABEL)
    foreign = gsm7.foreign(label)
    return filled("has {signs}, which GSM-7 has not", signs=" ".join(foreign)) if foreign else ""


def _labels(pack: Pack) -> Iterator[str]:
    """What residents see is said in every language offered, and short enough for one line of a list."""
    for place, labels in _resident_labels(pack):
        for language in pack.guide.languages:
            if language.code not in labels:
                yield f"{place}.{language.code} is missing"
            elif gsm7.length(labels[language.code]) > LABEL:
                yield f"{place}.{language.code} is longer than {LABEL} characters"


def _resident_labels(pack: Pack) -> Iterator[tuple[str, Mapping[str, str]]]:
    yield "pack.toml: title", pack.about.title
    yield "pack.toml: place", pack.about.place
    for number, entry in enumerate(pack.categories, 1):
        yield f"categories.toml: category {number} ({entry.code}): label", entry.label
    for number, line in enumerate(pack.referrals.referrals, 1):
        if line.danger:
            yield f"referrals.toml: referral {number} ({line.code}): name", line.name
    for number, rule in enumerate(pack.referrals.rules, 1):
        yield f"referrals.toml: rule {number} ({rule.code}): reason", rule.reason
    for number, area in enumerate(pack.promise_areas, 1):
        yield f"commitments.toml: area {number} ({area.code}): label", area.label
    for number, promise in enumerate(pack.commitments, 1):
        yield f"commitments.toml: commitment {number} ({promise.ogp_id}): short", promise.short
    yield from _scored(pack)


def _facilities(pack: Pack) -> Iterator[str]:
    """Where a facility is exists."""
    for number, facility in enumerate(pack.facilities, 1):
        if pack.guide.ward(facility.ward) is None:
            yield f"facilities.toml: facility {number} ({facility.code}): there is no ward {facility.ward}"


def _scored(pack: Pack) -> Iterator[tuple[str, Mapping[str, str]]]:
    for number, facility in enumerate(pack.facilities, 1):
        yield f"facilities.toml: facility {number} ({facility.code}): name", facility.name
    for number, item in enumerate(pack.guide.score_items, 1):
        yield f"facilities.toml: item {number}", item


def _alphabet(pack: Pack) -> Iterator[str]:
    """Everything that can stand on a screen is in GSM-7: one odd letter halves an SMS and breaks a menu."""
    for place, text in _resident_texts(pack):
        foreign = gsm7.foreign(text)
        if foreign:
            yield f"{place} has {' '.join(foreign)}, which GSM-7 has not"


def _resident_texts(pack: Pack) -> Iterator[tuple[str, str]]:
    yield "pack.toml: welcome", pack.about.welcome
    for number, reply in enumerate(pack.replies, 1):
        for language, text in reply.text.items():
            yield f"replies.toml: reply {number} ({reply.code}): text.{language}", text
    for number, known in enumerate(pack.about.languages, 1):
        yield f"pack.toml: language {number} ({known.code}): name", known.name
    for place, labels in _resident_labels(pack):
        for language, text in labels.items():
            yield f"{place}.{language}", text
    for number, row in enumerate(pack.places, 2):
        yield f"places.csv: line {number} ({row.ward_code}): area", row.area
        yield f"places.csv: line {number} ({row.ward_code}): ward", row.ward


def check_catalogue(pack: Pack, catalogue: Catalogue) -> Iterator[str]:
    """What a language lacks, or says with other placeholders, or in letters that a phone may not have."""
    shared, own = f"{catalogue.language}/baraza.po", f"texts.{catalogue.language}.po"
    for text in pack.guide.missing_translations(catalogue.language):
        yield f"{shared}: no translation of {text!r}"
    for text, translated in catalogue.texts.items():
        file = own if text in catalogue.own else shared
        if translated and text not in pack.guide.texts:
            yield f"{file}: {text!r} is no text of the menus: a mistake in its spelling, or it has changed"
        if translated and placeholders(text) != placeholders(translated):
            yield f"{file}: {text!r}: the placeholders differ: {translated!r}"
        if gsm7.foreign(translated):
            yield f"{file}: {text!r}: {' '.join(gsm7.foreign(translated))} is not in GSM-7"


def _pages(pack: Pack) -> Iterator[str]:
    for language in pack.guide.languages:
        for screen, file in ONE_PAGE.items():
            pages = count_pages(State(screen, language.code), pack.guide)
            if pages > 1:
                yield f"{file}: the screen {screen} takes {pages} pages in {language.code}: shorten its words"
        views = State("kind", language.code, answers={"kind": "feedback"})
        if count_pages(views, pack.guide) > 1:
            yield f"categories.toml: the kinds of feedback take more than one page in {language.code}"
        first, _ = by_sms.said(State(pack.guide.home, language.code), pack.guide)
        if not first.endswith(pack.guide.say(language.code, by_sms.HINT)):
            yield f"pack.toml: title.{language.code}: the main menu leaves no room to say by SMS how to answer"
