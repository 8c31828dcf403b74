"""Documents in the real bot: asked about, and taken apart by /extract and its menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.discord.entities import MessageFlag
from tests.documents_kit import locked_pdf, pdf_bytes
from tests.e2e.looks import buttons, words
from tests.e2e.test_e2e_chat import answer_to, mention

if TYPE_CHECKING:
    from sandbox.discord.people import Person
    from sandbox.server import Sandbox
    from tests.e2e.conftest import Bot

pytestmark = pytest.mark.e2e
INVOICE = pdf_bytes("Invoice number: A-7\nDate: 2026-11-02\nTotal: 12.50")
FIELDS = "invoice number, date, total as number, discount as number"


@pytest.mark.further
async def test_a_locked_pdf_gets_a_sentence(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    said = await ada.say(mention(sandbox, "Sum it up."), [("locked.pdf", locked_pdf())])

    reply = await answer_to(ada, said)

    assert "“locked.pdf”: this PDF is locked with a password" in words(reply)
    assert sandbox.model.calls == []


async def test_a_pdf_and_a_text_are_read(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    files = [("invoice.pdf", INVOICE), ("notes.md", b"# Paid in May")]
    said = await ada.say(mention(sandbox, "Compare them."), files)

    reply = await answer_to(ada, said)

    assert "I read invoice.pdf" in words(reply)
    assert "Paid in May" in str(sandbox.model.calls[-1].body["messages"])
    await answer_to(ada, await ada.say("And the total?", reply_to=reply))
    noted = [one.get("annotations") for one in sandbox.model.calls[-1].body["messages"]]
    assert sum(len(one) for one in noted if one) == 1


@pytest.mark.further
async def test_data_is_taken_out_of_several_files(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    other = b"Invoice number: B-8\nTotal: 3"
    asked = await ada.slash(
        "extract", {"fields": FIELDS}, files={"file": ("a.pdf", INVOICE), "file2": ("b.txt", other)}
    )

    await asked.until(lambda it: it.original is not None and "```" in words(it.original), 60)

    assert asked.original is not None
    table = words(asked.original)
    assert "A-7" in table
    assert "12.5" in table
    assert "B-8" in table
    assert "—" in table
    assert [one.filename for one in asked.original.attachments] == ["data.json", "data.csv"]
    assert buttons(asked.original) == []
    await bot.until_ended()
    assert bot.held() == (0, sandbox.model.total_cost_microusd)
    assert bot.rows("SELECT SUM(messages) FROM ledger") == [(1,)]


@pytest.mark.further
async def test_the_menu_takes_data_out_of_a_message(bot: Bot, sandbox: Sandbox, ada: Person) -> None:
    posted = await ada.say("The bill.", [("a.pdf", INVOICE)])
    menu = await ada.message_menu("Extract data", posted)
    await menu.first_response()

    sent = await ada.submit(menu, {"fields": FIELDS, "private": True})
    await sent.until(lambda it: it.original is not None and "```" in words(it.original), 60)

    assert sent.original is not None
    assert sent.original.flags & MessageFlag.EPHEMERAL
    assert "invoice_number" in words(sent.original)
