"""Signs of life: who prints nothing for long is taken for stuck, and stopped."""

import threading
import time

SECONDS = 60


class Patience:
    """While it is entered, says again and again what is waited for."""

    def __init__(self, what):
        self.what = what
        self.over = threading.Event()

    def __enter__(self):
        threading.Thread(target=self._tell, daemon=True).start()

    def _tell(self):
        started = time.monotonic()
        while not self.over.wait(SECONDS):
            print(f"waiting for {self.what}, {time.monotonic() - started:.0f} s", flush=True)

    def __exit__(self, *_):
        self.over.set()
