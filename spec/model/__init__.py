"""The exact model: what the rules mean, with unlimited history and exact fractions."""

from .judge import DisagreementError, Model

__all__ = ["DisagreementError", "Model"]
