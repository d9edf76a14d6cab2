# The tests of the project, for `opa test`. Nothing in here decides anything.
#
# A test whose request states no `now` is asked at `input.now`, or without one at the time of the run.
package bailiwick.tests

import rego.v1

# The request with its times filled in, which the test states as so many seconds ago.
completed(request, started, approved) := object.union(request, {
	"now": ago(request, 0),
	"session": {"started": ago(request, started)},
	"approvals": {person: at | some person, seconds in approved; at := ago(request, seconds)},
})

ago(request, seconds) := time.format(clock(request) - (seconds * 1000000000))

clock(request) := time.parse_rfc3339_ns(request.now)

clock(request) := time.parse_rfc3339_ns(input.now) if not request.now

clock(request) := now - (now % 1000000000) if {
	not request.now
	not input.now
	now := time.now_ns()
}

due_to(decision, "ill-formed") if "ill-formed" in decision.reasons

due_to(decision, "no-grant") if decision.reasons == {"no-grant"}

due_to(decision, cause) if {
	some forbid in decision.forbids
	forbid.name == cause
}
