"""A coding agent with one tool, a shell. Change prompt, tools and loop into yours, or start a program of your own here.

Started as `run.py --workspace DIR --output DIR`, with TASK_PATH, PROMPT_PATH, CONFIG_PATH, MODEL, GATEWAY_URL and
GATEWAY_TOKEN in its environment. What the files in the workspace hold when it exits is its work.
"""
import argparse
import json
import os
import pathlib
import subprocess
import urllib.error
import urllib.request

SYSTEM = "You migrate Python code. Work with the shell tool in the current folder; answer with text when you are done."
SHELL = {
    "type": "function",
    "function": {
        "name": "shell",
        "description": "Runs a command in the workspace; answers its output and exit code.",
        "parameters": {
            "type": "object",
            "properties": {"command": {"type": "string"}},
            "required": ["command"],
        },
    },
}


def ask(messages):
    """One call of the model. The gateway waits for providers and counts; its errors are final."""
    body = {"model": os.environ["MODEL"], "messages": messages, "tools": [SHELL]}
    request = urllib.request.Request(
        os.environ["GATEWAY_URL"] + "/v1/chat/completions",
        json.dumps(body).encode(),
        {"content-type": "application/json", "authorization": "Bearer " + os.environ["GATEWAY_TOKEN"]},
    )
    with urllib.request.urlopen(request, timeout=900) as answer:
        return json.load(answer)["choices"][0]["message"]


def run(command, workspace):
    done = subprocess.run(command, shell=True, cwd=workspace, capture_output=True, text=True, timeout=600)
    return f"{(done.stdout + done.stderr)[-20000:]}\n[exit code {done.returncode}]"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--workspace", type=pathlib.Path, required=True)
    arguments.add_argument("--output", type=pathlib.Path, required=True)
    places = arguments.parse_args()
    task = json.loads(pathlib.Path(os.environ["TASK_PATH"]).read_text())
    steps = next(
        (int(line.split(":")[1]) for line in open(os.environ["CONFIG_PATH"]) if line.startswith("steps:")), 30
    )
    messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": task["instructions"]}]
    with open(places.output / "trajectory.jsonl", "w") as log:
        for _ in range(steps):
            try:
                message = ask(messages)
            except urllib.error.HTTPError as error:
                print("the model did not answer:", error.code, error.read().decode()[:500])
                return
            messages.append(message)
            log.write(json.dumps(message) + "\n")
            log.flush()
            calls = message.get("tool_calls") or []
            if not calls:
                print(message.get("content") or "the model said nothing")
                return
            for call in calls:
                try:
                    result = run(json.loads(call["function"]["arguments"])["command"], places.workspace)
                except (ValueError, KeyError, TypeError, subprocess.TimeoutExpired) as problem:
                    result = f"error: {problem}"
                messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})
    print(f"stopped after {steps} steps")


main()
