from __future__ import annotations

import pytest
from babel.messages.pofile import read_po

from bot import catalogues
from translation.check import faults
from translation.template import TEMPLATE, template

LANGUAGES = sorted(path.name for path in catalogues.FOLDER.iterdir() if path.is_dir())


@pytest.fixture(scope="module")
def current():
    return template()


def test_the_template_has_everything_there_is_to_say_and_no_more(current):
    with TEMPLATE.open("rb") as file:
        written = read_po(file)

    told = {(message.context, message.id) for message in written if message.id}
    wanted = {(message.context, message.id) for message in current if message.id}
    assert told == wanted, "make words"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_is_complete_and_keeps_what_has_to_be_kept(current, language):
    assert faults(language, current) == []
