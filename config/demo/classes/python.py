"""The class "Programming in Python"."""

from config.demo.plan import (
    AssessmentPlan,
    ClassPlan,
    MeetingPlan,
    QuestionPlan,
    SampleAnswer,
    TopicPlan,
)

_VALUES = "Values and names"
_CONTROL = "Decisions and loops"
_FUNCTIONS = "Functions"
_TESTS = "Tests"
_COLLECTIONS = "Collections"

_FIRST_PROGRAMS = AssessmentPlan(
    title="Quiz: first programs",
    type="quiz",
    description="Values, conditions and loops. Try it without running the code.",
    published=-18,
    due=-15,
    minutes=20,
    grading="released",
    takers=0.9,
    questions=(
        QuestionPlan(
            "numeric",
            _VALUES,
            "What is the value of 17 // 5 * 2?",
            answer="6",
            explanation="17 // 5 is 3, and both operators are evaluated from left to right.",
        ),
        QuestionPlan(
            "multiple_choice",
            _VALUES,
            "What is the type of 7 / 2?",
            options=("int", "float", "str", "bool"),
            answer="b",
            explanation="The operator / always gives a float.",
        ),
        QuestionPlan(
            "true_false",
            _VALUES,
            "In Python 0.1 + 0.2 == 0.3 is True.",
            answer="false",
            explanation="One tenth has no exact binary form.",
        ),
        QuestionPlan(
            "short_answer",
            _CONTROL,
            "Which keyword ends the innermost loop at once?",
            answer="break",
            wrong=("stop", "continue", "exit"),
            explanation="continue only skips the rest of the round.",
        ),
        QuestionPlan(
            "multiple_select",
            _CONTROL,
            "Which of these values count as false in a condition?",
            points=3,
            options=("0", '"0"', "[]", "None"),
            answer="a, c, d",
            explanation="A text that is not empty counts as true, even this one.",
        ),
    ),
)

_VALUES_PRACTICE = AssessmentPlan(
    title="Practice: values and names",
    type="practice",
    description="Five quick questions before the quiz. They do not count.",
    published=-25,
    due=-21,
    minutes=10,
    grading="released",
    takers=0.7,
    questions=(
        QuestionPlan(
            "numeric",
            _VALUES,
            "What is 7 % 2?",
            answer="1",
            explanation="The remainder of the division.",
        ),
        QuestionPlan(
            "multiple_choice",
            _VALUES,
            "What does the sign = do in Python?",
            options=(
                "It compares two values",
                "It gives a value a name",
                "It says that two sides are equal",
                "It copies a value",
            ),
            answer="b",
            explanation="Values are compared with ==.",
        ),
        QuestionPlan(
            "true_false",
            _VALUES,
            "3 == 3.0 is True.",
            answer="true",
            explanation="The values are equal although their types differ.",
        ),
        QuestionPlan(
            "numeric",
            _VALUES,
            "What is 2 ** 10?",
            answer="1024",
            explanation="Two to the power of ten.",
        ),
        QuestionPlan(
            "short_answer",
            _VALUES,
            'What is the name of the type of "abc"?',
            answer="str",
            wrong=("text", "string", "char"),
            explanation="Text has the type str.",
        ),
    ),
)

_FUNCTIONS_HOMEWORK = AssessmentPlan(
    title="Homework: functions and tests",
    type="homework",
    description="Write the code by hand or in an editor and paste it here.",
    published=-9,
    due=-1,
    minutes=120,
    grading="partly",
    takers=0.8,
    questions=(
        QuestionPlan(
            "multiple_choice",
            _FUNCTIONS,
            "What does a function without return give back?",
            options=("0", "An empty text", "None", "An error"),
            answer="c",
            explanation="print shows a value; only return hands it to the caller.",
        ),
        QuestionPlan(
            "essay",
            _FUNCTIONS,
            "Write a function `average(numbers)` with type hints and a docstring. Decide what "
            "happens for an empty list, and say why.",
            points=8,
            rubric="Correct mean (3), hints (1), docstring (2), a reasoned decision (2).",
            samples=(
                SampleAnswer(
                    "def average(numbers: list[float]) -> float:\n"
                    '    """The arithmetic mean; ValueError for an empty list."""\n'
                    "    if not numbers:\n"
                    '        raise ValueError("no numbers")\n'
                    "    return sum(numbers) / len(numbers)\n\n"
                    "An empty list has no mean. Returning 0 would look like a real result, so I "
                    "raise an error and the caller has to decide.",
                    1.0,
                    "Exactly. The error message could say what was expected.",
                ),
                SampleAnswer(
                    "def average(numbers: list) -> float:\n"
                    '    """Returns the average."""\n'
                    "    if len(numbers) == 0:\n"
                    "        return 0\n"
                    "    return sum(numbers) / len(numbers)",
                    0.65,
                    "Works. Is 0 a good answer when there was nothing to average?",
                ),
                SampleAnswer(
                    "def average(numbers):\n"
                    "    total = 0\n"
                    "    for n in numbers:\n"
                    "        total += n\n"
                    "    print(total / len(numbers))",
                    0.3,
                    "This prints the result but returns None. Hints and docstring are missing.",
                ),
            ),
        ),
        QuestionPlan(
            "short_answer",
            _TESTS,
            "Name one input at the border that a test of `average` should use.",
            points=2,
            rubric="Any real border: empty list, one element, equal or very large numbers.",
            samples=(
                SampleAnswer("the empty list", 1.0),
                SampleAnswer("a list with one number", 1.0),
                SampleAnswer("[1, 2, 3]", 0.0, "This is an ordinary case, not a border."),
            ),
        ),
        QuestionPlan(
            "true_false",
            _TESTS,
            "When a fault is reported, it is best to write a failing test before mending it.",
            answer="true",
            explanation="The test proves the fault, and later that it is gone.",
        ),
    ),
)

_COLLECTIONS_PRACTICE = AssessmentPlan(
    title="Practice: lists and dictionaries",
    type="practice",
    description="For yourself: it does not count.",
    published=-3,
    due=9,
    minutes=45,
    grading="graded",
    takers=0.4,
    questions=(
        QuestionPlan(
            "multiple_choice",
            _COLLECTIONS,
            "After a = [1, 2]; b = a; b.append(3), what is a?",
            options=("[1, 2]", "[1, 2, 3]", "[3]", "None"),
            answer="b",
            explanation="Both names stand for the same list.",
        ),
        QuestionPlan(
            "numeric",
            _COLLECTIONS,
            "How many elements does items[2:5] have if items has ten?",
            answer="3",
            explanation="Those at the indices 2, 3 and 4.",
        ),
        QuestionPlan(
            "multiple_select",
            _COLLECTIONS,
            "Which of these can be keys of a dictionary?",
            points=3,
            options=("A text", "A list", "A tuple of numbers", "A number"),
            answer="a, c, d",
            explanation="A key must not be changeable.",
        ),
        QuestionPlan(
            "short_answer",
            _COLLECTIONS,
            "Which method of a dictionary returns None instead of raising a KeyError?",
            answer="get\nget()\n.get\ndict.get",
            wrong=("items", "find", "pop"),
            explanation='capitals.get("Peru") also takes a default.',
        ),
    ),
)

PYTHON = ClassPlan(
    name="Programming in Python",
    subject="Computer Science",
    description="From the first line to small tested programs. No experience is needed.",
    teacher="okafor",
    folder="python",
    documents=("first-programs.pdf", "functions-and-tests.docx", "collections-and-files.md"),
    topics=(
        TopicPlan(_VALUES),
        TopicPlan(_CONTROL, (_VALUES,)),
        TopicPlan(_FUNCTIONS, (_CONTROL,)),
        TopicPlan(_TESTS, (_FUNCTIONS,)),
        TopicPlan(_COLLECTIONS, (_CONTROL,)),
    ),
    meetings=(
        MeetingPlan(
            "Live coding: loops that end",
            "We write Euclid's method together and break it on purpose.",
            day=-17,
            hour=13,
            dialogue="loops",
            summary="The greatest common divisor, a loop that never ends, and how to find out why.",
        ),
        MeetingPlan(
            "Why write tests?",
            "Borders, errors, and a fault that came back.",
            day=-10,
            hour=13,
            dialogue="tests",
            summary="Which cases to test, and why the failing test is written first.",
        ),
        MeetingPlan(
            "Dictionaries in practice",
            "We count the words of a whole novel. Bring a text that you like.",
            day=3,
            hour=13,
        ),
    ),
    assessments=(_VALUES_PRACTICE, _FIRST_PROGRAMS, _FUNCTIONS_HOMEWORK, _COLLECTIONS_PRACTICE),
)
