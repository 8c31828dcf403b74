"""The cards of batches: what a list would draw, how far it is, its pictures in pages, and what failed."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.domain.money import show
from bot.domain.runs import BatchState
from bot.ui.cards import MUTED, alt_text, left, panel
from bot.ui.posts import Post
from bot.ui.press import ActButton, PickMenu
from bot.ui.text import cut, meter, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.runs import Batch, BatchRow, Offer, Page, Shot, Snapshot, Tally

VERB = "batch"
"""The verb of every button; its arguments are the batch and what to do with it."""
OPEN = "batchopen"
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
    BatchState.RUNNING: "Drawing",
    BatchState.PAUSED: "Paused",
    BatchState.DONE: "Done",
    BatchState.CANCELLED: "Cancelled",
}


def offer(draft_id: int, offered: Offer) -> ui.LayoutView:
    """Show what a list would draw and cost, and what the allowance lets through; ask whether to start."""
    entries = offered.draft.entries
    rows = [f"**Row {entry.row}** {_words(entry.prompt)}" for entry in entries[:SHOWN]]
    if len(entries) > SHOWN:
        rows.append(f"-# and {len(entries) - SHOWN} more")
    price = [f"Up to {show(offered.upper_microusd)}", *left(offered.readings)]
    lines = [
        f"### {_pictures(len(entries))} from {_title(offered.draft.title)}",
        *rows,
        f"{' · '.join(price)}.",
        *_bound(offered),
        f"-# {' · '.join([f'`{offered.model_id}`', *_settings(offered)])}. What is not drawn is not charged.",
    ]
    row = ui.ActionRow[Any](
        ActButton(VERB, draft_id, START, label="Start", emoji="🎨", style=discord.ButtonStyle.primary),
        ActButton(VERB, draft_id, DROP, label="Cancel", emoji="✖️"),
    )
    return panel(ui.TextDisplay[Any]("\n".join(lines)), row)


def started(batch: Batch) -> ui.LayoutView:
    """Say in place of the question that it begins."""
    where = "Only you see its pictures." if batch.request.private else "Its pictures come here, page by page."
    return panel(ui.TextDisplay[Any](f"{_title(batch.title)} has started. {where}"))


def dropped() -> ui.LayoutView:
    """Say that nothing was drawn."""
    return panel(ui.TextDisplay[Any]("Left alone. Nothing was drawn, and nothing was charged."))


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
    return f"{HEADINGS[batch.state]}: {_pictures(snapshot.tally.total)} from {_title(batch.title)}"


def standing(snapshot: Snapshot, *, for_whom: bool = True) -> list[str]:
    """Say how far a batch is: a bar, counts, when it may be ready, and what it costs so far."""
    batch, tally = snapshot.batch, snapshot.tally
    ended = tally.total - tally.left
    counts = {
        "drawn": tally.done + tally.drawn,
        "failed": tally.failed,
        "cancelled": tally.cancelled,
        "being drawn": tally.drawing,
        "waiting": tally.waiting,
    }
    shown = [f"{count} {name}" for name, count in counts.items() if count or name == "drawn"]
    if snapshot.ready_at is not None:
        shown.append(f"ready {discord.utils.format_dt(snapshot.ready_at, 'R')}")
    bar = meter(tally.total - ended, tally.total, BAR)
    small = [f"for <@{batch.user_id}>"] if for_whom else []
    small += [f"`{snapshot.model_id}`"] if snapshot.model_id else []
    lines = [f"`{bar}` {ended} of {tally.total}", " · ".join(shown)]
    if batch.state is BatchState.PAUSED and batch.reason:
        lines.append(f"**Paused.** {batch.reason} **Resume** goes on.")
    if tally.kept:
        lines.append(f"Discord would not take {_pictures(tally.kept)}: `/queue` has them for a day.")
    return [*lines, f"-# {' · '.join([*small, f'{show(tally.cost_microusd)} so far'])}"]


def actions(snapshot: Snapshot, verb: str = VERB, *arguments: str) -> list[ActButton]:
    """Return what can be done with a batch as it stands."""
    batch, tally = snapshot.batch, snapshot.tally

    def button(action: str, label: str, emoji: str) -> ActButton:
        return ActButton(verb, batch.id, action, *arguments, label=label, emoji=emoji)

    found: list[ActButton] = []
    if batch.state is BatchState.RUNNING:
        found.append(button(PAUSE, "Pause", "⏸️"))
    if batch.state is BatchState.PAUSED:
        found.append(button(RESUME, "Resume", "▶️"))
    if batch.state in {BatchState.RUNNING, BatchState.PAUSED}:
        found.append(button(CANCEL, "Cancel", "⏹️"))
    if tally.failed and batch.state is not BatchState.CANCELLED:
        found.append(button(RETRY, f"Retry failed ({tally.failed})", "🔁"))
    if tally.failed > len(snapshot.failures) and verb == VERB:
        found.append(button(FAILED, "All that failed", "📄"))
    return found


def failed(rows: Sequence[BatchRow]) -> Post:
    """List the rows that failed and why; as a file where a message does not hold them."""
    if not rows:
        return Post(panel(ui.TextDisplay[Any]("No row of this batch has failed.")))
    count = "1 row" if len(rows) == 1 else f"{len(rows)} rows"
    head = f"### {count} could not be drawn"
    text = "\n".join(_failure(row) for row in rows)
    if len(text) <= LIST_SHOWN:
        return Post(panel(ui.TextDisplay[Any](f"{head}\n{text}")))
    lines = (f"Row {row.ordinal}: {row.failure or ''}\n    {row.prompt}\n" for row in rows)
    file = discord.File(io.BytesIO("\n".join(lines).encode()), "failed-rows.txt")
    return Post(panel(ui.TextDisplay[Any](head), ui.File[Any](file)), [file])


def page(batch: Batch, shots: Sequence[Shot], files: Sequence[discord.File], at: Page) -> ui.LayoutView:
    """Show pictures side by side, each with its row and prompt, and a menu that opens one as a card."""
    gallery = ui.MediaGallery[Any](
        *(
            discord.MediaGalleryItem(file, description=cut(f"Row {shot.row.ordinal}: {_alt(shot)}", 1024))
            for shot, file in zip(shots, files, strict=True)
        )
    )
    options = [
        discord.SelectOption(
            label=f"Row {shot.row.ordinal}",
            value=str(shot.picture.job_id),
            description=cut(_alt(shot), 100),
        )
        for shot in shots
    ]
    menu = PickMenu(OPEN, batch.id, at.ordinal, options=options, placeholder="Open one as a card…")
    said = f"### {_rows(shots)}\n-# {_title(batch.title)} · for <@{batch.user_id}>"
    return panel(ui.TextDisplay[Any](said), gallery, ui.ActionRow[Any](menu))


def files(batch: Batch, files: Sequence[discord.File], ending: tuple[Tally, int] | None) -> ui.LayoutView:
    """Hand over zip files; the first message says how the batch ended."""
    said = f"More of {_title(batch.title)}"
    if ending is not None:
        tally, left_out = ending
        drawn = f"{tally.done} of {tally.total} drawn"
        counts = [drawn, *([f"{tally.failed} failed"] if tally.failed else []), show(tally.cost_microusd)]
        said = f"### {_title(batch.title)} is done\n{' · '.join(counts)} · <@{batch.user_id}>"
        if left_out:
            said += f"\n-# {_pictures(left_out)} did not fit in here; the pages above have all."
    return panel(ui.TextDisplay[Any](said), *(ui.File[Any](file) for file in files))


def coming(batch: Batch) -> ui.LayoutView:
    """Hold the place of a page that is about to be shown."""
    return panel(ui.TextDisplay[Any](f"More pictures of {_title(batch.title)} are on their way…"))


def _bound(offered: Offer) -> list[str]:
    """Say how many of the rows the allowance lets through, where not all."""
    if offered.fits >= len(offered.draft.entries):
        return []
    if not offered.fits:
        return ["Your allowance lets none of them through now: the batch waits until you press **Resume**."]
    some = _pictures(offered.fits)
    return [f"Your allowance lets {some} through now. Then the batch pauses, and **Resume** goes on later."]


def _failures(snapshot: Snapshot) -> str:
    lines = [_failure(row) for row in snapshot.failures]
    if (more := snapshot.tally.failed - len(lines)) > 0:
        lines.append(f"-# and {more} more")
    return "\n".join(lines)


def _failure(row: BatchRow) -> str:
    return (
        f"**Row {row.ordinal}** {plain(_line(row.prompt), 80)}\n"
        f"-# {plain(_line(row.failure or 'It could not be drawn.'), FAILURE_SHOWN)}"
    )


def _rows(shots: Sequence[Shot]) -> str:
    """Name the rows of a page."""
    numbers = [shot.row.ordinal for shot in shots]
    if len(numbers) == 1:
        return f"Row {numbers[0]}"
    if numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"Rows {numbers[0]}–{numbers[-1]}"
    return f"Rows {', '.join(map(str, numbers))}"


def _alt(shot: Shot) -> str:
    return alt_text(shot.row.prompt, 1, 1)


def _settings(offered: Offer) -> list[str]:
    request = offered.draft.request
    seed = [] if request.seed is None else [f"seed {request.seed}"]
    return [*seed, *(f"{name} {plain(value, 40)}" for name, value in request.settings().items())]


def _words(prompt: str) -> str:
    return plain(_line(prompt), PROMPT_SHOWN).strip() or "-# A prompt without a visible character"


def _line(text: str) -> str:
    return " ".join(text.split())


def _title(title: str) -> str:
    return f"“{plain(_line(title), 80) or 'a list'}”"


def _pictures(count: int) -> str:
    return "1 picture" if count == 1 else f"{count} pictures"
