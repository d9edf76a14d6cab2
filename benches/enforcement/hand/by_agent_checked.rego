permitted if {
	some grant in data.estate.grants[fields.chain[0]]
	grant.purpose == fields.purpose
	some line in grant.lines
	line.tool == fields.tool
	session.environment == "production"
	now < grant.expires
	now - started <= grant.ttl
	every class in classes {
		class in grant.data
	}
	handed_on(grant)
	within(line)
	approved(line)
}

handed_on(_) if count(fields.chain) == 1

handed_on(grant) if fields.chain[1] == grant.delegate

within(line) if line.limit == "none"

within(line) if {
	line.limit == "payment"
	args.amount <= line.most
	args.currency in {"EUR", "USD"}
}

within(line) if {
	line.limit == "query"
	args.rows <= line.most
	startswith(args.table, "sales-")
}

within(line) if {
	line.limit == "folder"
	startswith(concat("", [args.path, "/"]), line.folder)
}

approved(line) if not line.approval

approved(_) if {
	some person in ["kim", "pat"]
	at := instant(approvals[person])
	at <= now
	now - at <= 3600
}

default forbidden := false

forbidden if {
	some forbid in data.estate.forbids[fields.tool]
	args.amount > forbid.most
}

forbidden if {
	some forbid in data.estate.forbids[fields.tool]
	forbid.agent in fields.chain
}
