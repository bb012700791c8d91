"""JSON Schema as bridges use it: the core's, which checks the parameters of spells as well."""

from llmspell_core.schemas.schema import BadSchema, DoesNotFit, Problem, Schema, check

__all__ = ["BadSchema", "DoesNotFit", "Problem", "Schema", "check"]
