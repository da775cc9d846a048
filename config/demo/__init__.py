"""The demo school: people, classes, material and four weeks of school life.

It is made by `manage.py make_demo_school`, through the same services that teachers and
students use. The dates are counted back from the day on which it is made.
"""
