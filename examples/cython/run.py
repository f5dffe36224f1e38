"""A fleet of pumps, each with another basal rate, through a day."""

from decimal import Decimal

import pumpfleet

from dosekernel import Kernel, Limits


def ready(rate: Decimal) -> Kernel:
    """A pump that was set up, at this rate."""
    kernel = Kernel(Limits.load("insulin-u100"))
    kernel.load_reservoir(id=1, at=0, amount=Decimal(200))
    kernel.prime(id=2, at=0, amount=Decimal(1))
    told = kernel.tick(at=60_000)
    kernel.confirm(sequence=told.sequence, amount=told.amount, at=60_000)
    kernel.insert_set(id=3, at=60_000, site=1)
    kernel.connect(id=4, at=60_000)
    kernel.fill_cannula(id=5, at=60_000, amount=Decimal("0.3"))
    told = kernel.tick(at=120_000)
    kernel.confirm(sequence=told.sequence, amount=told.amount, at=120_000)
    kernel.set_basal(id=6, at=120_000, rate=rate)
    return kernel


rates = [Decimal(quarter) / 4 for quarter in range(1, 9)]
given = pumpfleet.days([ready(rate).state for rate in rates], 120_000)
for rate, volume in zip(rates, given, strict=True):
    print(f"{rate} U/h: {volume / 1e6:.2f} U in a day")
