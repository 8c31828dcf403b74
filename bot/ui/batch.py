"""The cards of batches: what a list would draw, how far it is, its pictures in pages, and what failed."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.domain.money import show
from bot.domain.runs import BatchState
from bot.texts import isolated, mark, named, number, quoted, strung, tr, trn
from bot.ui.cards import MUTED, alt_text, left, panel, settings_of
from bot.ui.posts import Post
from bot.ui.press import ActButton, PickMenu
from bot.ui.text import cut, meter, plain, ready

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.runs import Batch, BatchRow, Ending, Offer, Page, Shot, Snapshot, Tally

VERB = "batch"
"""The verb of every button; its arguments are the batch and what to do with it."""
OPEN = "batchopen"
STARTED = mark("{title} has started. Its pictures come here, page by page.")
STARTED_PRIVATE = mark("{title} has started. Only you see its pictures.")
START, DROP, PAUSE, RESUME, CANCEL, RETRY, FAILED = (
    "start",
    "drop",
    "pause",
    "resume",
    "cancel",
    "retry",
    "failed",
)
SHOWN = 3
PROMPT_SHOWN = 300
FAILURE_SHOWN = 200
LIST_SHOWN = 3500
"""Characters of failed rows on a card; a message holds 4,000."""
BAR = 20
HEADINGS = {
    BatchState.RUNNING: mark("Drawing: {pictures} from {title}"),
    BatchState.PAUSED: mark("Paused: {pictures} from {title}"),
    BatchState.DONE: mark("Done: {pictures} from {title}"),
    BatchState.CANCELLED: mark("Cancelled: {pictures} from {title}"),
}


def offer(draft_id: int, offered: Offer) -> ui.LayoutView:
    """Show what a list would draw and cost, and what the allowance lets through; ask whether to start."""
    entries = offered.draft.entries
    rows = [f"**{_row(entry.row)}** {_words(entry.prompt)}" for entry in entries[:SHOWN]]
    if len(entries) > SHOWN:
        rows.append(trn("-# and {count} more", "-# and {count} more", len(entries) - SHOWN))
    price = [tr("Up to {cost}", cost=show(offered.upper_microusd)), *left(offered.readings)]
    facts = " · ".join([f"`{offered.model_id}`", *_settings(offered)])
    title = _title(offered.draft.title)
    lines = [
        tr("### {pictures} from {title}", pictures=_pictures(len(entries)), title=title),
        *rows,
        f"{' · '.join(price)}.",
        *_bound(offered),
        tr("-# {facts}. What is not drawn is not charged.", facts=facts),
    ]
    row = ui.ActionRow[Any](
        ActButton(VERB, draft_id, START, label=tr("Start"), emoji="🎨", style=discord.ButtonStyle.primary),
        ActButton(VERB, draft_id, DROP, label=tr("Cancel"), emoji="✖️"),
    )
    return panel(ui.TextDisplay[Any]("\n".join(lines)), row)


def started(batch: Batch) -> ui.LayoutView:
    """Say in place of the question that it begins."""
    said = tr(STARTED_PRIVATE if batch.request.private else STARTED, title=_title(batch.title))
    return panel(ui.TextDisplay[Any](said))


def dropped() -> ui.LayoutView:
    """Say that nothing was drawn."""
    return panel(ui.TextDisplay[Any](tr("Left alone. Nothing was drawn, and nothing was charged.")))


def card(snapshot: Snapshot) -> ui.LayoutView:
    """Show how far a batch is, why it waits, what failed, and what can be done."""
    said = ui.TextDisplay[Any]("\n".join([f"### {heading(snapshot)}", *standing(snapshot)]))
    parts: list[ui.Item[Any]] = [said]
    if snapshot.failures:
        parts.append(ui.TextDisplay[Any](_failures(snapshot)))
    if buttons := actions(snapshot):
        parts.append(ui.ActionRow[Any](*buttons))
    running = snapshot.batch.state in {BatchState.RUNNING, BatchState.DONE}
    return panel(*parts) if running else panel(*parts, colour=MUTED)


def heading(snapshot: Snapshot) -> str:
    """Name a batch and how it stands."""
    batch = snapshot.batch
    pictures = _pictures(snapshot.tally.total)
    return tr(HEADINGS[batch.state], pictures=pictures, title=_title(batch.title))


def standing(snapshot: Snapshot, *, for_whom: bool = True) -> list[str]:
    """Say how far a batch is: a bar, counts, when it may be ready, and what it costs so far."""
    batch, tally = snapshot.batch, snapshot.tally
    ended = tally.total - tally.left
    shown = _counts(tally)
    if snapshot.ready_at is not None:
        shown.append(ready(snapshot.ready_at))
    bar = meter(tally.total - ended, tally.total, BAR)
    small = [tr("for {person}", person=f"<@{batch.user_id}>")] if for_whom else []
    small += [f"`{snapshot.model_id}`"] if snapshot.model_id else []
    so_far = tr("{ended} of {total}", ended=number(ended), total=number(tally.total))
    lines = [f"`{bar}` {so_far}", " · ".join(shown)]
    if batch.state is BatchState.PAUSED and batch.reason:
        lines.append(tr("**Paused.** {reason} **Resume** goes on.", reason=batch.reason))
    if tally.kept:
        lines.append(
            trn(
                "Discord would not take {count} picture: `/queue` has it for a day.",
                "Discord would not take {count} pictures: `/queue` has them for a day.",
                tally.kept,
            )
        )
    small.append(tr("{cost} so far", cost=show(tally.cost_microusd)))
    return [*lines, f"-# {' · '.join(small)}"]


def _counts(tally: Tally) -> list[str]:
    """Say how many rows stand where."""
    failed, cancelled, drawing, waiting = tally.failed, tally.cancelled, tally.drawing, tally.waiting
    held = tally.held
    return [
        trn("{count} drawn", "{count} drawn", tally.done + tally.drawn),
        *([trn("{count} failed", "{count} failed", failed)] if failed else []),
        *([trn("{count} cancelled", "{count} cancelled", cancelled)] if cancelled else []),
        *([trn("{count} being drawn", "{count} being drawn", drawing)] if drawing else []),
        *([trn("{count} with the moderators", "{count} with the moderators", held)] if held else []),
        *([trn("{count} waiting", "{count} waiting", waiting)] if waiting else []),
    ]


def actions(snapshot: Snapshot, verb: str = VERB, *arguments: str) -> list[ActButton]:
    """Return what can be done with a batch as it stands."""
    batch, tally = snapshot.batch, snapshot.tally

    def button(action: str, label: str, emoji: str) -> ActButton:
        return ActButton(verb, batch.id, action, *arguments, label=label, emoji=emoji)

    found: list[ActButton] = []
    if batch.state is BatchState.RUNNING:
        found.append(button(PAUSE, tr("Pause"), "⏸️"))
    if batch.state is BatchState.PAUSED:
        found.append(button(RESUME, tr("Resume"), "▶️"))
    if batch.state in {BatchState.RUNNING, BatchState.PAUSED}:
        found.append(button(CANCEL, tr("Cancel"), "⏹️"))
    if tally.failed and batch.state is not BatchState.CANCELLED:
        found.append(button(RETRY, tr("Retry failed ({count})", count=number(tally.failed)), "🔁"))
    if tally.failed > len(snapshot.failures) and verb == VERB:
        found.append(button(FAILED, tr("All that failed"), "📄"))
    return found


def failed(rows: Sequence[BatchRow]) -> Post:
    """List the rows that failed and why; as a file where a message does not hold them."""
    if not rows:
        return Post(panel(ui.TextDisplay[Any](tr("No row of this batch has failed."))))
    head = trn("### {count} row could not be drawn", "### {count} rows could not be drawn", len(rows))
    text = "\n".join(_failure(row) for row in rows)
    if len(text) <= LIST_SHOWN:
        return Post(panel(ui.TextDisplay[Any](f"{head}\n{text}")))
    lines = (f"{_row(row.ordinal)}: {row.failure or ''}\n    {row.prompt}\n" for row in rows)
    file = discord.File(io.BytesIO("\n".join(lines).encode()), "failed-rows.txt")
    return Post(panel(ui.TextDisplay[Any](head), ui.File[Any](file)), [file])


def page(batch: Batch, shots: Sequence[Shot], files: Sequence[discord.File], at: Page) -> ui.LayoutView:
    """Show pictures side by side, each with its row and prompt, and a menu that opens one as a card."""
    gallery = ui.MediaGallery[Any](
        *(
            discord.MediaGalleryItem(file, description=cut(named(_row(shot.row.ordinal), _alt(shot)), 1024))
            for shot, file in zip(shots, files, strict=True)
        )
    )
    options = [
        discord.SelectOption(
            label=_row(shot.row.ordinal),
            value=str(shot.picture.job_id),
            description=cut(_alt(shot), 100),
        )
        for shot in shots
    ]
    menu = PickMenu(OPEN, batch.id, at.ordinal, options=options, placeholder=tr("Open one as a card…"))
    person = tr("for {person}", person=f"<@{batch.user_id}>")
    said = f"### {_rows(shots)}\n-# {_title(batch.title)} · {person}"
    return panel(ui.TextDisplay[Any](said), gallery, ui.ActionRow[Any](menu))


def files(batch: Batch, files: Sequence[discord.File], ending: Ending | None) -> ui.LayoutView:
    """Hand over zip files; the first message says how the batch ended."""
    said = tr("More of {title}", title=_title(batch.title))
    if ending is not None:
        tally = ending.tally
        counts = [tr("{done} of {total} drawn", done=number(tally.done), total=number(tally.total))]
        if tally.failed:
            counts.append(trn("{count} failed", "{count} failed", tally.failed))
        counts += [show(tally.cost_microusd), f"<@{batch.user_id}>"]
        said = tr("### {title} is done", title=_title(batch.title)) + f"\n{' · '.join(counts)}"
        if ending.earlier:
            said += "\n" + trn(
                "-# {count} picture from before is in the files above; the list in here names all.",
                "-# {count} pictures from before are in the files above; the list in here names all.",
                ending.earlier,
            )
        if ending.left_out:
            said += "\n" + trn(
                "-# {count} picture did not fit in here; the pages above have all.",
                "-# {count} pictures did not fit in here; the pages above have all.",
                ending.left_out,
            )
    return panel(ui.TextDisplay[Any](said), *(ui.File[Any](file) for file in files))


def coming(batch: Batch) -> ui.LayoutView:
    """Hold the place of a page that is about to be shown."""
    return panel(
        ui.TextDisplay[Any](tr("More pictures of {title} are on their way…", title=_title(batch.title)))
    )


def _bound(offered: Offer) -> list[str]:
    """Say how many of the rows the allowance lets through, where not all."""
    if offered.fits >= len(offered.draft.entries):
        return []
    if not offered.fits:
        return [
            tr("Your allowance lets none of them through now: the batch waits until you press **Resume**.")
        ]
    return [
        trn(
            "Your allowance lets {count} picture through now. Then the batch pauses, and **Resume** goes "
            "on later.",
            "Your allowance lets {count} pictures through now. Then the batch pauses, and **Resume** goes "
            "on later.",
            offered.fits,
        )
    ]


def _failures(snapshot: Snapshot) -> str:
    lines = [_failure(row) for row in snapshot.failures]
    if (more := snapshot.tally.failed - len(lines)) > 0:
        lines.append(trn("-# and {count} more", "-# and {count} more", more))
    return "\n".join(lines)


def _failure(row: BatchRow) -> str:
    return (
        f"**{_row(row.ordinal)}** {isolated(plain(_line(row.prompt), 80))}\n"
        f"-# {plain(_line(row.failure or tr('It could not be drawn.')), FAILURE_SHOWN)}"
    )


def _rows(shots: Sequence[Shot]) -> str:
    """Name the rows of a page."""
    numbers = [shot.row.ordinal for shot in shots]
    if len(numbers) == 1:
        return _row(numbers[0])
    if numbers == list(range(numbers[0], numbers[-1] + 1)):
        return tr("Rows {first}–{last}", first=numbers[0], last=numbers[-1])
    return tr("Rows {rows}", rows=strung(map(str, numbers)))


def _row(number: int) -> str:
    return tr("Row {number}", number=number)


def _alt(shot: Shot) -> str:
    return alt_text(shot.row.prompt, 1, 1)


def _settings(offered: Offer) -> list[str]:
    request = offered.draft.request
    seed = [] if request.seed is None else [tr("seed {seed}", seed=request.seed)]
    return [*seed, *settings_of(request)]


def _words(prompt: str) -> str:
    return isolated(plain(_line(prompt), PROMPT_SHOWN).strip()) or tr("A prompt without a visible character")


def _line(text: str) -> str:
    return " ".join(text.split())


def _title(title: str) -> str:
    return quoted(plain(_line(title), 80) or tr("a list"))


def _pictures(count: int) -> str:
    return trn("{count} picture", "{count} pictures", count)
