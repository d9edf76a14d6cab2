package hand

import rego.v1

default allow := false

allow if {
	permitted
	not forbidden
}

permitted if {
	some grant in data.estate.grants[input.agent]
	grant.purpose == input.purpose
	some line in grant.lines
	line.tool == input.tool
	input.environment == "production"
	input.now < grant.expires
	input.now - input.started <= grant.ttl
	every class in input.data {
		class in grant.data
	}
	handed_on(grant)
	within(line)
	approved(line)
}

handed_on(_) if count(input.chain) == 1

handed_on(grant) if {
	count(input.chain) == 2
	input.chain[1] == grant.delegate
}

within(line) if line.limit == "none"

within(line) if {
	line.limit == "payment"
	input.args.amount <= line.most
	input.args.currency in {"EUR", "USD"}
}

within(line) if {
	line.limit == "query"
	input.args.rows <= line.most
	startswith(input.args.table, "sales-")
}

within(line) if {
	line.limit == "folder"
	startswith(concat("", [input.args.path, "/"]), line.folder)
}

approved(line) if not line.approval

approved(_) if {
	some person in ["kim", "pat"]
	input.approvals[person] <= input.now
	input.now - input.approvals[person] <= 3600
}

default forbidden := false

forbidden if {
	some forbid in data.estate.forbids[input.tool]
	input.args.amount > forbid.most
}

forbidden if {
	some forbid in data.estate.forbids[input.tool]
	forbid.agent in input.chain
}
