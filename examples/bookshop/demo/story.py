"""What happens in the demo, and whether it happens as it should."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import TypeAlias

from delivery.stopping import StopSignals
from examples.bookshop.demo.client import Client, CreatedWebhook, Delivery, Status, Subscription
from examples.bookshop.demo.promises import Promise
from examples.bookshop.demo.receiver import Endpoint, Receiver
from examples.bookshop.demo.shop import SALE_PRICE, Shop
from examples.bookshop.demo.table import Screen

_PATIENCE = timedelta(seconds=20)
_LOOK_EVERY = timedelta(milliseconds=100)
_TRADE_EVERY = timedelta(seconds=1)

_BOOK = "A Book of Ours"
_ROLLED_BACK = "A Book That Was Rolled Back"
_ANOTHERS = "A Book of the Shop Next Door"

_SEARCH, _ACCOUNTING, _WAREHOUSE = "Search index", "Accounting", "Warehouse"
_BARGAINS = "Bargains"
_SUBSCRIPTIONS = {
    Endpoint.ACCEPTS: (
        _SEARCH,
        (Subscription(event_type="book.added"), Subscription(event_type="book.changed")),
    ),
    Endpoint.CHOOSES: (
        _BARGAINS,
        (
            Subscription(
                event_type="book.changed", price_below="10.00", selection="{ title price }"
            ),
        ),
    ),
    Endpoint.FAILS_TWICE: (_ACCOUNTING, (Subscription(event_type="order.paid"),)),
    Endpoint.FAILS: (_WAREHOUSE, (Subscription(event_type="package.created"),)),
}

Condition: TypeAlias = Callable[[Sequence[Delivery]], bool]


class Stopped(Exception):  # noqa: N818 - reads as the sentence that it is
    """Somebody asked the demo to stop."""


@dataclass(kw_only=True)
class Story:
    """The story and its people; `kept` holds the promises that were seen to be kept so far.

    `play` and `go_on` raise `Stopped` as soon as somebody asks to stop, and what `Client` raises.
    """

    client: Client
    receiver: Receiver
    shop: Shop
    other_shop: Shop
    screen: Screen
    stop: StopSignals
    kept: set[Promise] = field(default_factory=set)

    def play(self) -> None:
        """Play all of it; it goes on after a promise that was not kept."""
        webhooks = self._subscribe()
        self._trade()
        self._cancel(webhooks[Endpoint.FAILS])
        self._look_back()

    @property
    def is_well(self) -> bool:
        """Whether every promise was kept."""
        return self.kept == set(Promise)

    def go_on(self) -> None:
        """Trade until somebody asks to stop."""
        self.screen.say("\n[bold]4.[/] The shop goes on trading, until you press Ctrl-C.")
        for number in count(2):
            self.shop.sell(self.shop.add_book(title=f"{_BOOK}, Volume {number}"))
            self._watch(lambda _: False, within=_TRADE_EVERY)

    def _subscribe(self) -> dict[Endpoint, CreatedWebhook]:
        self.screen.say("\n[bold]1.[/] Integrators ask what there is, and subscribe to some of it.")
        kinds = self.client.event_types()
        wanted = {each.event_type for _, all_of in _SUBSCRIPTIONS.values() for each in all_of}
        self._judge(Promise.CATALOGUE, is_kept=wanted <= kinds.keys())
        webhooks = {}
        for endpoint, (name, subscriptions) in _SUBSCRIPTIONS.items():
            url = self.receiver.url(endpoint)
            names = ", ".join(each.event_type for each in subscriptions)
            self.screen.say(f"   {name:<12}  {names:<24}  {url}")
            webhook = self.client.create_webhook(name=name, url=url, subscriptions=subscriptions)
            self.receiver.trust(endpoint, secret=webhook.secret)
            webhooks[endpoint] = webhook
        secrets = {webhook.secret for webhook in webhooks.values()}
        self._judge(Promise.SUBSCRIBED, is_kept=len(secrets) == len(_SUBSCRIPTIONS))
        return webhooks

    def _trade(self) -> None:
        self.screen.say(
            "[bold]2.[/] The shop trades. One of its books is rolled back; one is another shop's."
        )
        self.shop.add_book_and_roll_back(title=_ROLLED_BACK)
        self.other_shop.add_book(title=_ANOTHERS)
        book = self.shop.add_book(title=_BOOK)
        self.shop.make_dearer(book)
        self.shop.put_on_sale(book)
        self.shop.pack(self.shop.sell(book))
        is_accepted = self._watch(_succeeded(_SEARCH, count=3, attempts=1))
        is_sent_once = len(self.receiver.received(Endpoint.ACCEPTS)) == 3  # noqa: PLR2004 - the three above
        self._judge(Promise.ACCEPTED, is_kept=is_accepted and is_sent_once)
        is_accepted = self._watch(_succeeded(_BARGAINS, count=1, attempts=1))
        chosen = [one.body["data"] for one in self.receiver.received(Endpoint.CHOOSES)]
        is_all = chosen == [{"title": _BOOK, "price": str(SALE_PRICE)}]
        self._judge(Promise.CHOSEN, is_kept=is_accepted and is_all)
        is_accepted_at_last = self._watch(_succeeded(_ACCOUNTING, count=1, attempts=3))
        self._judge(Promise.RETRIED, is_kept=is_accepted_at_last)
        self._watch(_is_retrying)

    def _cancel(self, webhook: CreatedWebhook) -> None:
        self.screen.say("[bold]3.[/] The warehouse fails every time. Its webhook is cancelled.")
        self.client.cancel_webhook(webhook)
        self._judge(Promise.CANCELLED, is_kept=self._watch(_is_cancelled))
        so_far = self.receiver.received(Endpoint.FAILS)
        # When accounting has accepted this, two retries later, the warehouse's would be overdue.
        self.shop.pack(self.shop.sell(self.shop.add_book(title=_BOOK)))
        is_over = self._watch(_succeeded(_ACCOUNTING, count=2, attempts=3))
        is_silent = self.receiver.received(Endpoint.FAILS) == so_far
        self._judge(Promise.SILENT, is_kept=is_over and is_silent)

    def _look_back(self) -> None:
        """Judge what must not have happened: by now it would have."""
        received = self.receiver.received()
        titles = {one.body["data"].get("title") for one in received}
        self._judge(Promise.ROLLED_BACK, is_kept=_BOOK in titles and _ROLLED_BACK not in titles)
        self._judge(Promise.ANOTHERS, is_kept=_BOOK in titles and _ANOTHERS not in titles)
        is_signed = bool(received) and all(one.is_genuine for one in received)
        self._judge(Promise.SIGNED, is_kept=is_signed)

    def _judge(self, promise: Promise, *, is_kept: bool) -> None:
        if is_kept:
            self.kept.add(promise)

    def _watch(self, condition: Condition, *, within: timedelta = _PATIENCE) -> bool:
        """Show the deliveries until they meet a condition; False if they did not in that time."""
        until = time.monotonic() + within.total_seconds()
        while True:
            deliveries = self.client.deliveries()
            self.screen.show(deliveries, caption=self._caption())
            if condition(deliveries):
                return True
            if time.monotonic() > until:
                return False
            if self.stop.wait(at_most=_LOOK_EVERY):
                raise Stopped

    def _caption(self) -> str:
        received = self.receiver.received()
        genuine = sum(one.is_genuine for one in received)
        return f"Requests received: {len(received)}, with a valid signature: {genuine}"


def _succeeded(webhook: str, *, count: int, attempts: int) -> Condition:
    expected = [(Status.SUCCEEDED, attempts)] * count
    return lambda deliveries: (
        [(one.status, one.attempts) for one in deliveries if one.webhook == webhook] == expected
    )


def _is_retrying(deliveries: Sequence[Delivery]) -> bool:
    return [one.status for one in deliveries if one.webhook == _WAREHOUSE] == [Status.RETRYING]


def _is_cancelled(deliveries: Sequence[Delivery]) -> bool:
    return [one.status for one in deliveries if one.webhook == _WAREHOUSE] == [Status.CANCELLED]
