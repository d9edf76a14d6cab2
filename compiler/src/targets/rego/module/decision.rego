# Decides requests of Bailiwick's contract: `data.bailiwick.allow`, and why: `data.bailiwick.decision`.
#
# This module is the same for every project but for the depth of its conditions; what a project
# says is in `data.bailiwick.estate`. Everything is stated so that what is undefined denies:
# a request must be shown to be well formed, every forbid must be shown to be out of the way, and
# what is compared counts only where all of the request has the types that it should have.
package bailiwick

import rego.v1

default allow := false

# In this order, since most of what is denied has no grant. What is asked of a request before it is
# known to be well formed is asked so that it is no error. Engines charge for every rule and every
# call: what is asked of all requests stands here, and once more where it explains a denial.
allow if {
{permitted}
	not revoked
	well_typed
}

# The grant that allows, the first of its kind.
granted := authorising[0] if allow

default decision := {"allow": false, "reasons": ["ill-formed"]}

decision := {
	"allow": true,
	"grant": name,
	"owner": grant.owner,
	"purpose": grant.purpose,
	"source": grant.source,
} if {
	name := granted
	grant := data.bailiwick.estate.grants[name]
}

decision := {
	"allow": false,
	"reasons": reasons,
	"forbids": matching_forbids,
	"near": near,
	"approvals": missing_approvals,
} if {
	well_formed
	not allow
}

reasons contains "forbidden" if {
	well_formed
	count(matching_forbids) > 0
}

reasons contains "no-grant" if {
	well_formed
	authorising == []
}

# ---- grants --------------------------------------------------------------------------------

authorising := [name |
	some name in data.bailiwick.estate.candidates[input.chain[0]][input.purpose][op.name]
	authorises(data.bailiwick.estate.grants[name])
]

# Every clause, as `meets` has them one by one, but for the purpose, by which candidates are listed: a
# call takes longer than what most of them ask. What costs least to tell is asked first.
authorises(grant) if {
	at := moment
	grant.starts <= at.now
	at.now < grant.expires
	at.age <= grant.ttl
	at.authn >= grant.authn
	handed_on(grant)
	some line in grant.lines
	line.ops[op.name]
	every part in line.when {
		often(part.op, attributes[part.of][part.attr], part.value)
	}
	every part in line.also {
		holds(part)
	}
	every part in grant.when {
		often(part.op, attributes[part.of][part.attr], part.value)
	}
	every part in grant.also {
		holds(part)
	}
	every label in labels {
		grant.covers[label]
	}
	every approval in grant.approvals {
		satisfied(approval)
	}
}

clauses := [
	"purpose", "tool", "data", "lifetime", "session-age", "authentication", "condition", "approval",
	"delegation",
]

meets("purpose", grant) if grant.purpose == input.purpose

meets("tool", grant) if line_matches(grant.lines)

meets("data", grant) if {
	every label in labels {
		grant.covers[label]
	}
}

meets("lifetime", grant) if {
	grant.starts <= moment.now
	moment.now < grant.expires
}

meets("session-age", grant) if moment.age <= grant.ttl

meets("authentication", grant) if {
	moment.authn >= grant.authn
	every agent in input.chain {
		moment.authn >= data.bailiwick.estate.agents[agent].authn
	}
}

meets("condition", grant) if together(grant)

meets("approval", grant) if {
	every approval in grant.approvals {
		satisfied(approval)
	}
}

meets("delegation", grant) if delegated(grant)

# As `delegated` has it, and as the others are to be authenticated: what the root needs is the grant's own.
handed_on(grant) if count(input.chain) == 1

else if {
	some clause in grant.delegates
	count(input.chain) - 1 <= clause.depth
	every agent in array.slice(input.chain, 1, count(input.chain)) {
		clause.to[agent]
		moment.authn >= data.bailiwick.estate.agents[agent].authn
	}
	within(clause)
}

delegated(grant) if count(input.chain) == 1

else if {
	some clause in grant.delegates
	count(input.chain) - 1 <= clause.depth
	every agent in array.slice(input.chain, 1, count(input.chain)) {
		clause.to[agent]
	}
	within(clause)
}

within(clause) if not clause.only

else if {
	line_matches(clause.only.lines)
	within_data(clause.only)
}

within_data(only) if not only.covers

else if {
	every label in labels {
		only.covers[label]
	}
}

line_matches(lines) if {
	some line in lines
	line.ops[op.name]
	together(line)
}

# ---- approvals -----------------------------------------------------------------------------

satisfied(approval) if not approval.ops[op.name]

else if holds(approval.unless)

else if approved(approval)

approved(demand) if {
	not demand.requester
	not demand.independent
	recent(demand.people, demand.within)
}

else if {
	some person in demand.people
	recent([person], demand.within)
	counts(demand, person)
}

# With the moment it is known of every approval that it is null or has a time.
recent(people, within) if {
	now := moment.now
	some person in people
	text := input.approvals[person]
	text != null
	age := now - (time.parse_rfc3339_ns(text) / 1000000000)
	age >= 0
	age <= within
}

counts(demand, person) if {
	not_requester(demand, person)
	not_answerable(demand, person)
}

not_requester(demand, _) if not demand.requester

not_requester(demand, person) if session[demand.requester] != person

not_answerable(demand, _) if not demand.independent

not_answerable(_, person) if {
	answerable := data.bailiwick.estate.agents[input.chain[0]].answerable
	not answerable[person]
}

# ---- forbids -------------------------------------------------------------------------------

# Every forbid is listed where all that it may match comes by: under its operations or under its
# agents. What is listed and not there denies; so does a list that is not there: `allow` goes through
# the lists one by one, and no request is well formed without those of its agents.
concerned := array.concat(op.forbids, [key |
	some agent in input.chain
	some key in data.bailiwick.estate.agents[agent].forbids
])

clear(forbid) if holds(forbid.unless)

else if {
	forbid.ops
	not forbid.ops[op.name]
}

else if {
	forbid.agents
	not concerns_chain(forbid)
}

else if {
	forbid.meets
	not meets_data(forbid)
}

# Rules of their own, since not every engine can do with `not` inside `every`.
concerns_chain(forbid) if {
	some agent in input.chain
	forbid.agents[agent]
}

meets_data(forbid) if {
	some label in labels
	forbid.meets[label]
}

# Agents that were revoked after the bundle was built: data of its own, which engines take as they run.
revoked if {
	some agent in input.chain
	type_name(data.bailiwick_revoked[agent]) # whatever it is, `false` too
}

revocations contains told if {
	some agent in input.chain
	because := data.bailiwick_revoked[agent]
	told := {"kind": "suspension", "name": agent, "because": because, "source": "revoked"}
}

matching_forbids contains told if some told in revocations

matching_forbids contains told if {
	some key in concerned
	forbid := data.bailiwick.estate.forbids[key]
	not clear(forbid)
	told := object.filter(forbid, ["kind", "name", "because", "source"])
}

# ---- what would be needed ------------------------------------------------------------------

near_names contains name if {
	some names in data.bailiwick.estate.candidates[input.chain[0]][input.purpose]
	some name in names
}

near_names contains name if {
	some by_operation in data.bailiwick.estate.candidates[input.chain[0]]
	some name in by_operation[op.name]
}

near[name] := unmet if {
	some name in near_names
	grant := data.bailiwick.estate.grants[name]
	unmet := [clause | some clause in clauses; not meets(clause, grant)]
}

missing_approvals contains missing if {
	count(matching_forbids) == 0
	some name, unmet in near
	unmet == ["approval"]
	some approval in data.bailiwick.estate.grants[name].approvals
	not satisfied(approval)
	missing := {
		"grant": name,
		"by": approval.by,
		"within": approval.within,
		"people": [person | some person in approval.people; counts(approval, person)],
	}
}
