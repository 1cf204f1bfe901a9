"""The OpenAPI document says what the server does: requests made from it are answered as it says."""

from __future__ import annotations

import json

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import CHECKS, load_all_checks, not_a_server_error
from sites import Site

load_all_checks()
_CHECKS = [
    not_a_server_error,
    *CHECKS.get_by_names(["status_code_conformance", "content_type_conformance", "response_schema_conformance"]),
]


def test_the_document_is_complete(made: Site) -> None:
    document = made.json("/api/openapi.json")
    assert document["openapi"].startswith("3.1")
    text = json.dumps(document)
    for name in document["components"]["schemas"]:
        assert f"#/components/schemas/{name}" in text


@pytest.mark.parametrize("number", range(12))
def test_answers_are_as_described(made: Site, number: int) -> None:
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", made.app, headers=made.headers)
    operations = [result.ok() for result in schema.get_all_operations()]
    # The stream is tested by itself.
    finite = [operation for operation in operations if not operation.path.endswith("/follow")]
    assert len(finite) == 12
    operation = finite[number]

    @given(operation.as_strategy())
    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(headers=made.headers, checks=_CHECKS)

    ask()
