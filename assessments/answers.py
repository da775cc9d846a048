"""The forms of options, answer keys and answers, by the type of question.

type             options                   correct_answer (TEXT)          an answer (JSON)
multiple_choice  [{"id", "text"}, …]       the id of an option            the id of an option
multiple_select  [{"id", "text"}, …]       JSON list of ids (or "a, c")   a list of ids
true_false       null                      "true" or "false"              true or false
short_answer     null                      accepted texts, one a line,    text
                                           or null: graded by a person
numeric          null                      "3.14" or "3.14±0.01"          a number
essay            null                      a model answer, or null        text

An answer of null takes the answer back. Numbers are kept as text, so that none is rounded.
Every error is an InvalidInput whose `errors` name the field.
"""

import json
import re
import string
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from assessments.models import Question, QuestionType
from config import limits
from config.errors import InvalidInput

Option = dict[str, str]

CHOICES = (QuestionType.MULTIPLE_CHOICE, QuestionType.MULTIPLE_SELECT)
_OPTION_ID = re.compile(r"[A-Za-z0-9_-]{1,36}")
_NUMBER_MAX_LENGTH = 64
_NUMBER_MAX_EXPONENT = 300  # beyond any quantity, and far from the limits of Decimal


def text_is_storable(text: str) -> bool:
    """Whether PostgreSQL takes the text: no NUL and no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text


def options_clean(question_type: str, options: Iterable[Any] | None) -> list[Option] | None:
    """The options in their normal form; a plain text becomes an option named a, b, c …"""
    if question_type not in CHOICES:
        if options:
            raise _invalid("options", f"A question of type {question_type} has no options.")
        return None
    given = list(options or [])
    if not 2 <= len(given) <= limits.QUESTION_MAX_OPTIONS:
        raise _invalid("options", f"Give 2 to {limits.QUESTION_MAX_OPTIONS} options.")
    taken = {str(item["id"]) for item in given if isinstance(item, Mapping) and "id" in item}
    free = (letter for letter in string.ascii_lowercase if letter not in taken)
    cleaned = [_option(item, free) for item in given]
    if len({option["id"] for option in cleaned}) < len(cleaned):
        raise _invalid("options", "Two options have the same id.")
    return cleaned


def _option(item: Any, free: Iterable[str]) -> Option:
    if isinstance(item, str):
        item = {"id": next(iter(free)), "text": item}
    if not isinstance(item, Mapping) or set(item) != {"id", "text"}:
        raise _invalid("options", 'An option is a text or {"id": …, "text": …}.')
    option_id, text = item["id"], item["text"]
    if not isinstance(option_id, str) or not _OPTION_ID.fullmatch(option_id):
        raise _invalid("options", "An id is 1 to 36 letters, digits, hyphens or underscores.")
    if not isinstance(text, str) or not text.strip() or not text_is_storable(text):
        raise _invalid("options", f"Option {option_id} has no text.")
    if len(text) > limits.OPTION_TEXT_MAX:
        raise _invalid("options", f"Option {option_id} is longer than {limits.OPTION_TEXT_MAX}.")
    return {"id": option_id, "text": text.strip()}


def key_clean(question_type: str, options: list[Option] | None, key: str | None) -> str | None:
    """The answer key in its normal form; every type that needs one gets one or an error."""
    key = (key or "").strip()
    if not key:
        if question_type in (QuestionType.ESSAY, QuestionType.SHORT_ANSWER):
            return None
        raise _invalid("correct_answer", "This type of question needs the correct answer.")
    if not text_is_storable(key) or len(key) > limits.ESSAY_MAX:
        raise _invalid("correct_answer", "This text can't be stored.")
    ids = {option["id"] for option in options or []}
    if question_type == QuestionType.MULTIPLE_CHOICE and key not in ids:
        raise _invalid("correct_answer", f"No option has the id {key!r}.")
    if question_type == QuestionType.MULTIPLE_SELECT:
        return json.dumps(_key_ids(key, ids))
    if question_type == QuestionType.TRUE_FALSE:
        if key.lower() not in ("true", "false"):
            raise _invalid("correct_answer", 'Give "true" or "false".')
        return key.lower()
    if question_type == QuestionType.NUMERIC:
        value, tolerance = numeric_key(key)
        return f"{value}±{tolerance}" if tolerance else str(value)
    return key


def _key_ids(key: str, ids: set[str]) -> list[str]:
    try:
        chosen = json.loads(key) if key.startswith("[") else re.split(r"[,\s]+", key)
    except ValueError:
        raise _invalid("correct_answer", "Give the ids of options, as a JSON list.") from None
    if not chosen or not all(isinstance(item, str) and item in ids for item in chosen):
        raise _invalid("correct_answer", "Every item must be the id of an option.")
    return sorted(set(chosen))


def numeric_key(key: str) -> tuple[Decimal, Decimal]:
    """A numeric key's value and tolerance (0 if it names none)."""
    value, _, tolerance = key.replace("+-", "±").partition("±")
    try:
        found = number_parse(value), abs(number_parse(tolerance)) if tolerance else Decimal(0)
    except ValueError:
        raise _invalid("correct_answer", 'Give a number, or "number±tolerance".') from None
    return found


def number_parse(value: Any) -> Decimal:
    """A finite number of a sane size from a JSON number or its text; ValueError otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("not a number")
    text = str(value).strip()
    if len(text) > _NUMBER_MAX_LENGTH:
        raise ValueError("too long for a number")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError("not a number") from None
    if not number.is_finite() or abs(number.adjusted()) > _NUMBER_MAX_EXPONENT:
        raise ValueError("not a number of a sane size")
    return number


def answers_clean(questions: Mapping[str, Question], answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers in their normal form, by the question's id; null stays null.

    `questions` are the assessment's by id. InvalidInput names each question whose answer
    is wrong as `answers.<id>`, also one that is not of this assessment.
    """
    cleaned: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for question_id, answer in answers.items():
        question = questions.get(question_id)
        if question is None:
            errors[f"answers.{question_id}"] = ["No such question in this assessment."]
            continue
        try:
            cleaned[question_id] = (
                None if answer is None else _CLEANERS[question.question_type](question, answer)
            )
        except ValueError as error:
            errors[f"answers.{question_id}"] = [str(error)]
    if errors:
        raise InvalidInput(errors=errors)
    return cleaned


def _choice(question: Question, answer: Any) -> str:
    if answer not in _option_ids(question):
        raise ValueError("Not an option of this question.")
    return str(answer)


def _select(question: Question, answer: Any) -> list[str]:
    if not isinstance(answer, list):
        raise ValueError("Give a list of options.")
    ids = _option_ids(question)
    if not all(item in ids for item in answer):
        raise ValueError("Not an option of this question.")
    return [option_id for option_id in ids if option_id in answer]


def _boolean(question: Question, answer: Any) -> bool:
    if not isinstance(answer, bool):
        raise ValueError("Give true or false.")
    return answer


def _number(question: Question, answer: Any) -> str:
    try:
        return str(number_parse(answer))
    except ValueError:
        raise ValueError("Give a number.") from None


def _text_of(longest: int) -> Callable[[Question, Any], str]:
    def clean(question: Question, answer: Any) -> str:
        if not isinstance(answer, str):
            raise ValueError("Give a text.")
        if len(answer) > longest:
            raise ValueError(f"Give at most {longest} characters.")
        if not text_is_storable(answer):
            raise ValueError("The text has characters that can't be stored.")
        return answer

    return clean


def _option_ids(question: Question) -> list[str]:
    return [option["id"] for option in question.options or []]


def _invalid(field: str, why: str) -> InvalidInput:
    return InvalidInput(errors={field: [why]})


_CLEANERS: dict[str, Callable[[Question, Any], Any]] = {
    QuestionType.MULTIPLE_CHOICE: _choice,
    QuestionType.MULTIPLE_SELECT: _select,
    QuestionType.TRUE_FALSE: _boolean,
    QuestionType.SHORT_ANSWER: _text_of(limits.SHORT_ANSWER_MAX),
    QuestionType.NUMERIC: _number,
    QuestionType.ESSAY: _text_of(limits.ESSAY_MAX),
}
