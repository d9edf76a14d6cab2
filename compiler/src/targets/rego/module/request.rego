# ---- the request ---------------------------------------------------------------------------

well_formed if {
	is_object(input)
	is_array(input.chain)
	input.chain != []
	moment
	well_typed
	labels
	data.bailiwick.estate.purposes[input.purpose]
	every agent in input.chain {
		data.bailiwick.estate.agents[agent].forbids
	}
}

# All but what is so where anything is granted: that it has a chain of declared agents, a declared
# purpose, times, and labels that may be stated. Null is absent.
well_typed if {
	every _, value in object.remove(input, ["approvals", "args", "chain", "data", "now", "purpose", "session", "tool"]) {
		value == null
	}
	count(input.chain) <= {longest_chain}
	arguments_good
	object.remove(tool.required, arguments) == {}
	session_good
}

tool := data.bailiwick.estate.tools[input.tool]

# When it is asked, in a session that started when, how old that is, and how it was authenticated. All times of a
# request, those of its approvals too, are looked at together, in the JSON of a list: an expression
# takes longer than what it reads.
moment := {"age": age, "authn": authn, "now": now, "started": started} if {
	authn := data.bailiwick.estate.session.levels[input.session.authn]
	times := json.marshal([object.get(input, "approvals", null), input.now, input.session.started])
	regex.match(`^\[(null|\{("([^"\\]|\\.)*":(null|"{instant}"),?)*\}),("{instant}"[,\]])+$`, times)
	now := time.parse_rfc3339_ns(input.now) / 1000000000
	started := time.parse_rfc3339_ns(input.session.started) / 1000000000
	age := now - started
	age >= 0
}

# ---- arguments -----------------------------------------------------------------------------

stated := {} if object.get(input, "args", null) == null

else := {name: raw | some name, raw in input.args; raw != null} if is_object(input.args)

# What a tool takes whose values are all taken as they are stated.
arguments_good if {
	tool.plain
	every name, raw in arguments {
		type := tool.args[name]
		fits(type.is, type, raw)
	}
}

else if {
	count(converted) == count(stated)
	every name, derived in tool.derived {
		derived_or_absent(name, derived)
	}
}

converted[name] := value if {
	some name, raw in stated
	value := convert(tool.args[name], raw)
}

# What follows when nothing is stated: a default, or what is derived from another argument.
supplied[name] := value if {
	some name, default_value in tool.defaults
	not name in object.keys(stated)
	value := filled(tool.args[name], default_value)
}

supplied[name] := value if {
	some name, derived in tool.derived
	value := derive(derived, stated[derived.each[0]])
}

arguments := input.args if {
	tool.plain
	is_object(input.args)
	not null in input.args
}

else := stated if tool.plain

else := converted if {
	not tool.plain
	tool.defaults == {}
	tool.derived == {}
}

else := object.union(converted, supplied) if not tool.plain

derived_or_absent(name, _) if name in object.keys(supplied)

derived_or_absent(_, derived) if not derived.each[0] in object.keys(stated)

filled(type, value) := value if type.is != "set"

filled(type, value) := {element | some element in value} if type.is == "set"

derive(derived, raw) := convert(derived.type, found) if {
	derived.type.is == "set"
	steps := array.slice(derived.each, 1, count(derived.each))
	found := spread(gather([raw], steps))
}

derive(derived, raw) := convert(derived.type, found[0]) if {
	derived.type.is != "set"
	found := lead([raw], array.slice(derived.each, 1, count(derived.each)))
}

# Each array replaced by its elements; the rest as it is.
spread(found) := [element |
	some value in found
	some element in elements(value)
]

elements(value) := value if is_array(value)

elements(value) := [value] if not is_array(value)

# The member `name` of each; undefined when one of them has none.
step(found, name) := next if {
	next := [value |
		some record in found
		is_object(record)
		value := record[name]
		value != null
	]
	count(next) == count(found)
}

# What is called: its name, what it may touch, and which forbids speak of it.
op := tool.op if tool.op

else := chosen if {
	chosen := tool.variant.ops[arguments[tool.variant.arg]]
}

else := tool.otherwise if is_string(arguments[tool.variant.arg])

# ---- labels --------------------------------------------------------------------------------

# What the request states, where the tool may touch all of it; what the tool declares when nothing is stated.
labels := op.declared if object.get(input, "data", null) in {null, []}

else := input.data if {
	is_array(input.data)
	every label in input.data {
		op.labels[label]
	}
}

# ---- the session ---------------------------------------------------------------------------

# Nothing but what is declared, its start and its authentication.
session_good if count(session) == count(input.session) - 2

else if {
	nulls := [raw | some raw in input.session; raw == null]
	count(session) + count(nulls) == count(input.session) - 2
}

# But for its start and its authentication. What a table lists is looked up there; the rest is converted.
session := object.union(
	{name: value |
		some name, table in data.bailiwick.estate.session.tables
		value := table[input.session[name]]
	},
	{name: value |
		some name, type in data.bailiwick.estate.session.types
		value := convert(type, input.session[name])
	},
)
