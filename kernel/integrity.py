"""A state is kept twice, the second time inverted: damage to either copy alone is always seen."""

from .contract import seal, sealed
from .records import Memory


def memory_sealed(memory: Memory) -> bool:
    """Every word of the state and of its inverse agree."""
    return sealed(memory.inverse, memory.state)


def seal_memory(memory: Memory) -> None:
    """Make every word of the inverse agree with the state."""
    seal(memory.inverse, memory.state)
