"""Who may see which kind of analytics; whose rows they see is `selectors.people`."""

import rules

from accounts.policies import is_staff

rules.add_perm("analytics.view_activitylogrow", is_staff)
rules.add_perm("analytics.view_eventrow", is_staff)
rules.add_perm("analytics.view_userengagementrow", is_staff)
rules.add_perm("analytics.view_learningprogressrow", is_staff)
rules.add_perm("analytics.view_learningday", is_staff)
# Counts of the whole school, without people.
rules.add_perm("analytics.view_pageviewrow", is_staff)
