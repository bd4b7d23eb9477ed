"""The words in which /api/openapi.json is written: operations, parameters, schemas."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def writing(name: str, text: str, sent: str, got: str, *, status: int = 200) -> Json:
    made = operation(name, text, ref(got), status=status, missing=True)
    made["requestBody"] = {"required": True, "content": {"application/json": {"schema": ref(sent)}}}
    made["responses"]["409"] = refusal("A number or an external id is another's, or somebody else was quicker.")
    made["responses"]["413"] = refusal("The body is too large.")
    return made


def operation(name: str, text: str, schema: Json | None = None, *, status: int = 200, missing: bool = False) -> Json:
    done: Json = {"description": "Done."}
    if schema is not None:
        done["content"] = {"application/json": {"schema": schema}}
    responses = {
        str(status): done,
        "400": refusal("What was sent is not understood; the message says why."),
        "401": refusal("No token, or one that was revoked."),
        "403": refusal("The token's user lacks the right."),
        "405": refusal("There is nothing that could be asked in this way; Allow says how."),
        "429": refusal("Too many requests; Retry-After says when to ask again."),
        "503": refusal("The store cannot be reached now."),
    }
    if missing:
        responses["404"] = refusal("There is no such row.")
    return {"operationId": name, "description": text, "responses": responses}


def refusal(text: str) -> Json:
    return {"description": text, "content": {"application/json": {"schema": ref("Trouble")}}}


def fixed(properties: Json) -> Json:
    """An object that always has all of these, and nothing else."""
    return fields(properties, required=list(properties))


def fields(properties: Json, required: list[str] | None = None) -> Json:
    made = {"type": "object", "properties": properties, "additionalProperties": False}
    return made | ({"required": required} if required else {})


def without(properties: Json, name: str) -> Json:
    return {key: value for key, value in properties.items() if key != name}


def query(name: str, schema: Json, text: str, *, required: bool = False) -> Json:
    return {"name": name, "in": "query", "required": required, "schema": schema, "description": text}


def path_id(name: str) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": uuid()}


def string() -> Json:
    return {"type": "string"}


def moment() -> Json:
    return string() | {"format": "date-time"}


def uuid() -> Json:
    return {"type": "string", "format": "uuid"}


def short_text(longest: int) -> Json:
    return {"type": "string", "minLength": 1, "maxLength": longest, "pattern": r"\S"}


def many(items: Json) -> Json:
    return {"type": "array", "items": items}


def maybe(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}
