"""What the API shows of assessments.

Students and those who run the class have serializers of their own: the students' name no
field that holds an answer key, a rubric or an explanation until the results are released.
"""
