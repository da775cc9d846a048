"""django-allauth's API in the OpenAPI document, beside ours.

The library describes itself in OpenAPI 3.0. Its components get a prefix, so that its `User` and
ours stay two; operations that this platform does not offer (phones, codes by mail) are left out;
and every operation also documents the problem details that `accounts/auth/problems.py` makes of
the library's errors.
"""

from collections.abc import Callable
from typing import Any

from allauth.headless.spec.internal.schema import get_schema

_PREFIX = "Auth"
_METHODS = ("get", "post", "put", "patch", "delete")
_NOT_OFFERED = ("/auth/phone/", "/account/phone", "/auth/code/", "/auth/email/verify/resend")
_TAG = "auth"
# Successes that the library forgets to mention.
_SUCCESSES = {
    ("/account/authenticators/recovery-codes", "post"): "RecoveryCodes",
    ("/account/password/change", "post"): "Authenticated",
}
# What any of them may answer beside what the library says.
_PROBLEMS = {
    "400": "Invalid input",
    "401": "Not signed in, or one more step is needed: see `data.flows`",
    "403": "Not allowed, or no CSRF token",
    "404": "Not found",
    "409": "The current state does not allow this",
    "410": "The session is gone",
    "413": "Too large",
    "429": "Too many requests",
    "503": "Store down",
}


def add_auth_api(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """drf-spectacular's hook: the document with the library's operations and components."""
    found = _renamed(get_schema())
    for path, item in found["paths"].items():
        if any(part in path for part in _NOT_OFFERED):
            continue
        for method in _METHODS:
            if method in item:
                _complete(item[method], path, method)
        result["paths"][path] = item
    components = result.setdefault("components", {})
    for kind, named in found["components"].items():
        components.setdefault(kind, {}).update(
            {_PREFIX + name: value for name, value in named.items()}
        )
    return result


def _renamed(node: Any) -> Any:
    """The same with `$ref`s to the prefixed names, and `nullable` as OpenAPI 3.1 says it."""

    def reference(value: str) -> str:
        head, _, name = value.rpartition("/")
        return f"{head}/{_PREFIX}{name}"

    return _walk(node, reference)


def _walk(node: Any, reference: Callable[[str], str]) -> Any:
    if isinstance(node, list):
        return [_walk(item, reference) for item in node]
    if not isinstance(node, dict):
        return node
    found = {
        name: reference(value)
        if name == "$ref" and isinstance(value, str) and value.startswith("#/components/")
        else _walk(value, reference)
        for name, value in node.items()
    }
    if found.pop("nullable", False) is True and isinstance(found.get("type"), str):
        found["type"] = [found["type"], "null"]
    return found


def _complete(operation: dict[str, Any], path: str, method: str) -> None:
    operation["tags"] = [_TAG]
    name = path.partition("/v1/")[2].replace("/", "_").replace("-", "_")
    operation["operationId"] = f"{name}_{method}"
    for (ending, forgotten), response in _SUCCESSES.items():
        if path.endswith(ending) and method == forgotten:
            reference = {"$ref": f"#/components/responses/{_PREFIX}{response}"}
            operation["responses"].setdefault("200", reference)
    for status, description in _PROBLEMS.items():
        said = operation["responses"].get(status, {})
        operation["responses"][status] = {
            "description": said.get("description") or description,
            "content": {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            },
        }
