"""The exact model: what the rules of the kernel mean, with unlimited history and exact fractions."""

from .judge import Disagreement, Model

__all__ = ["Disagreement", "Model"]
