package hand

import rego.v1

default allow := false

allow if {
	permitted
	not forbidden
	well_formed
}

fields := {name: value | some name, value in input; value != null}

args := {name: value | some name, value in object.get(fields, "args", {}); value != null}

session := {name: value | some name, value in fields.session; value != null}

approvals := {person: at | some person, at in object.get(fields, "approvals", {}); at != null}

tool := data.estate.tools[fields.tool]

classes := [tool.class] if count(object.get(fields, "data", [])) == 0

else := fields.data

now := instant(fields.now)

started := instant(session.started)

well_formed if {
	object.remove(fields, ["chain", "purpose", "tool", "data", "args", "now", "session", "approvals"]) == {}
	is_array(fields.chain)
	count(fields.chain) in {1, 2}
	is_object(object.get(fields, "args", {}))
	args_good
	is_array(object.get(fields, "data", []))
	every class in classes {
		class == tool.class
	}
	is_object(fields.session)
	object.remove(session, ["started", "authn", "environment"]) == {}
	session.authn in {"api-key", "oauth", "mtls", "hardware-key"}
	started <= now
	is_object(object.get(fields, "approvals", {}))
	every _, at in approvals {
		is_number(instant(at))
	}
}

args_good if {
	tool.kind == "pay"
	object.remove(args, ["amount", "currency", "note"]) == {}
	whole(args.amount)
	args.currency in {"EUR", "GBP", "USD"}
	is_string(object.get(args, "note", ""))
}

args_good if {
	tool.kind == "query"
	object.remove(args, ["table", "rows"]) == {}
	is_string(args.table)
	whole(args.rows)
}

args_good if {
	tool.kind == "file"
	object.remove(args, ["path", "overwrite"]) == {}
	is_string(args.path)
	regex.match(`^(/|(/[^/\x00]+)+)$`, args.path)
	not regex.match(`/\.\.?(/|$)`, args.path)
	is_boolean(object.get(args, "overwrite", false))
}

whole(number) if {
	is_number(number)
	floor(number) == number
	number >= -9223372036854775808
	number <= 9223372036854775807
}

instant(text) := time.parse_rfc3339_ns(text) / 1000000000 if {
	is_string(text)
	regex.match(`^(19[7-9][0-9]|2[01][0-9][0-9])-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9]Z$`, text)
}
