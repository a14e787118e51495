"""Every option and every message in the source of the real openeo-auth, as a JSON list."""

import ast
import inspect
import json

from openeo.rest.auth import cli

speaking = {"print", "input", "getpass", "CliToolException", "show_warning", "_interactive_choice", "format"}


def texts(node):
    """The literal parts of a string, format fields cut out."""
    if isinstance(node, ast.JoinedStr):
        return [part.value for part in node.values if isinstance(part, ast.Constant)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def name(call):
    return getattr(call.func, "id", None) or getattr(call.func, "attr", None)


def words():
    for call in ast.walk(ast.parse(inspect.getsource(cli))):
        if isinstance(call, (ast.Assign, ast.Return)):
            yield from texts(call.value)
        if not isinstance(call, ast.Call) or "Provider configs" in ast.unparse(call):
            continue
        if name(call) == "add_argument":
            yield from (text for node in call.args for text in texts(node) if text.startswith("-"))
        if name(call) == "add_parser":
            yield from (text for node in call.args for text in texts(node))
        if name(call) in speaking:
            for node in ast.walk(call):
                yield from texts(node)


print(json.dumps(sorted(set(words()))))
