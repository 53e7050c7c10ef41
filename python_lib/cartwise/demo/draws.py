"""Random draws that are a pure function of a seed, a name and some ids.

Every draw hashes its own key, so it does not depend on how many draws came before it. A shop is
therefore the same whether it is built in one piece or block by block, and on every platform and
numpy version: nothing here uses a random stream, a floating-point function or a distribution
whose algorithm may change.
"""

from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b

import numpy as np
from numpy.typing import ArrayLike, NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_EXPONENTIAL_STEPS = 1024


def _mix_bits(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the SplitMix64 finaliser of `state` (Steele, Lea and Flood, 2014)."""
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


def _tabulate_exponential() -> NDArray[np.int64]:
    """Return the quantiles of the unit exponential, times 1000, at 1024 equal steps."""
    # Decimal.ln is correctly rounded everywhere; the C library's log is not
    steps = ((Decimal(k) + Decimal("0.5")) / _EXPONENTIAL_STEPS for k in range(_EXPONENTIAL_STEPS))
    return np.array([int(-(1 - step).ln() * 1000) for step in steps], dtype=np.int64)


_EXPONENTIAL = _tabulate_exponential()


@dataclass(frozen=True)
class Draws:
    """Hashed random draws.

    Parameters
    ----------
    seed : int
        Two objects with the same seed draw the same values for the same names and ids.

    Examples
    --------
    >>> draws = Draws(seed=7)
    >>> whole = draws.integers("colour", 10, [1, 2, 3, 4])
    >>> part = draws.integers("colour", 10, [3, 4])
    >>> bool((whole[2:] == part).all())
    True
    """

    seed: int

    def bits(self, name: str, *ids: ArrayLike) -> NDArray[np.uint64]:
        """Return 64 hashed bits per element.

        Parameters
        ----------
        name : str
            What is drawn; different names give independent values.
        *ids : array-like of int
            The keys of the draw, broadcast against each other. At least one is needed.

        Returns
        -------
        ndarray of uint64
        """
        digest = blake2b(f"{self.seed}/{name}".encode(), digest_size=8).digest()
        state = np.array([int.from_bytes(digest, "little")], dtype=np.uint64)
        for key in ids:
            keys = np.atleast_1d(np.asarray(key)).astype(np.int64).view(np.uint64)
            state = _mix_bits(state + (keys + np.uint64(1)) * _GOLDEN)
        return state

    def integers(self, name: str, high: ArrayLike, *ids: ArrayLike) -> NDArray[np.int64]:
        """Return integers in [0, high), one per element; `high` may be an array."""
        # the low bits are dropped so that the result fits a signed integer
        draws = (self.bits(name, *ids) >> np.uint64(11)).astype(np.int64)
        return draws % np.asarray(high, dtype=np.int64)

    def chance(self, name: str, permille: ArrayLike, *ids: ArrayLike) -> NDArray[np.bool_]:
        """Return True with a probability of `permille` / 1000 per element."""
        return self.integers(name, 1_000_000, *ids) < np.asarray(permille, dtype=np.int64) * 1000

    def choices(self, name: str, weights: ArrayLike, *ids: ArrayLike) -> NDArray[np.int64]:
        """Return indices into `weights`, drawn in proportion to these integers."""
        cumulated = np.cumsum(np.asarray(weights, dtype=np.int64))
        return np.searchsorted(cumulated, self.integers(name, cumulated[-1], *ids), side="right")

    def exponential(self, name: str, mean: ArrayLike, *ids: ArrayLike) -> NDArray[np.int64]:
        """Return integers that follow an exponential distribution with this integer mean."""
        quantile = _EXPONENTIAL[self.integers(name, _EXPONENTIAL_STEPS, *ids)]
        return np.asarray(mean, dtype=np.int64) * quantile // 1000
