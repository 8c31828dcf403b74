"""What moderators, Easel and its checks did for the safety of a server, and for privacy, as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.blocked import WATCH
from bot.domain.reviews import BY_MODEL, NO_VERDICT
from bot.domain.spoilers import Spoilers
from bot.texts import tr, trn
from bot.ui.audit_told import family

if TYPE_CHECKING:
    from bot.ui.audit_told import Sentence, Told


def _entry(told: Told) -> str:
    return told.words("entry", 120)


def _blocked(told: Told) -> str:
    values = {**told.named, "entry": _entry(told), "place": _place(told)}
    what = told.line.detail.get("what")
    match told.line.detail.get("whose"):
        case "moderation model" if what == "picture":
            return tr(
                "The moderation model turned away pictures that {subject} gave: {entry} ({place}).", **values
            )
        case "moderation model":
            return tr("The moderation model turned away words of {subject}: {entry} ({place}).", **values)
        case "operator":
            return tr("{subject} was turned away: the bot's operator blocks “{entry}” ({place}).", **values)
        case _:
            return tr("{subject} was turned away: this server blocks “{entry}” ({place}).", **values)


def _place(told: Told) -> str:
    """Say what blocked words were for."""
    place = str(told.line.detail.get("place") or "")
    names = {
        "style": tr("Style"),
        "edit": tr("Message that was edited"),
    }
    return names.get(place) or family(place)


def _caption(told: Told) -> str:
    values = {**told.named, "entry": _entry(told)}
    if told.line.detail.get("place") == "name":
        return tr("A name that the model found for a thread was left out, for it holds “{entry}”.", **values)
    if told.line.detail.get("whose") == "operator":
        return tr(
            "Words about a picture for {subject} were left out: the bot's operator blocks “{entry}”.",
            **values,
        )
    return tr("Words about a picture for {subject} were left out: this server blocks “{entry}”.", **values)


def _slow(told: Told) -> str:
    if told.line.detail.get("whose") == "operator":
        return tr(
            "The operator's pattern {entry} takes too long, so a request was refused.", entry=_entry(told)
        )
    return tr(
        "The pattern {entry} takes too long, so a request was refused. "
        "Make it simpler with `/manage safety words`.",
        entry=_entry(told),
    )


def _entries(told: Told) -> str:
    return "; ".join(told.words("entries", 250).split("\n"))


def _raid(told: Told) -> str:
    return tr(
        "This may be a raid: {accounts} accounts asked at once, {young} of them new. "
        "Everybody waits a little until {until}.",
        accounts=told.number("accounts"),
        young=told.number("young"),
        until=told.when("until"),
    )


def _cooled(told: Told) -> str:
    return trn(
        "{subject} takes a break until {until}: {count} request was refused.",
        "{subject} takes a break until {until}: {count} requests were refused.",
        told.number("refused"),
        **told.named,
        until=told.when("until"),
    )


def _forgiven(told: Told) -> str:
    return trn(
        "{actor} ended the break of {subject}: {count} refused request no longer counts.",
        "{actor} ended the break of {subject}: {count} refused requests no longer count.",
        told.number("refused"),
        **told.named,
    )


def _review(told: Told) -> str:
    values = {**told.named, "channel": told.channel("channel")}
    match told.line.detail.get("pictures"):
        case "all":
            return tr("{actor} has every picture looked at first, in {channel}.", **values)
        case "flagged":
            return tr("{actor} has pictures with watched words looked at first, in {channel}.", **values)
        case _:
            return tr("{actor} has no pictures looked at first.", **values)


def _pictures(told: Told) -> str:
    covered = {
        Spoilers.NEVER: tr("never"),
        Spoilers.ALWAYS: tr("always"),
        Spoilers.FLAGGED: tr("delicate ones"),
        Spoilers.OUTSIDE_NSFW: tr("outside age-restricted channels"),
    }
    chosen = told.line.detail.get("spoilers")
    return tr(
        "{actor} chose how pictures are shown. Covered: {covered}; captions: {captions}; "
        "delicate ones only in age-restricted channels: {apart}.",
        **told.named,
        covered=covered[Spoilers(chosen)] if chosen in set(Spoilers) else tr("as everywhere"),
        captions=_yes(told, "captions"),
        apart=_yes(told, "apart"),
    )


def _yes(told: Told, name: str) -> str:
    return tr("yes") if told.number(name) else tr("no")


def _moderation(told: Told) -> str:
    if told.number("on"):
        return tr("{actor} lets the moderation model look at what is asked here.", **told.named)
    return tr("{actor} lets the moderation model look at nothing here.", **told.named)


def _held(told: Told) -> str:
    values = {**told.named, "channel": told.channel("channel"), "entry": _entry(told)}
    entry = str(told.line.detail.get("entry") or "")
    if entry == NO_VERDICT:
        return tr(
            "Pictures of {subject} in {channel} wait for moderators, because the moderation model gave no "
            "verdict.",
            **values,
        )
    if entry.startswith(BY_MODEL):
        values["entry"] = values["entry"].removeprefix(BY_MODEL)
        return tr(
            "Pictures of {subject} in {channel} wait for moderators, because of the moderation model: "
            "{entry}.",
            **values,
        )
    if entry:
        values["entry"] = values["entry"].removeprefix(WATCH)
        return tr("Pictures of {subject} in {channel} wait for moderators, because of “{entry}”.", **values)
    return tr("Pictures of {subject} in {channel} wait for moderators.", **values)


def _flagged(told: Told) -> str:
    values = {**told.named, "entry": _entry(told)}
    if count := told.number("count"):
        return trn(
            "The moderation model kept {count} picture of {subject} back, and others were shown: {entry}.",
            "The moderation model kept {count} pictures of {subject} back, and others were shown: {entry}.",
            count,
            **values,
        )
    return tr("The moderation model kept pictures of {subject} back: {entry}.", **values)


def _unchecked(told: Told) -> str:
    if count := told.number("count"):
        return trn(
            "{count} picture of {subject} was not shown, because the moderation model gave no verdict.",
            "{count} pictures of {subject} were not shown, because the moderation model gave no verdict.",
            count,
            **told.named,
        )
    return tr(
        "Pictures of {subject} were not shown, because the moderation model gave no verdict.", **told.named
    )


def _apart(told: Told) -> str:
    values = {**told.named, "channel": told.channel("channel")}
    if count := told.number("count"):
        return trn(
            "{count} delicate picture of {subject} was not shown: {channel} is not age-restricted.",
            "{count} delicate pictures of {subject} were not shown: {channel} is not age-restricted.",
            count,
            **values,
        )
    return tr(
        "Delicate pictures of {subject} were not shown in {channel}, which is not age-restricted.", **values
    )


def _filed(told: Told) -> str:
    values = {**told.named, "message": _message(told)}
    if told.line.subject:
        return tr("{actor} reported a message with pictures of {subject}: {message}", **values)
    return tr("{actor} reported a message of Easel's: {message}", **values)


def _message(told: Told) -> str:
    """Return the address of a message; without its channel, its number."""
    channel, message = told.number("channel"), told.number("message")
    if not channel:
        return str(message)
    return f"https://discord.com/channels/{told.line.guild_id}/{channel}/{message}"


def _dismissed(told: Told) -> str:
    values = {**told.named, "message": _message(told)}
    if told.line.subject:
        return tr("{actor} left a reported message with pictures of {subject} as it is: {message}", **values)
    return tr("{actor} left a reported message of Easel's as it is: {message}", **values)


def _deleted(told: Told) -> str:
    values = {**told.named, "message": _message(told)}
    if told.line.subject:
        return tr("{actor} took away a reported message with pictures of {subject}: {message}", **values)
    return tr("{actor} took away a reported message of Easel's: {message}", **values)


def _retention(told: Told) -> str:
    if days := told.number("days"):
        return trn(
            "{actor} lets things be kept here for {count} day.",
            "{actor} lets things be kept here for {count} days.",
            days,
            **told.named,
        )
    return tr("{actor} lets things be kept here for as long as their people want.", **told.named)


SAFETY: dict[str, Sentence] = {
    "safety.blocked": _blocked,
    "safety.caption": _caption,
    "safety.pattern_slow": _slow,
    "safety.words_added": lambda told: tr(
        "{actor} blocked words here: {entries}", **told.named, entries=_entries(told)
    ),
    "safety.words_removed": lambda told: tr(
        "{actor} allowed words here again: {entries}", **told.named, entries=_entries(told)
    ),
    "safety.raid_began": _raid,
    "safety.raid_ended": lambda told: tr("{actor} let requests be taken at full speed again.", **told.named),
    "safety.cooled": _cooled,
    "safety.forgiven": _forgiven,
    "safety.review": _review,
    "safety.pictures": _pictures,
    "safety.moderation": _moderation,
    "safety.flagged": _flagged,
    "safety.unchecked": _unchecked,
    "safety.apart": _apart,
    "review.held": _held,
    "review.approved": lambda told: told.because(tr("{actor} approved pictures of {subject}.", **told.named)),
    "review.denied": lambda told: told.because(tr("{actor} denied pictures of {subject}.", **told.named)),
    "review.expired": lambda told: tr(
        "Nobody looked at pictures of {subject} in time, so they are gone.", **told.named
    ),
    "review.called_off": lambda _told: tr("Pictures that waited for moderators were called off."),
    "review.lost": lambda told: tr(
        "Pictures for moderators cannot be posted to {subject} any more: {why}",
        **told.named,
        why=told.words("why"),
    ),
    "review.found": lambda told: tr("{subject} takes pictures for moderators again.", **told.named),
    "report.filed": _filed,
    "report.dismissed": _dismissed,
    "report.deleted": _deleted,
}
PRIVACY: dict[str, Sentence] = {
    "privacy.retention": _retention,
    "privacy.server_deleted": lambda told: tr("All that Easel kept of this server is deleted.", **told.named),
}
