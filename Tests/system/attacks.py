"""A row of the attack table: one defect, and what each way in makes of it."""

from dataclasses import dataclass, field
from typing import Callable

from lab import NOTHING, Scene, Spoil, leave

PRODUCT, ROLLOUT = "room-agent", "room-agent-rollout"
#: Roles in the order in which they become trusted.
ORDER = ("root", "timestamp", "snapshot", "targets", PRODUCT, ROLLOUT)
#: Everything that an honest publication changes, as long as no new root is among it.
ALL = frozenset(ORDER[1:])


def before(role: str) -> frozenset[str]:
    """The roles that are trusted anew when `role` is the first that is refused."""
    return frozenset(ORDER[1 : max(1, ORDER.index(role))])


@dataclass(frozen=True)
class Fetched:
    """How fetch and apply end, as `status` tells it."""

    #: The contract's code; None: nothing is wrong and nothing is done.
    code: int | None
    #: The roles that are trusted anew.
    moved: frozenset[str] = frozenset()
    #: Who refuses.
    by: str = "apply"
    #: Why `status` says that the version is not taken.
    waiting: str | None = None


@dataclass(frozen=True)
class Setup:
    """How a Setup file ends; 0: what is spoilt is none of its business, and it installs."""

    code: int
    moved: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Attack:
    name: str
    fetched: Fetched
    setup: Setup
    spoil: Spoil = field(default=NOTHING)
    #: What the twin has, too; functions of this kind are few, so twins are shared.
    prepare: Callable[[Scene], object] = leave

    def __str__(self) -> str:
        return self.name


def refused(
    name: str,
    code: int = 20,
    moved: frozenset[str] = frozenset(),
    setup: Setup | None = None,
    prepare: Callable[[Scene], object] = leave,
    by: str = "apply",
    waiting: str | None = None,
    **spoil,
) -> Attack:
    """A row with one code for both ways in. Setup looks at everything before it touches what is trusted."""
    fetched = Fetched(code, moved, by, waiting)
    return Attack(name, fetched, setup or Setup(code), Spoil(**spoil), prepare)
