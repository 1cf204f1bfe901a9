"""Operations of the HTTP interface as values: routes and the OpenAPI document are both made from them.

The document follows https://spec.openapis.org/oas/v3.1.0.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, TypeAdapter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lemmata import __version__
from web.server.schema import Refusal

Handler = Callable[[Request], Awaitable[Response]]

_NAMES = {
    "view": "[tc][0-9]{1,15}|u[0-9a-f]{16}",
    "certificate": "c[0-9]{1,15}|u[0-9a-f]{16}",
    "run": "[0-9]{1,15}",
    "node": "[0-9]{1,15}",
}
"""What the parts of a path look like."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a query."""

    name: str
    schema: Mapping[str, Any]
    required: bool = False


def whole(name: str, default: int | None = None, most: int = 2**53 - 1) -> Parameter:
    """Return a parameter that is a whole number from 0."""
    given = {} if default is None else {"default": default}
    return Parameter(name, {"type": "integer", "minimum": 0, "maximum": most, **given})


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked for."""

    method: str
    path: str
    summary: str
    answer: Any
    """A type that pydantic knows; None where the answer is not one JSON document."""
    parameters: Sequence[Parameter] = ()
    status: int = 200
    refusals: tuple[int, ...] = ()
    media_type: str = "application/json"
    takes: str = ""
    """Media type of the request's body, empty for none."""

    def route(self, handler: Handler) -> Route:
        """Return the route that calls a handler."""
        return Route(self.path, handler, methods=[self.method])

    def matches(self, values: Mapping[str, str]) -> bool:
        """Say whether the parts of a path look as they should."""
        return all(re.fullmatch(_NAMES[name], value) for name, value in values.items())

    def read(self, request: Request) -> dict[str, Any]:
        """Return the query's parameters as values; raises `ValueError` with what is wrong."""
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in request.query_params:
            if name not in known:
                raise ValueError(f"{name!r} is no parameter of this")
        found = {}
        for name, parameter in known.items():
            values = request.query_params.getlist(name)
            if len(values) > 1:
                raise ValueError(f"{name!r} is given twice")
            if not values and parameter.required:
                raise ValueError(f"{name!r} is missing")
            found[name] = _value(parameter, values[0]) if values else parameter.schema.get("default")
        return found


def _value(parameter: Parameter, text: str) -> int | str:
    schema = parameter.schema
    if schema["type"] == "integer":
        if not re.fullmatch(r"[0-9]{1,16}", text) or not schema["minimum"] <= int(text) <= schema["maximum"]:
            raise ValueError(f"{parameter.name!r} is a number from {schema['minimum']} to {schema['maximum']}")
        return int(text)
    if not schema["minLength"] <= len(text) <= schema["maxLength"]:
        raise ValueError(f"{parameter.name!r} has {schema['minLength']} to {schema['maxLength']} characters")
    return text


def openapi(operations: Sequence[Operation]) -> dict[str, Any]:
    """Return the OpenAPI document of operations."""
    schemas: dict[str, Any] = {}
    paths: dict[str, Any] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _describe(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Lemmata viewer",
            "version": __version__,
            "description": "What `lemmata view` serves. Every request needs the cookie that the link is exchanged for.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"cookie": {"type": "apiKey", "in": "cookie", "name": "lemmata_PORT"}},
        },
        "security": [{"cookie": []}],
    }


def _describe(operation: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    names = re.findall(r"{(\w+)}", operation.path)
    body = {"type": "string"} if operation.answer is None else _schema(operation.answer, schemas)
    described: dict[str, Any] = {
        "summary": operation.summary,
        "operationId": f"{operation.method.lower()}{re.sub(r'[^a-z]+', '_', operation.path)}".rstrip("_"),
        "parameters": [
            {
                "name": name,
                "in": "path",
                "required": True,
                "schema": {"type": "string", "pattern": f"^({_NAMES[name]})$"},
            }
            for name in names
        ]
        + [
            {"name": p.name, "in": "query", "required": p.required, "schema": dict(p.schema)}
            for p in operation.parameters
        ],
        "responses": {
            str(operation.status): {"description": "The answer.", "content": {operation.media_type: {"schema": body}}},
            **{
                str(status): {
                    "description": _REFUSALS[status],
                    "content": {"application/json": {"schema": _schema(Refusal, schemas)}},
                }
                for status in (400, 403, 500, *operation.refusals)
            },
        },
    }
    if operation.takes:
        described["requestBody"] = {"required": True, "content": {operation.takes: {"schema": {"type": "object"}}}}
    return described


def _path_schema(name: str) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^({_NAMES[name]})$"}


_REFUSALS = {
    400: "The request is not one of these.",
    403: "The cookie is missing, or the request comes from elsewhere.",
    404: "There is no such thing.",
    413: "The body is too large.",
    415: "The body is not of this media type.",
    500: "The store cannot be read, or a backend is broken.",
}


def _schema(kind: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    template = "#/components/schemas/{model}"
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        found = kind.model_json_schema(ref_template=template, mode="serialization")
        schemas.update(found.pop("$defs", {}))
        schemas[kind.__name__] = found
        return {"$ref": f"#/components/schemas/{kind.__name__}"}
    found = TypeAdapter(kind).json_schema(ref_template=template, mode="serialization")
    schemas.update(found.pop("$defs", {}))
    return found
