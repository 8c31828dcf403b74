"""The models on offer now: read from the provider, kept through outages, resolved in the operator's order."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from bot.domain.capabilities import Offer, PictureModel, Transport
from bot.domain.chat_models import ChatModel
from bot.errors import ModelGone, ModelUnavailable, OptionUnsupported
from bot.model.chat_listing import parse_chat_models
from bot.model.failures import failure
from bot.model.listing import draws, entries, is_list, parse_models
from bot.model.reads import ReadFailed, read_json
from bot.model.shapes import parse, record, text
from bot.texts import mark, tr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import httpx

    from bot.model.backend import Backend

    Listed = tuple[Mapping[str, object], ...]

M = TypeVar("M", PictureModel, ChatModel)
log = logging.getLogger(__name__)

NOTICE = timedelta(days=60)
"""How long before its end a model is spoken of."""
NO_SUCH_PAGE = {404, 405}
"""Other backends have no `/images/models`; they draw through chat alone."""
NEVER_READ = mark("The list of models could not be read yet. Please try again in a moment.")
NOTHING_LEFT = mark("None of the bot's models can draw right now. Please tell its operator.")
NOBODY_ANSWERS = mark("None of the bot's models can answer right now. Please tell its operator.")
NOT_OFFERED = mark("That model is not offered here. Choose one from the list, or leave the choice out.")
NOT_NOW = mark("That model is not available any more. Choose another, or leave the choice out.")


@dataclass(frozen=True, slots=True)
class Sources:
    """The provider's own pages, as far as they concern Easel; a dump holds nothing else."""

    models: tuple[Mapping[str, object], ...] = ()
    images: tuple[Mapping[str, object], ...] = ()
    endpoints: Mapping[str, object] = field(default_factory=dict[str, object])
    read_at: str = ""

    def parsed(self) -> dict[str, PictureModel]:
        """Return the models that draw."""
        return parse_models({"data": list(self.models)}, {"data": list(self.images)}, self.endpoints)


class Catalogue:
    """Knows which models draw and which answer in words, and what they take and cost.

    `priced` are the ids whose prices by picture are read, `chat_models` those that are kept though they do
    not draw: normally the operator's two lists.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        backend: Backend,
        priced: Sequence[str] = (),
        chat_models: Sequence[str] = (),
    ) -> None:
        self._http = http
        self._backend = backend
        self._priced = tuple(priced)
        self._kept = frozenset(chat_models)
        self._sources: Sources | None = None
        self._models: dict[str, PictureModel] = {}
        self._chat_models: dict[str, ChatModel] = {}
        self._gone: set[str] = set()
        self.doubted = asyncio.Event()
        """Set while a listed model is passed over, so that whoever keeps the list reads it anew soon."""

    @property
    def ready(self) -> bool:
        """Tell whether a list is there, be it yesterday's."""
        return self._sources is not None

    @property
    def read_at(self) -> datetime | None:
        """Return when the list was read."""
        return datetime.fromisoformat(self._sources.read_at) if self._sources else None

    async def refresh(self, now: datetime) -> None:
        """Read the lists anew, or raise a ModelError and keep the last good ones.

        Models that were marked as gone count again if they are still listed.
        """
        read_at = now.astimezone(UTC).isoformat()
        try:
            models, images = await self._read_lists(read_at)
        except ReadFailed as error:
            log.warning("catalogue not read reason=%s", error.failed.name)
            raise error.failed.error() from None
        kept = (self._sources or Sources()).endpoints
        endpoints = {**kept, **await self._read_endpoints(images)}
        self._take(Sources(models, images, endpoints, read_at))
        log.info("catalogue read models=%s chat=%s", len(self._models), len(self._chat_models))

    def dump(self) -> str:
        """Return the list as text for `load`, fractions as decimal strings; empty where there is none."""
        if self._sources is None:
            return ""
        pages = {
            "models": self._sources.models,
            "images": self._sources.images,
            "endpoints": self._sources.endpoints,
            "read_at": self._sources.read_at,
        }
        return json.dumps(pages, default=str)

    def load(self, text_: str) -> None:
        """Take up an earlier dump; one that cannot be read is passed over, `ready` then says so."""
        try:
            pages = record(parse(text_))
            read_at = datetime.fromisoformat(text(pages.get("read_at"))).isoformat()
        except ValueError:
            log.warning("kept catalogue is not readable")
            return
        models, images = (tuple(entries({"data": pages.get(name)})) for name in ("models", "images"))
        self._take(Sources(models, images, record(pages.get("endpoints")), read_at))

    def mark_gone(self, model_id: str) -> None:
        """Pass over a model that the provider called gone, until the next refresh."""
        self._gone.add(model_id)
        self.doubted.set()

    def model(self, model_id: str) -> PictureModel | None:
        """Return a model that can draw now, or None."""
        return None if model_id in self._gone else self._models.get(model_id)

    def offer(self, model_id: str, transport: Transport) -> Offer:
        """Return what a model takes through a transport; nothing beyond the plain request if not known."""
        known = self._models.get(model_id)
        offers = known.offers if known else ()
        return next((offer for offer in offers if offer.transport is transport), Offer(transport))

    def chat_model(self, model_id: str) -> ChatModel | None:
        """Return a model that can answer in words now, or None."""
        return None if model_id in self._gone else self._chat_models.get(model_id)

    def described(self, model_id: str) -> ChatModel:
        """Return what a model that answers in words takes; whatever is wanted if it is not known."""
        return self._chat_models.get(model_id) or ChatModel(model_id, model_id)

    def resolve(self, configured: Sequence[str], asked: str | None = None) -> tuple[PictureModel, ...]:
        """Return the models to try, in order: the operator's list, or the one that was asked for alone.

        Raises ModelUnavailable before the first list, OptionUnsupported for a model outside the operator's
        list, and ModelGone where none is left.
        """
        return self._usable(self.model, configured, asked, NOTHING_LEFT)

    def resolve_chat(self, configured: Sequence[str], asked: str | None = None) -> tuple[ChatModel, ...]:
        """Return the models to ask for words, in order, or raise as `resolve` does.

        The next one is for when one is gone, which `mark_gone` then notes; never for when one refuses.
        """
        return self._usable(self.chat_model, configured, asked, NOBODY_ANSWERS)

    def notices(self, configured: Sequence[str], today: date) -> tuple[str, ...]:
        """Return what the operator should know: models that are missing or end soon, or that none is left."""
        return self._notices(self.model, configured, today, ("draws", "draw"))

    def chat_notices(self, configured: Sequence[str], today: date) -> tuple[str, ...]:
        """Return the same of the models that answer in words."""
        return self._notices(self.chat_model, configured, today, ("answers", "answer"))

    def _usable(
        self, look: Callable[[str], M | None], configured: Sequence[str], asked: str | None, none_left: str
    ) -> tuple[M, ...]:
        if asked is not None and asked not in configured:
            raise OptionUnsupported(tr(NOT_OFFERED))
        if not self.ready:
            raise ModelUnavailable(tr(NEVER_READ))
        wanted = configured if asked is None else (asked,)
        usable = tuple(model for one in wanted if (model := look(one)))
        if not usable:
            raise ModelGone(tr(none_left if asked is None else NOT_NOW))
        return usable

    def _notices(
        self, look: Callable[[str], M | None], configured: Sequence[str], today: date, does: tuple[str, str]
    ) -> tuple[str, ...]:
        if not self.ready:
            return ("The list of models could not be read; no model can be checked.",)
        said: list[str] = []
        for one in configured:
            model = look(one)
            if model is None:
                said.append(
                    f"{one} is not listed by the provider as a model that {does[0]}; the next one is used."
                )
            elif model.expires_on is not None and model.expires_on - today <= NOTICE:
                said.append(_end(model.id, model.expires_on, today))
        if not any(map(look, configured)):
            said.append(f"None of the configured models can {does[1]}. Add one that the provider lists.")
        return tuple(said)

    def _take(self, sources: Sources) -> None:
        """Make a list the current one."""
        self._sources = sources
        self._models = sources.parsed()
        self._chat_models = parse_chat_models({"data": list(sources.models)})
        self._gone.clear()
        self.doubted.clear()

    async def _read_lists(self, read_at: str) -> tuple[Listed, Listed]:
        """Read both lists; where there was none yet, `/models` alone serves until the other can be read."""
        models, images = await asyncio.gather(
            self._read_models(), self._read_images(), return_exceptions=True
        )
        if isinstance(models, BaseException):
            raise models
        if isinstance(images, BaseException):
            if not self.ready:
                self._take(Sources(models, read_at=read_at))
            raise images
        return models, images

    async def _read_models(self) -> Listed:
        """Read `/models`; by default it lists text models alone."""
        page = await self._read_list("/models", {"output_modalities": "all"})
        return tuple(_slim(entry for entry in entries(page) if self._concerns(entry)))

    def _concerns(self, entry: Mapping[str, object]) -> bool:
        """Tell whether an entry is worth keeping."""
        return draws(entry) or text(entry.get("id")) in self._kept

    async def _read_images(self) -> Listed:
        """Read `/images/models`, which only OpenRouter has."""
        try:
            return tuple(_slim(entries(await self._read_list("/images/models"))))
        except ReadFailed as error:
            if error.status in NO_SUCH_PAGE:
                return ()
            raise

    async def _read_list(self, path: str, params: Mapping[str, str] | None = None) -> object:
        """Read a list; an answer of another shape must not replace a good one."""
        page = await read_json(self._http, self._backend, path, params)
        if not is_list(page):
            raise ReadFailed(200, failure("server"))
        return page

    async def _read_endpoints(self, images: Sequence[Mapping[str, object]]) -> dict[str, object]:
        """Read the price lines of the operator's models; one that cannot be read keeps its former prices."""
        listed = {text(entry.get("id")) for entry in images}
        found: dict[str, object] = {}
        for model_id in filter(listed.__contains__, self._priced):
            try:
                path = f"/images/models/{model_id}/endpoints"
                found[model_id] = await read_json(self._http, self._backend, path)
            except ReadFailed as error:
                log.warning("prices not read model=%s reason=%s", model_id, error.failed.name)
        return found


def _end(model_id: str, expires_on: date, today: date) -> str:
    """Return when a model ends, as the operator should read it."""
    days = (expires_on - today).days
    when = f"in {days} day{'' if days == 1 else 's'}" if days > 0 else "today" if days == 0 else "already"
    return f"{model_id} ends on {expires_on.isoformat()} ({when}); put a successor into the list."


def _slim(listed: Iterable[Mapping[str, object]]) -> list[Mapping[str, object]]:
    """Drop the descriptions, which are most of a list."""
    return [{name: value for name, value in entry.items() if name != "description"} for entry in listed]
