"""The three classes of the demo school."""

from config.demo.classes.biology import BIOLOGY
from config.demo.classes.history import HISTORY
from config.demo.classes.python import PYTHON

CLASSES = (BIOLOGY, PYTHON, HISTORY)
