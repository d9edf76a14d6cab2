# Decides requests of Bailiwick's contract: `data.bailiwick.allow`, and why: `data.bailiwick.decision`.
#
# This module is the same for every project but for the depth of its conditions; what a project
# says is in `data.bailiwick.estate`. Everything is stated so that what is undefined denies:
# a request must be shown to be well formed, every forbid must be shown to be out of the way,
# and no value is compared before its type is known.
package bailiwick

import rego.v1

default allow := false

# In this order, since most of what is denied has no grant. What is asked of a request before it is
# known to be well formed is asked so that it is no error.
allow if {
	is_object(input)
	authorising != []
	clear_of_forbids
	well_formed
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

# Every clause, as `meets` has them one by one: a call takes longer than what most of them ask.
# What costs least to tell is asked first.
authorises(grant) if {
	grant.purpose == input.purpose
	grant.starts <= now
	now < grant.expires
	now - session.started <= grant.ttl
	session.authn >= grant.authn
	every agent in agents {
		session.authn >= agent.authn
	}
	every label in labels {
		grant.covers[label]
	}
	delegated(grant)
	every approval in grant.approvals {
		satisfied(approval)
	}
	line_matches(grant.lines)
	holds(grant.when)
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
	grant.starts <= now
	now < grant.expires
}

meets("session-age", grant) if now - session.started <= grant.ttl

meets("authentication", grant) if {
	session.authn >= grant.authn
	every agent in agents {
		session.authn >= agent.authn
	}
}

meets("condition", grant) if holds(grant.when)

meets("approval", grant) if {
	every approval in grant.approvals {
		satisfied(approval)
	}
}

meets("delegation", grant) if delegated(grant)

delegated(_) if count(input.chain) == 1

delegated(grant) if {
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
	holds(line.when)
}

# ---- approvals -----------------------------------------------------------------------------

satisfied(approval) if not approval.ops[op.name]

else if holds(approval.unless)

else if approved(approval)

approved(demand) if {
	some person in demand.people
	at := approvals[person]
	at <= now
	now - at <= demand.within
	counts(demand, person)
}

counts(demand, person) if {
	not_requester(demand, person)
	not_answerable(demand, person)
}

not_requester(demand, _) if not demand.requester

not_requester(demand, person) if session[demand.requester] != person

not_answerable(demand, _) if not demand.independent

not_answerable(_, person) if {
	answerable := agents[0].answerable
	not answerable[person]
}

# ---- forbids -------------------------------------------------------------------------------

clear_of_forbids if {
	count(revocations) == 0
	every key in concerned {
		clear(data.bailiwick.estate.forbids[key])
	}
}

# Every forbid is listed where all that it may match comes by: under its operations, under its
# agents, or in a list for every request. What is listed and not there denies; so does a list that
# is not there (of agents: they are not declared then).
concerned := array.concat(
	array.concat(data.bailiwick.estate.always, op.forbids),
	[key |
		some agent in agents
		some key in agent.forbids
	],
)

clear(forbid) if {
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

else if holds(forbid.unless)

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

# ---- the request ---------------------------------------------------------------------------

# Null is absent.
well_formed if {
	is_object(input)
	every _, value in object.remove(input, ["approvals", "args", "chain", "data", "now", "purpose", "session", "tool"]) {
		value == null
	}
	is_array(input.chain)
	input.chain != []
	count(input.chain) <= data.bailiwick.estate.longest_chain
	count(agents) == count(input.chain)
	data.bailiwick.estate.purposes[input.purpose]
	stated
	count(converted) == count(stated)
	every name in tool.required {
		converted[name] != null
	}
	every name, derived in tool.derived {
		derived_or_absent(name, derived)
	}
	labels
	session.authn
	session.started <= now
	count(session) == count([raw | some raw in input.session; raw != null])
	approvals_good
}

# Those of the chain that are declared.
agents := [agent |
	some name in input.chain
	agent := data.bailiwick.estate.agents[name]
	agent.forbids
]

tool := data.bailiwick.estate.tools[input.tool]

now := instant(input.now)

# ---- arguments -----------------------------------------------------------------------------

stated := input.args if {
	is_object(input.args)
	not null in input.args
}

else := {} if object.get(input, "args", null) == null

else := {name: raw | some name, raw in input.args; raw != null} if is_object(input.args)

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

arguments := converted if {
	tool.defaults == {}
	tool.derived == {}
}

else := object.union(converted, supplied)

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
op := tool.op if not tool.variant

else := chosen if {
	chosen := tool.variant.ops[arguments[tool.variant.arg]]
}

else := tool.op if is_string(arguments[tool.variant.arg])

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

# What a table lists is looked up there; the rest is converted.
session[name] := value if {
	some name, table in data.bailiwick.estate.session.tables
	value := table[input.session[name]]
}

session[name] := value if {
	some name, type in data.bailiwick.estate.session.types
	value := convert(type, input.session[name])
}

# ---- approvals -----------------------------------------------------------------------------

approvals[person] := at if {
	is_object(input.approvals)
	some person, text in input.approvals
	at := instant(text)
}

approvals_good if object.get(input, "approvals", {}) == {}

else if input.approvals == null

else if {
	is_object(input.approvals)
	count(approvals) == count([text | some text in input.approvals; text != null])
}

# ---- conditions ----------------------------------------------------------------------------

# A condition may be looked at for an operation that it does not govern, whose arguments of the
# same names have other types: no function is called before it is known to take the value.

attributes := {
	"args": arguments,
	"session": session,
	"clock": {"now": now},
}

# Of what is absent no question is answered with yes, and with no only where that is demanded.
literal(l) if compare(l.op, attributes[l.of][l.attr], attributes[l.other.of][l.other.attr])

else if shows(l.is, l)

else if {
	l.isnt
	not shows(l.isnt, l)
}

else if {
	l.fails
	known(l)
	not compare(l.fails, attributes[l.of][l.attr], l.value)
}

else if {
	l.absent
	not known(l)
}

known(l) if {
	every needed in l.needs {
		present(needed)
	}
}

present(at) if at.attr in object.keys(attributes[at.of])

# What an attribute is compared with: another one, a constant, or several.
compare("==", left, right) if left == right

compare("!=", left, right) if left != right

compare("<", left, right) if left < right

compare("<=", left, right) if left <= right

compare(">", left, right) if left > right

compare(">=", left, right) if left >= right

compare("in", left, right) if left in right

compare("contains", left, right) if {
	is_set(left)
	right in left
}

compare("lacks", left, right) if {
	is_set(left)
	not right in left
}

compare("contains-all", left, right) if {
	is_set(left)
	every value in right {
		value in left
	}
}

compare("contains-any", left, right) if {
	is_set(left)
	some value in right
	value in left
}

compare("subset-of", left, right) if {
	is_set(left)
	every value in left {
		value in right
	}
}

compare("begins", left, right) if {
	is_string(left)
	startswith(left, right)
}

compare("like", left, right) if {
	is_string(left)
	regex.match(right, left)
}

# A base, and how what is below it begins.
compare("under", left, right) if left == right[0]

compare("under", left, right) if {
	is_string(left)
	some at, prefix in right
	at > 0
	startswith(left, prefix)
}

compare("host", left, right) if {
	is_string(left)
	url_host(left) == right
}

compare("host-below", left, right) if {
	is_string(left)
	host := url_host(left)
	endswith(host, concat("", [".", right]))
	count(host) > count(right) + 1
}

compare("in-net", left, right) if {
	is_string(left)
	some network in right
	same_family(network, left)
	net.cidr_contains(network, left)
}

# What a request shows besides.
shows("has", l) if present(l)

shows("approved", l) if approved(l)

shows("purpose", l) if l.purposes[input.purpose]

shows("during", l) if {
	some range in l.ranges
	range[0] <= now
	now < range[1]
}

same_family(network, address) if {
	contains(network, ":")
	contains(address, ":")
}

same_family(network, address) if {
	not contains(network, ":")
	not contains(address, ":")
}

# ---- values --------------------------------------------------------------------------------

# The value of a type that a JSON value stands for; undefined when it stands for none.
convert(type, value) := scalar(type.is, type, value)

convert(type, value) := {element | some element in elements} if {
	type.is == "set"
	is_array(value)
	elements := [element | some raw in value; element := scalar(type.of.is, type.of, raw)]
	count(elements) == count(value)
}

scalar("string", _, value) := value if is_string(value)

scalar("int", _, value) := value if whole(value)

scalar("enum", type, value) := value if type.values[value]

scalar("bool", _, value) := value if is_boolean(value)

scalar("decimal", _, value) := decimal(value)

scalar("path", _, value) := value if path(value)

scalar("url", _, value) := value if url(value)

scalar("opaque", _, value) if value != null

scalar("instant", _, value) := instant(value)

scalar("person", _, value) := value if data.bailiwick.estate.people[value]

scalar("duration", _, value) := value if {
	whole(value)
	value >= 0
}

scalar("ip", _, value) := value if ip(value)

scalar("cidr", _, value) := value if cidr(value)

# A whole number of 64 bits: nothing but numbers is between numbers. What is none of 64 bits may have
# been rounded to the last that is, where numbers are doubles: those count up to the double before it.
whole(value) if {
	value >= -9223372036854774784
	value <= 9223372036854774784
	floor(value) == value
}

else if {
	numbers_are_exact
	value >= -9223372036854775808
	value <= 9223372036854775807
	floor(value) == value
}

# In ten-thousandths, so that only whole numbers are ever compared.
decimal(value) := scaled if {
	is_number(value)
	scaled := round(value * 10000)
	scaled / 10000 == value
	whole(scaled)
	precise(scaled)
}

# Doubles tell four places apart up to here, and not much further.
precise(scaled) if numbers_are_exact

else if abs(scaled) <= 2251799813685248

numbers_are_exact if 922337203685477.5806 != 922337203685477.5807

# Seconds since 1970 of `2026-12-01T10:00:00Z`: the days that every month has, those that only some
# have, and the leap days.
instant(text) := time.parse_rfc3339_ns(text) / 1000000000 if {
	is_string(text)
	regex.match(`^((19[7-9]|2[01][0-9])[0-9]-((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)|(19(7[26]|8[048]|9[26])|2[01]([2468][048]|0[48]|[13579][26])|2000)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$`, text)
}

path(text) if text == "/"

path(text) if {
	is_string(text)
	regex.match(`^(/[^/\x00]+)+$`, text)
	not regex.match(`/\.\.?(/|$)`, text)
}

url(text) if {
	is_string(text)
	regex.match(`^[a-z][a-z0-9+.-]*://[^/?#]+/`, text)
	regex.match("^[!#-;=?-\\[\\]_a-z~]+$", text)
	url_authority_good(split(text, "://")[0], url_authority(text))
	url_path_good(regex.replace(text, `^[^/]*//[^/?#]*/([^?#]*).*$`, "${1}"))
	regex.match(`^([^%]|%[0-9A-Fa-f][0-9A-Fa-f])*$`, text)
}

url_authority(text) := regex.replace(text, `^[^/]*//([^/?#]*).*$`, "${1}")

url_host(text) := regex.replace(url_authority(text), `:[0-9]+$`, "")

url_authority_good(_, authority) if {
	not regex.match(`:[0-9]*$`, authority)
	host_good(authority)
}

url_authority_good(scheme, authority) if {
	regex.match(`:[0-9]+$`, authority)
	port := regex.replace(authority, `^.*:`, "")
	regex.match(`^(0|[1-9][0-9]{0,4})$`, port)
	to_number(port) <= 65535
	not default_ports[scheme] == port
	host_good(regex.replace(authority, `:[0-9]+$`, ""))
}

default_ports := {"http": "80", "ws": "80", "https": "443", "wss": "443", "ftp": "21"}

host_good(host) if {
	regex.match(`^\[[0-9a-f:]+\]$`, host)
	ip6(trim_suffix(trim_prefix(host, "["), "]"))
}

host_good(host) if {
	regex.match(`^[a-z0-9_-]+(\.[a-z0-9_-]+)*$`, host)
	not regex.match(`(^|\.)([0-9]+|0x[0-9a-f]*)$`, host)
}

host_good(host) if ip4(host)

url_path_good(rest) if {
	not contains(concat("", ["/", rest]), "//")
	not regex.match(`%([^0-9A-F]|.[^0-9A-F]|2[DE]|5F|7E|3[0-9]|4[1-9A-F]|5[0-9A]|6[1-9A-F]|7[0-9A])`, rest)
	not regex.match(`(^|/|%2F|%5C)\.\.?(/|%2F|%5C|$)`, rest)
}

ip(text) if ip4(text)

ip(text) if ip6(text)

ip4(text) if {
	is_string(text)
	regex.match(`^((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])$`, text)
}

ip6(text) if count(ip6_groups(text)) == 8

# The eight groups of an address in its shortest form; undefined of anything else.
ip6_groups(text) := groups if {
	is_string(text)
	regex.match(`^(0|[1-9a-f][0-9a-f]{0,3})(:(0|[1-9a-f][0-9a-f]{0,3})){7}$`, text)
	groups := split(text, ":")
	not contains(concat("", [":", text, ":"]), ":0:0:")
}

ip6_groups(text) := groups if {
	is_string(text)
	regex.match(`^[0-9a-f:]{2,39}$`, text)
	halves := split(text, "::")
	count(halves) == 2
	every half in halves {
		regex.match(`^((0|[1-9a-f][0-9a-f]{0,3})(:(0|[1-9a-f][0-9a-f]{0,3}))*)?$`, half)
	}
	first := split_groups(halves[0])
	last := split_groups(halves[1])
	hidden := 8 - (count(first) + count(last))
	hidden >= 2
	not regex.match(`(^|:)0$`, halves[0])
	not regex.match(`^0(:|$)`, halves[1])
	zeros := [zero | some at in numbers.range(1, hidden); at > 0; zero := "0"]
	not contains(concat("", [":", halves[0], ":"]), concat("", [":", concat(":", zeros), ":"]))
	not contains(concat("", [":", halves[1], ":"]), concat("", [":", concat(":", zeros), ":0:"]))
	not mapped(text, last)
	groups := array.concat(array.concat(first, zeros), last)
}

split_groups("") := []

split_groups(text) := split(text, ":") if text != ""

# An IPv4 address inside an IPv6 one.
mapped(text, last) if {
	startswith(text, "::ffff:")
	count(last) == 3
}

cidr(text) if {
	is_string(text)
	parts := split(text, "/")
	count(parts) == 2
	ip4(parts[0])
	regex.match(`^([0-9]|[12][0-9]|3[0-2])$`, parts[1])
	numbers4 := [to_number(part) | some part in split(parts[0], ".")]
	no_host_bits(numbers4, 8, to_number(parts[1]))
}

cidr(text) if {
	is_string(text)
	parts := split(text, "/")
	count(parts) == 2
	groups := ip6_groups(parts[0])
	regex.match(`^([0-9]|[1-9][0-9]|1[01][0-9]|12[0-8])$`, parts[1])
	numbers6 := [hexadecimal(group) | some group in groups]
	no_host_bits(numbers6, 16, to_number(parts[1]))
}

no_host_bits(parts, width, prefix) if {
	every at, part in parts {
		part % powers_of_two[host_bits(width, ((at + 1) * width) - prefix)] == 0
	}
}

host_bits(width, bits) := min([width, max([0, bits])])

powers_of_two := [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536]

hexadecimal(text) := sum([value |
	some at in numbers.range(0, count(text) - 1)
	digit := indexof("0123456789abcdef", substring(text, at, 1))
	value := digit * powers_of_two[4 * ((count(text) - 1) - at)]
])
