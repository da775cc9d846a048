"""The class "European History"."""

from config.demo.plan import (
    AssessmentPlan,
    ClassPlan,
    MeetingPlan,
    QuestionPlan,
    SampleAnswer,
    TopicPlan,
)

_SOURCES = "Reading sources"
_REVOLUTION = "The French Revolution"
_INDUSTRY = "The Industrial Revolution"
_REFORM = "Social reform"

_REVOLUTION_QUIZ = AssessmentPlan(
    title="Quiz: the French Revolution",
    type="quiz",
    description="Dates, names and causes from the reader, unit 1.",
    published=-13,
    due=-9,
    minutes=20,
    grading="released",
    takers=0.9,
    questions=(
        QuestionPlan(
            "numeric",
            _REVOLUTION,
            "In which year was the Bastille stormed?",
            answer="1789",
            explanation="On 14 July 1789.",
        ),
        QuestionPlan(
            "multiple_choice",
            _REVOLUTION,
            "Who belonged to the third estate?",
            options=(
                "Only peasants",
                "Everyone who was neither of the clergy nor noble",
                "Only the poor",
                "The lower clergy",
            ),
            answer="b",
            explanation="Rich merchants belonged to it as well as day labourers.",
        ),
        QuestionPlan(
            "multiple_select",
            _REVOLUTION,
            "Which of these helped to bring about the crisis of 1789?",
            points=3,
            options=(
                "The debt of the crown",
                "The harvest of 1788",
                "The execution of the king",
                "Privileges in taxation",
            ),
            answer="a, b, d",
            explanation="Louis XVI was executed in 1793.",
        ),
        QuestionPlan(
            "short_answer",
            _REVOLUTION,
            "Who wrote the Declaration of the Rights of Woman of 1791?",
            answer="Olympe de Gouges\nde Gouges\nGouges",
            wrong=("Marie Antoinette", "Madame Roland", "Sieyès"),
            explanation="Olympe de Gouges, who was guillotined in 1793.",
        ),
        QuestionPlan(
            "true_false",
            _REVOLUTION,
            "Napoleon kept the freedom of the press.",
            answer="false",
            explanation="He kept equality before the law, but not this.",
        ),
    ),
)

_REVOLUTION_PRACTICE = AssessmentPlan(
    title="Practice: France before and after 1789",
    type="practice",
    description="Five quick questions before the quiz. They do not count.",
    published=-20,
    due=-16,
    minutes=10,
    grading="released",
    takers=0.7,
    questions=(
        QuestionPlan(
            "multiple_choice",
            _REVOLUTION,
            "What did the deputies swear in the tennis court?",
            options=(
                "To depose the king",
                "Not to part until France had a constitution",
                "To abolish the feudal dues",
                "To declare war on Austria",
            ),
            answer="b",
            explanation="On 20 June 1789, when they found their hall closed.",
        ),
        QuestionPlan(
            "true_false",
            _REVOLUTION,
            "The nobility was the first estate.",
            answer="false",
            explanation="The clergy was the first, the nobility the second.",
        ),
        QuestionPlan(
            "numeric",
            _REVOLUTION,
            "In which year was Louis XVI executed?",
            answer="1793",
            explanation="On 21 January 1793.",
        ),
        QuestionPlan(
            "short_answer",
            _REVOLUTION,
            "Who led the Jacobins during the Terror?",
            answer="Robespierre\nMaximilien Robespierre",
            wrong=("Danton", "Napoleon", "Necker"),
            explanation="Maximilien Robespierre, until the 9th of Thermidor.",
        ),
        QuestionPlan(
            "true_false",
            _REVOLUTION,
            "In the night of 4 August 1789 the Assembly abolished the feudal system.",
            answer="true",
            explanation="To calm the peasants, after the Great Fear.",
        ),
    ),
)

_SOURCE_HOMEWORK = AssessmentPlan(
    title="Homework: judging a source",
    type="homework",
    description="Use the five questions of the working guide.",
    published=-5,
    due=-1,
    minutes=180,
    grading="partly",
    takers=0.75,
    questions=(
        QuestionPlan(
            "essay",
            _SOURCES,
            "A mill owner writes to Parliament in 1833 that the children in his mill are healthy "
            "and cheerful. What is this letter good evidence for, and what not?",
            points=12,
            rubric="Author and interest (4), purpose and addressee (3), what it can show (3), "
            "comparison with other sources (2).",
            samples=(
                SampleAnswer(
                    "The writer owns the mill and has an interest that no law is passed, so he "
                    "will hardly mention accidents. The letter is weak evidence for the health of "
                    "the children. It is good evidence for what owners wanted Parliament to "
                    "believe, and for the fact that health had become an argument at all. I would "
                    "compare it with the registers of the inspectors after 1833 and with the "
                    "words of former child workers.",
                    1.0,
                    "You ask what the source can show and not only whether it is true. Excellent.",
                ),
                SampleAnswer(
                    "He is biased because he earns money with the children. So the letter is not "
                    "reliable. But we can see from it that there was a debate in 1833.",
                    0.6,
                    "Good start. Which other sources would you compare it with?",
                ),
                SampleAnswer(
                    "The letter is from the time, so it is a primary source and shows how it "
                    "really was: the children were healthy and cheerful.",
                    0.2,
                    "A primary source can still have a purpose. Who wrote it, and for whom?",
                ),
            ),
        ),
        QuestionPlan(
            "true_false",
            _REFORM,
            "The Factory Act of 1833 appointed inspectors for the first time.",
            answer="true",
            explanation="Earlier laws had nobody to enforce them.",
        ),
        QuestionPlan(
            "short_answer",
            _INDUSTRY,
            "Whose separate condenser made the steam engine save most of its coal?",
            answer="James Watt\nWatt",
            wrong=("Thomas Newcomen", "George Stephenson", "Arkwright"),
            explanation="Watt, patented in 1769.",
        ),
    ),
)

HISTORY = ClassPlan(
    name="European History 1750-1900",
    subject="History",
    description="Two revolutions that made the modern world, and how we know about them.",
    teacher="lindqvist",
    folder="history",
    documents=("french-revolution.pdf", "industrial-revolution.docx", "reading-sources.md"),
    topics=(
        TopicPlan(_SOURCES),
        TopicPlan(_REVOLUTION, (_SOURCES,)),
        TopicPlan(_INDUSTRY, (_SOURCES,)),
        TopicPlan(_REFORM, (_INDUSTRY,)),
    ),
    meetings=(
        MeetingPlan(
            "Bread and the Bastille",
            "Why July 1789? Prices, rumours and a fortress.",
            day=-14,
            hour=11,
            dialogue="bastille",
            summary="Hunger alone makes no revolution: what else came together in 1789.",
        ),
        MeetingPlan(
            "Voices from the factory",
            "We read the words of a former mill worker and ask how far they carry.",
            day=-7,
            hour=11,
            dialogue="factory",
            summary="Elizabeth Bentley before the committee of 1832, and the five questions.",
        ),
        MeetingPlan(
            "Debate: machines and work",
            "Were the Luddites right? Groups A and B prepare one side each.",
            day=1,
            hour=11,
            minutes=60,
        ),
    ),
    assessments=(_REVOLUTION_PRACTICE, _REVOLUTION_QUIZ, _SOURCE_HOMEWORK),
)
