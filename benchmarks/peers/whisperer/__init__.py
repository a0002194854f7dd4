"""dj-whisperer: Celery, Redis, PostgreSQL."""
