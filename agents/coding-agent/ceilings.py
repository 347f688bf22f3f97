"""When enough is enough: no model stops by itself when it goes round in circles."""

BAD = 5
SAME = 6
COMPLAINTS = 3


class Ceilings:
    """`reached` is (reason, words) once one is."""

    def __init__(self):
        self.reached = None
        self._bad = 0
        self._complaints = 0
        self._last = None
        self._same = 0

    def bad(self):
        """Arguments that no tool could take."""
        self._bad += 1
        if self._bad >= BAD:
            self.reached = ("bad-arguments", f"{BAD} calls of tools in a row could not be read")

    def good(self, call, text):
        """A tool ran: does it go on as before?"""
        self._bad = 0
        what = (call.name, call.raw, text)
        self._same = self._same + 1 if what == self._last else 1
        self._last = what
        if self._same >= SAME:
            self.reached = ("loop", f"the same call of {call.name} gave the same {SAME} times")

    def complained(self):
        """Whether it was said often enough that the work is not done."""
        self._complaints += 1
        return self._complaints > COMPLAINTS
