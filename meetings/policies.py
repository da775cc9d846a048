"""Who may do what with meetings: those who teach the class run them, its members see them."""

import rules

from accounts.policies import is_admin
from classrooms.policies import belongs, teaches

for _model in ("meeting", "recording"):
    rules.add_perm(f"meetings.view_{_model}", is_admin | belongs)
    for _action in ("add", "change", "delete"):
        rules.add_perm(f"meetings.{_action}_{_model}", is_admin | teaches)
