"""What is checked when the model says that it is done."""

from dataclasses import dataclass

from kit.uses import find_uses, is_test, listed


@dataclass
class Complaint:
    """Why the work is not done: for the trajectory, the model, and the last line."""

    reason: str
    text: str
    summary: str


def complaint_of(task, tools, answer, record):
    """None where nothing speaks against the end."""
    if answer.cut_off:
        return Complaint("cut-off", "Your answer was cut off: it was too long. Go on in smaller steps.", "answers were too long")
    if not answer.text.strip():
        return Complaint("empty", "Your answer was empty. Use a tool, or say that you are done.", "the model's answers were empty")
    left = [use for use in find_uses(task.workspace, gone(task)) if not is_test(use.path)]
    if left:
        text = f"The old library is still used:\n{listed(left, 30)}\nGo on until no use is left."
        said = " ".join(answer.text.split())[:200]
        return Complaint("uses-left", text, f"{len(left)} lines still use the old library; the model's last words: {said}")
    if task.environment is not None and tools.edits > 0 and tools.tested_at < tools.edits:
        which = "helper" if task.document["helperTests"]["ids"] else "all"
        passed, said = tools.test(which)
        record.step("check", tests=which, passed=passed)
        if not passed:
            text = f"These tests do not pass:\n{said}\nGo on, unless they are about the old library itself."
            return Complaint("tests-fail", text, "tests fail")
    return None


def gone(task):
    """Modules that nothing may use at the end; those that both sides have stay."""
    return [name for name in task.source_names() if name not in task.target_names()]
