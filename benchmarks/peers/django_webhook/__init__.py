"""django-webhook: Celery, Redis, PostgreSQL."""
