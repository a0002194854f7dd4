"""django-rest-hooks: a pool of threads in the process that publishes, and no record."""
