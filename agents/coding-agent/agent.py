"""Migrates a workspace with a model and a few tools. Exit code 0 whatever came out, the last line of stdout says what."""

import sys
from pathlib import Path

from ceilings import Ceilings
from checks import complaint_of
from context import Conversation
from kit.conversation import Result, Said
from kit.door import Final
from kit.model import Model
from kit.record import Record
from kit.task import SetupError, read_task
from prompt import prompt_of
from tools import BadArguments, Tools

DEFAULTS = {"steps": 60, "contextTokens": 100_000, "maxOutputTokens": 8000, "temperature": -1}


def main():
    try:
        task = read_task(DEFAULTS)
        model = Model(task)
    except SetupError as error:
        print(error, file=sys.stderr)
        return 2
    record = Record(task.output, model.name)
    system, words = prompt_of(task, Path(__file__).with_name("prompt.md"))
    record.prompt(system, words)
    reason, said = migrate(task, model, Conversation(system, words, task.parameters["contextTokens"]), record)
    record.end(reason, said)
    print(f"{reason}: {' '.join(said.split())[:500]}")
    return 0


def migrate(task, model, talk, record):
    """(reason of the end, words about it)"""
    tools, ceilings = Tools(task), Ceilings()
    for _ in range(task.parameters["steps"]):
        talk.fit(record)
        try:
            answer = model.ask(talk.system, talk.messages, tools.schemas)
        except Final as end:
            if end.reason == "context-exceeded" and talk.shrink(record):
                continue
            return end.reason, str(end)
        record.answer(answer)
        talk.learn(answer.usage["input_tokens"])
        if answer.refused:
            return "refused", answer.text or "the model refuses"
        talk.add(answer)
        for call in answer.calls:
            try:
                text = tools.run(call)
                ceilings.good(call, text)
            except BadArguments as error:
                text = f"error: {error}"
                ceilings.bad()
            record.result(call, text)
            talk.add(Result(call.id, call.name, text))
        if ceilings.reached:
            return ceilings.reached
        if not answer.calls:
            complaint = complaint_of(task, tools, answer, record)
            if complaint is None:
                return "done", answer.text
            if ceilings.complained():
                return complaint.reason, complaint.summary
            record.step("complaint", reason=complaint.reason, text=complaint.text)
            talk.add(Said(complaint.text))
    return "steps", f"{task.parameters['steps']} calls of the model were not enough"


if __name__ == "__main__":
    sys.exit(main())
