"""The class "Cell Biology"."""

from config.demo.plan import (
    AssessmentPlan,
    ClassPlan,
    MeetingPlan,
    QuestionPlan,
    SampleAnswer,
    TopicPlan,
)

_CELLS = "Cells and organelles"
_MEMBRANES = "Membranes and transport"
_DNA = "DNA and proteins"
_INHERITANCE = "Inheritance"
_PHOTOSYNTHESIS = "Photosynthesis"
_RESPIRATION = "Respiration"

_CELLS_QUIZ = AssessmentPlan(
    title="Quiz: cells and membranes",
    type="quiz",
    description="Ten minutes on the first handout. Notes are allowed.",
    published=-20,
    due=-16,
    minutes=15,
    grading="released",
    takers=0.95,
    questions=(
        QuestionPlan(
            "multiple_choice",
            _CELLS,
            "Which organelle makes most of a cell's ATP?",
            options=("Nucleus", "Mitochondrion", "Golgi apparatus", "Lysosome"),
            answer="b",
            explanation="The respiratory chain is in the inner membrane of the mitochondrion.",
        ),
        QuestionPlan(
            "multiple_select",
            _CELLS,
            "Which of these are found in plant cells but not in animal cells?",
            points=4,
            options=("Chloroplasts", "Ribosomes", "A cell wall of cellulose", "Mitochondria"),
            answer="a, c",
            explanation="Ribosomes and mitochondria are found in both.",
        ),
        QuestionPlan(
            "true_false",
            _MEMBRANES,
            "Facilitated diffusion needs energy from ATP.",
            answer="false",
            explanation="The substance moves down its gradient; the protein only opens the way.",
        ),
        QuestionPlan(
            "short_answer",
            _MEMBRANES,
            "What is the diffusion of water through a membrane called?",
            answer="osmosis",
            wrong=("diffusion", "plasmolysis", "active transport"),
            explanation="Osmosis: water moves to the side with more dissolved particles.",
        ),
        QuestionPlan(
            "numeric",
            _CELLS,
            "A cell has the shape of a cube with sides of 3 µm. What is its surface in µm²?",
            answer="54",
            explanation="Six faces of 9 µm² each.",
        ),
    ),
)

_CELLS_PRACTICE = AssessmentPlan(
    title="Practice: a tour of the cell",
    type="practice",
    description="Five quick questions before the quiz. They do not count.",
    published=-26,
    due=-22,
    minutes=10,
    grading="released",
    takers=0.7,
    questions=(
        QuestionPlan(
            "true_false",
            _CELLS,
            "The DNA of a bacterium lies in a nucleus.",
            answer="false",
            explanation="It lies free in the cytoplasm, in the nucleoid.",
        ),
        QuestionPlan(
            "multiple_choice",
            _CELLS,
            "Which part of the cell sorts and finishes new proteins?",
            options=("Vacuole", "Nucleolus", "Golgi apparatus", "Mitochondrion"),
            answer="c",
            explanation="Vesicles bring them there from the endoplasmic reticulum.",
        ),
        QuestionPlan(
            "true_false",
            _CELLS,
            "Mitochondria have DNA of their own.",
            answer="true",
            explanation="A ring, as in bacteria: a sign of their origin.",
        ),
        QuestionPlan(
            "short_answer",
            _CELLS,
            "What is the pressure of the vacuole against the cell wall called?",
            answer="turgor\nturgor pressure",
            wrong=("osmosis", "tension"),
            explanation="Turgor keeps leaves and young stems firm.",
        ),
        QuestionPlan(
            "multiple_choice",
            _CELLS,
            "A sphere's diameter doubles. By which factor does its volume grow?",
            options=("2", "4", "6", "8"),
            answer="d",
            explanation="The surface becomes four times, the volume eight times as large.",
        ),
    ),
)

_GENETICS_EXAM = AssessmentPlan(
    title="Exam: genetics",
    type="exam",
    description="Forty minutes, without notes. The camera stays on during the exam.",
    published=-6,
    due=-4,
    minutes=40,
    grading="released",
    takers=0.8,
    is_proctored=True,
    questions=(
        QuestionPlan(
            "multiple_choice",
            _DNA,
            "One strand of DNA reads ATGC. What does the other one read?",
            options=("ATGC", "TACG", "UACG", "GCTA"),
            answer="b",
            explanation="A pairs with T, and G with C.",
        ),
        QuestionPlan(
            "numeric",
            _INHERITANCE,
            "Two violet peas (Vv) are crossed. Which percentage of the offspring is white?",
            points=3,
            answer="25±0.5",
            explanation="One of the four squares of the Punnett square is vv.",
        ),
        QuestionPlan(
            "true_false",
            _INHERITANCE,
            "A colour-blind father hands the allele on to all of his daughters.",
            answer="true",
            explanation="Every daughter gets his only X chromosome.",
        ),
        QuestionPlan(
            "multiple_select",
            _DNA,
            "Which codons end the making of a protein?",
            points=3,
            options=("AUG", "UAA", "UAG", "UGA"),
            answer="b, c, d",
            explanation="AUG is where a protein begins.",
        ),
        QuestionPlan(
            "essay",
            _INHERITANCE,
            "A gardener has a violet pea plant and does not know whether it is VV or Vv. "
            "Describe an experiment that tells, and say how sure its result is.",
            points=10,
            rubric="Test cross with vv (3), both outcomes explained (4), chance and number of "
            "offspring (3).",
            samples=(
                SampleAnswer(
                    "I would cross it with a white plant. White plants are always vv, so they "
                    "give only v. If the violet plant is Vv, about half of the offspring will be "
                    "white, and a single white one proves it. If it is VV, all are violet. "
                    "All-violet offspring is never a full proof, because a Vv plant could give "
                    "ten violet ones by chance, but the probability is 1 in 1024, so with many "
                    "seeds you can be very sure.",
                    1.0,
                    "Complete, and the chance is calculated correctly. Very good.",
                ),
                SampleAnswer(
                    "You do a test cross with a white plant, which is vv. If some children are "
                    "white then the plant was Vv, if all are violet it was VV.",
                    0.7,
                    "Right. How sure are you if there are only three seeds?",
                ),
                SampleAnswer(
                    "Let it pollinate itself and look at the flowers. If there are white ones it "
                    "was heterozygous.",
                    0.5,
                    "This works too, but slower: only a quarter would be white. Explain why.",
                ),
                SampleAnswer(
                    "You can see it in the colour, Vv is a bit lighter than VV.",
                    0.1,
                    "No: V is dominant, so both look the same. Please read about alleles again.",
                ),
            ),
        ),
    ),
)

_PHOTOSYNTHESIS_CHECK = AssessmentPlan(
    title="Check: photosynthesis and respiration",
    type="quiz",
    description="Where do you stand before the next unit? You may use the lecture notes.",
    published=-2,
    due=6,
    minutes=30,
    grading="graded",
    takers=0.35,
    questions=(
        QuestionPlan(
            "multiple_choice",
            _PHOTOSYNTHESIS,
            "Where does the oxygen come from that plants give off?",
            options=("From carbon dioxide", "From water", "From glucose", "From the air"),
            answer="b",
            explanation="Water is split in the light reactions.",
        ),
        QuestionPlan(
            "multiple_select",
            _PHOTOSYNTHESIS,
            "What are the products of the light reactions?",
            points=3,
            options=("ATP", "NADPH", "Glucose", "Oxygen"),
            answer="a, b, d",
            explanation="Sugar is made in the Calvin cycle.",
        ),
        QuestionPlan(
            "true_false",
            _RESPIRATION,
            "Plants respire at night only.",
            answer="false",
            explanation="They respire all the time; in the light it is outweighed.",
        ),
        QuestionPlan(
            "short_answer",
            _PHOTOSYNTHESIS,
            "Which enzyme binds carbon dioxide in the Calvin cycle?",
            answer="rubisco",
            wrong=("ATP synthase", "chlorophyll", "polymerase"),
            explanation="Rubisco joins it to ribulose bisphosphate.",
        ),
        QuestionPlan(
            "numeric",
            _RESPIRATION,
            "How many ATP does fermentation gain per molecule of glucose?",
            answer="2",
            explanation="Only the two of glycolysis.",
        ),
    ),
)

BIOLOGY = ClassPlan(
    name="Cell Biology",
    subject="Biology",
    description="From the membrane to the genome: how cells live, divide and use energy.",
    teacher="okafor",
    assistants=("lindqvist",),
    folder="biology",
    documents=("cells-and-membranes.docx", "genetics.md", "photosynthesis.pdf"),
    topics=(
        TopicPlan(_CELLS),
        TopicPlan(_MEMBRANES, (_CELLS,)),
        TopicPlan(_DNA, (_CELLS,)),
        TopicPlan(_INHERITANCE, (_DNA,)),
        TopicPlan(_RESPIRATION, (_MEMBRANES,)),
        TopicPlan(_PHOTOSYNTHESIS, (_MEMBRANES,)),
    ),
    meetings=(
        MeetingPlan(
            "Osmosis in the kitchen",
            "We look at salted cucumbers and at red onion under the microscope.",
            day=-19,
            hour=9,
            dialogue="osmosis",
            summary="Why salt draws water out of a cucumber, and what plasmolysis looks like.",
        ),
        MeetingPlan(
            "Peas and probabilities",
            "Mendel's rules, Punnett squares and questions before the exam.",
            day=-8,
            hour=9,
            dialogue="inheritance",
            summary="Test crosses, and why a ratio of 3 to 1 is not a promise.",
        ),
        MeetingPlan(
            "Light, leaves and greenhouses",
            "Limiting factors. Please bring your results from the pondweed experiment.",
            day=2,
            hour=9,
        ),
    ),
    assessments=(_CELLS_PRACTICE, _CELLS_QUIZ, _GENETICS_EXAM, _PHOTOSYNTHESIS_CHECK),
)
