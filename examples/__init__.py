"""Examples of projects that use Hookline."""
