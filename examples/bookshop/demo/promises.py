"""What Hookline promises, as far as the demo's story puts it to the test."""

import enum


class Promise(enum.Enum):
    """The promises, in the order of the story."""

    CATALOGUE = "The catalogue lists the shop's event types."
    SUBSCRIBED = "Four webhooks were created, each with a signing secret of its own."
    ACCEPTED = "What an endpoint accepts is sent once."
    CHOSEN = "A webhook with a condition and a selection is sent that much and no more."
    RETRIED = "What an endpoint refuses is sent again, until it is accepted."
    ROLLED_BACK = "An event that was rolled back is never sent."
    ANOTHERS = "Another owner's event is not sent."
    CANCELLED = "With a webhook, the delivery that waits for it is cancelled."
    SILENT = "Nothing more is sent to a webhook that was cancelled."
    SIGNED = "Every request carries a signature that its receiver can verify."
