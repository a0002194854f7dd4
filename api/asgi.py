"""The ASGI application, with a worker in the same process if there is no Redis."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "api.settings")
handler = get_asgi_application()

from api.checks import refuse_unsafe_settings  # noqa: E402 - needs the models, loaded above
from api.threads import on_few_threads  # noqa: E402 - as above
from delivery.worker import start_embedded_worker  # noqa: E402 - as above

refuse_unsafe_settings()
application = on_few_threads(handler)
start_embedded_worker()
