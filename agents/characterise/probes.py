"""A probe: a small program that calls something. What is run is, word for word, what a test will say."""

from dataclasses import dataclass, field


@dataclass
class Probe:
    """One thing to try: imports, steps (name, expression), and what to look at afterwards."""

    target: str
    module: str
    word: str
    imports: tuple
    steps: tuple
    observe: tuple
    files: tuple = ()
    env: tuple = ()
    argv: tuple | None = None
    stdin: str | None = None
    home: bool = True
    shape: bool = False
    score: float = 0
    # how many changes away from a likely input
    distance: int = 0
    extra: dict = field(default_factory=dict, compare=False)

    @property
    def identity(self):
        return (self.imports, self.steps, self.files, self.env, self.argv, self.stdin, self.shape)

    def told(self):
        """For the process that runs it; contents of files byte for byte as latin-1 text."""
        return {
            'imports': list(self.imports), 'steps': [list(step) for step in self.steps], 'observe': list(self.observe),
            'files': {name: content.encode('utf-8', 'surrogateescape').decode('latin-1') for name, content in self.files},
            'env': dict(self.env), 'argv': list(self.argv) if self.argv is not None else None, 'stdin': self.stdin,
            'home': self.home, 'shape': self.shape, 'target': self.target,
        }  # fmt: skip
