"""An app whose events the peers send: something was made."""
