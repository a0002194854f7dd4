"""The Celery application of a peer: `celery -A benchmarks.peers.celery_app worker`."""

import sys

from celery import Celery
from celery.signals import worker_ready

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def _say_so(**_: object) -> None:
    # Celery logs what goes to `sys.stdout`.
    print("The worker is ready.", file=sys.__stdout__, flush=True)
