"""What suites can name, by name: the built-in choices of a family, and those that plug-ins add while a process runs.

A family's field is ``Annotated[Base, CATALOGUE]``: pydantic then validates against what the catalogue holds at that
moment, with the errors and the JSON Schema of a union that is discriminated by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Generic, TypeVar, Union

from pydantic import GetJsonSchemaHandler, Tag, TypeAdapter, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

from rnnbench.choice import Choice, by_name

C = TypeVar("C", bound=Choice)


class NameTaken(ValueError):  # noqa: N818 - says what it is
    """The name of what is to be added is another's; the message says which."""


class Catalogue(Generic[C]):
    """The choices of one family.

    Parameters
    ----------
    family
        What one of them is called: ``connectivity``.
    choices
        The built-in ones.
    """

    def __init__(self, family: str, *choices: type[C]) -> None:
        self.family = family
        self._choices: tuple[type[C], ...] = choices
        self._made: TypeAdapter[C] | None = None

    def __iter__(self) -> Iterator[type[C]]:
        return iter(self._choices)

    def __len__(self) -> int:
        return len(self._choices)

    def __getitem__(self, index: int) -> type[C]:
        return self._choices[index]

    def add(self, choice: type[C]) -> None:
        """Let suites name ``choice`` too; for good, as far as this process goes.

        Raises
        ------
        NameTaken
            Its name or an alias is that of another choice.
        """
        taken = {name for known in self._choices for name in (known.kind, *known.aliases)}
        for name in (choice.kind, *choice.aliases):
            if name in taken:
                raise NameTaken(f"there is a {self.family} '{name}' already")
        self._choices += (choice,)
        self._made = None

    def remove(self, choice: type[C]) -> None:
        """Undo :meth:`add`."""
        self._choices = tuple(known for known in self._choices if known is not choice)
        self._made = None

    def _adapter(self) -> TypeAdapter[C]:
        if self._made is None:
            tagged = tuple(Annotated[choice, Tag(choice.kind)] for choice in self._choices)
            union: Any = Annotated[Union[tagged], by_name]  # noqa: UP007 - made of a tuple
            self._made = TypeAdapter(union)
        return self._made

    def validate(self, value: Any, context: Any = None) -> C:
        """Return the choice that is written as ``value``; raises pydantic's ValidationError."""
        return self._adapter().validate_python(value, context=context)

    def __get_pydantic_core_schema__(self, *_: Any) -> CoreSchema:
        def validate(value: Any, info: ValidationInfo) -> C:
            return self.validate(value, info.context)

        return core_schema.with_info_plain_validator_function(validate)

    def __get_pydantic_json_schema__(self, _: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(self._adapter().core_schema)


class Words:
    """Words of which a suite's key takes one; others may be added while a process runs."""

    def __init__(self, family: str, *words: str) -> None:
        self.family = family
        self._words = words

    def __iter__(self) -> Iterator[str]:
        return iter(self._words)

    def add(self, word: str) -> None:
        """Let suites use ``word`` too.

        Raises
        ------
        NameTaken
            They do already.
        """
        if word in self._words:
            raise NameTaken(f"there is a {self.family} '{word}' already")
        self._words += (word,)

    def remove(self, word: str) -> None:
        """Undo :meth:`add`."""
        self._words = tuple(known for known in self._words if known != word)

    def __get_pydantic_core_schema__(self, *_: Any) -> CoreSchema:
        def validate(value: Any) -> str:
            if isinstance(value, str) and value in self._words:
                return value
            *others, last = map(repr, self._words)
            raise PydanticKnownError("literal_error", {"expected": f"{', '.join(others)} or {last}"})

        return core_schema.no_info_plain_validator_function(validate)

    def __get_pydantic_json_schema__(self, *_: Any) -> JsonSchemaValue:
        return {"enum": list(self._words), "type": "string"}
