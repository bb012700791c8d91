"""Records that a script writes as maps, which may hold bytes and handles as well as what JSON has."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any, get_type_hints

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

__all__ = ["FromMap"]


class FromMap:
    """What dataclasses have in common that are checked as the maps that they are made from."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return how pydantic checks a map, and makes a record of it."""
        from pydantic_core import core_schema

        hints = get_type_hints(source)
        known = {
            each.name: core_schema.typed_dict_field(
                handler.generate_schema(hints[each.name]),
                required=each.default is MISSING and each.default_factory is MISSING,
            )
            for each in fields(source)
        }

        def make(given: dict[str, Any]) -> Any:
            return source(**given)

        as_map = core_schema.typed_dict_schema(known, cls_name=source.__name__, extra_behavior="forbid")
        return core_schema.no_info_after_validator_function(make, as_map)
