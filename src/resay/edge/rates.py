"""How many requests a key may send: `50/s`, `30/m`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from resay.errors import SettingsError

_SECONDS = {"s": 1, "m": 60}
_FORM = re.compile(r"([1-9]\d{0,5})/([sm])")


@dataclass(frozen=True, order=True, slots=True)
class Rate:
    """So many requests a second (`s`) or a minute (`m`)."""

    num_requests: int
    unit: str

    @classmethod
    def parse(cls, text: str) -> Rate:
        """Read `50/s` or `30/m`.

        Raises:
            SettingsError: The text has another form.
        """
        found = _FORM.fullmatch(text)
        if found is None:
            raise SettingsError(f"a rate is a number from 1 to 999999, a slash, and s or m, such as 50/s; got {text!r}")
        return cls(int(found[1]), found[2])

    def __str__(self) -> str:
        return f"{self.num_requests}/{self.unit}"

    @property
    def name(self) -> str:
        """A name for nginx."""
        return f"rate_{self.num_requests}_{self.unit}"

    @property
    def nginx(self) -> str:
        """As nginx writes it."""
        return f"{self.num_requests}r/{self.unit}"

    @property
    def burst(self) -> int:
        """Requests beyond it that may come at once: two seconds' worth, and at least one."""
        return max(1, 2 * self.num_requests // _SECONDS[self.unit])

    @property
    def retry_after_s(self) -> int:
        """Whole seconds after which one more request is allowed."""
        return -(-_SECONDS[self.unit] // self.num_requests)
