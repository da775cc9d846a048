"""The people of the demo school; every address is under a name that can't exist (RFC 2606)."""

from dataclasses import dataclass

DOMAIN = "demo.lectern.example"


@dataclass(frozen=True)
class Person:
    """Someone of the school; `handle` is the part of the address before the @."""

    handle: str
    name: str
    role: str

    @property
    def email(self) -> str:
        return f"{self.handle}@{DOMAIN}"


ADMIN = Person("admin", "Ingrid Solberg", "admin")
TEACHERS = (
    Person("okafor", "Amara Okafor", "teacher"),
    Person("lindqvist", "Helena Lindqvist", "teacher"),
)
_STUDENTS = (
    "Aiko Tanaka",
    "Ananya Sharma",
    "Anna Kowalska",
    "Beatriz Almeida",
    "Chidi Eze",
    "Chloé Laurent",
    "Daniel Cohen",
    "Diego Ramírez",
    "Elif Yılmaz",
    "Emeka Nwosu",
    "Emma Johansson",
    "Farid Rahimi",
    "Fatima Zahra Benali",
    "Giulia Rossi",
    "Hana Nováková",
    "Hugo Bernard",
    "Ioana Popescu",
    "Jonas Weber",
    "Kwame Mensah",
    "Leila Haddad",
    "Linh Nguyễn",
    "Lucas van Dijk",
    "Mateo Fernández",
    "Mei Chen",
    "Niamh O'Connor",
    "Oleksandr Shevchenko",
    "Priya Nair",
    "Sofia Papadopoulou",
    "Tomás Silva",
    "Zainab Hussain",
)
STUDENTS = tuple(
    Person(f"student{number:02d}", name, "student")
    for number, name in enumerate(_STUDENTS, start=1)
)
# The one whose login is printed: in all three classes, with an assessment still to take.
DEMO_STUDENT = STUDENTS[12]
DEMO_TEACHER = TEACHERS[0]


def students_of(folder: str) -> tuple[Person, ...]:
    """Who is in a class: 22 in biology, 22 in Python, 20 in history."""
    if folder == "biology":
        return STUDENTS[:22]
    if folder == "python":
        return STUDENTS[8:]
    return tuple(person for place, person in enumerate(STUDENTS) if place % 3 != 1)
