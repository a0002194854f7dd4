"""`manage.py reencrypt_secrets`: has every stored secret use the newest encryption key."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from delivery.reencryption import reencrypt_secrets


class Command(BaseCommand):
    """Encrypts stored secrets with the first key, so that the keys after it can be taken away."""

    help = "Encrypts stored secrets with the first of WEBHOOK_ENCRYPTION_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        """Encrypt them, and fail if some could not be read."""
        count, unreadable = 0, []
        for done in reencrypt_secrets():
            if done.is_readable:
                count += 1
            else:
                unreadable.append(done.public_id)
        self.stdout.write(f"Encrypted {count} secrets with the first key.")
        if unreadable:
            raise CommandError(
                f"{len(unreadable)} cannot be decrypted by any key: {', '.join(unreadable[:10])}"
                f"{' and others' if len(unreadable) > 10 else ''}. Put the key that they were "  # noqa: PLR2004 - as many as fit on a line
                "encrypted with back into WEBHOOK_ENCRYPTION_KEYS."
            )
