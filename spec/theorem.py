"""What a theorem is: statements about one run of a kernel function, and how to show them.

A statement is a function of `spec/properties/`, in the kernel language, that returns a bool. Its
parameters say by name what they stand for, for a kernel function `f` that the theorem is about:

    result              what `f` returned
    before, after       `f`'s parameter `state`, or `memory.state`, on entry and on exit
    NAME                `f`'s parameter NAME, on exit
    NAME_before, NAME_after   `f`'s parameter NAME, on entry and on exit
    any_NAME            any value at all: the statement holds for every one (a ghost, for example)

The theorem says: whenever `f` is called with arguments that meet its `require`, every statement
holds of that call.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Theorem:
    """One entry of the hand-kept list of all that must be proved.

    `opens` are functions whose body is used and not their contract. `cases` fix words of the
    arguments, such as `{"event.kind": (1, 2, 3)}`; what is none of them is a case too. `cover` is a
    property that some call must have, so that the theorem says something. `one_solver` names the
    only solver that must show it, with the `reason` for the exception.

    A theorem that `rests_on` others about the same function does not look at the function again:
    what those say of the call, and its contract, is all that is known of it. A theorem about whole
    histories is of this kind: an invariant with a ghost, kept by any call that those speak of.
    """

    name: str
    title: str
    about: str
    statements: tuple[str, ...]
    opens: tuple[str, ...] = ()
    cases: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    cover: str = ""
    rests_on: "tuple[Theorem, ...]" = ()
    one_solver: str = ""
    reason: str = ""
