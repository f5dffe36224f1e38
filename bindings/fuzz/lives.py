"""Whole lives as a Hypothesis strategy: bytes with the shape that the harness reads.

A test that is `given` one runs under Hypothesis, and under HypoFuzz as it stands.
"""

from hypothesis import strategies as st

from dosekernel.spec.limits import preset_names

SET_UPS = (b"", b"\x15", b"\x55", b"\x95\x1d")  # none; a set change; with basal; and hours of it
OPERATIONS_MOST = 60
ARGUMENTS_MOST = 5  # bytes that one operation reads, most often


def operations() -> st.SearchStrategy[bytes]:
    """One operation and what it reads."""
    return st.builds(
        lambda first, rest: bytes([first]) + rest,
        st.integers(0, 255),
        st.binary(max_size=ARGUMENTS_MOST),
    )


def lives() -> st.SearchStrategy[bytes]:
    """A preset with edits, perhaps a pump that delivers, then anything."""
    beginning = st.builds(
        lambda preset, rest: bytes([preset]) + rest,
        st.integers(0, len(preset_names()) - 1),
        st.binary(max_size=6),
    )
    return st.builds(
        lambda start, set_up, rest: start + set_up + b"".join(rest),
        beginning,
        st.sampled_from(SET_UPS),
        st.lists(operations(), max_size=OPERATIONS_MOST),
    )
