"""The WSGI application, with a worker in the same process if there is no Redis."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "api.settings")
application = get_wsgi_application()

from delivery.worker import start_embedded_worker  # noqa: E402 - needs the models, loaded above

start_embedded_worker()
