# Decides requests of Bailiwick's contract: `data.bailiwick.allow`, and why: `data.bailiwick.decision`.
#
# This module is the same for every project but for the depth of its conditions; what a project
# says is in `data.bailiwick.estate`. Everything is stated so that what is undefined denies:
# a request must be shown to be well formed, every forbid must be shown to be out of the way,
# and no value is compared before its type is known.
package bailiwick

import rego.v1

default allow := false

allow if {
	well_formed
	clear_of_forbids
	count(authorising) > 0
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
	count(authorising) == 0
}

# ---- grants --------------------------------------------------------------------------------

root := input.chain[0]

authorising := [name |
	some name in data.bailiwick.estate.candidates[root][input.purpose][operation]
	authorises(data.bailiwick.estate.grants[name])
]

# What costs least to tell is asked first.
authorises(grant) if {
	purpose_met(grant)
	lifetime_met(grant)
	session_age_met(grant)
	data_met(grant)
	tool_met(grant)
	authentication_met(grant)
	condition_met(grant)
	delegation_met(grant)
	approval_met(grant)
}

purpose_met(grant) := grant.purpose == input.purpose

tool_met(grant) if line_matches(grant.lines)

else := false

data_met(grant) if {
	every label in labels {
		grant.covers[label]
	}
}

else := false

lifetime_met(grant) if {
	grant.starts <= now
	now < grant.expires
}

else := false

session_age_met(grant) := now - started <= grant.ttl

authentication_met(grant) if {
	authentication >= grant.authn
	authentication >= weakest_allowed
}

else := false

# The least that every agent of the chain may act with.
weakest_allowed := max([data.bailiwick.estate.agents[agent].authn | some agent in input.chain])

condition_met(grant) if holds(grant.when)

else := false

approval_met(grant) if {
	every approval in grant.approvals {
		satisfied(approval)
	}
}

else := false

delegation_met(grant) if count(input.chain) == 1

else if {
	some clause in grant.delegates
	count(input.chain) - 1 <= clause.depth
	every agent in array.slice(input.chain, 1, count(input.chain)) {
		clause.to[agent]
	}
	within(clause)
}

else := false

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
	line.ops[operation]
	holds(line.when)
}

# ---- approvals -----------------------------------------------------------------------------

satisfied(approval) if not concerns(approval)

satisfied(approval) if holds(approval.unless)

satisfied(approval) if approved(approval)

concerns(approval) if approval.ops[operation]

approved(demand) if {
	some person in demand.people
	counts(demand, person)
	approvals[person] <= now
	now - approvals[person] <= demand.within
}

counts(demand, person) if {
	not_requester(demand, person)
	not_answerable(demand, person)
}

not_requester(demand, _) if not demand.requester

not_requester(demand, person) if session_values[demand.requester] != person

not_answerable(demand, _) if not demand.independent

not_answerable(demand, person) if {
	answerable := data.bailiwick.estate.agents[root].answerable
	not answerable[person]
}

# ---- forbids -------------------------------------------------------------------------------

clear_of_forbids if {
	indexed
	every key in concerned {
		clear(data.bailiwick.estate.forbids[key])
	}
}

# Every forbid is listed where all that it may match comes by: under its operations, under its
# agents, or in a list for every request. What is listed and not there denies; so does a list that
# is not there.
concerned contains key if some key in data.bailiwick.estate.always

concerned contains key if some key in data.bailiwick.estate.ops[operation].forbids

concerned contains key if {
	some agent in input.chain
	some key in data.bailiwick.estate.agents[agent].forbids
}

indexed if {
	is_array(data.bailiwick.estate.always)
	is_array(data.bailiwick.estate.ops[operation].forbids)
	every agent in input.chain {
		is_array(data.bailiwick.estate.agents[agent].forbids)
	}
}

clear(forbid) if {
	is_object(forbid.agents)
	not concerns_chain(forbid)
}

clear(forbid) if {
	is_object(forbid.ops)
	not forbid.ops[operation]
}

clear(forbid) if {
	is_object(forbid.meets)
	not meets_data(forbid)
}

clear(forbid) if holds(forbid.unless)

# Rules of their own, since not every engine can do with `not` inside `every`.
concerns_chain(forbid) if {
	some agent in input.chain
	forbid.agents[agent]
}

meets_data(forbid) if {
	some label in labels
	forbid.meets[label]
}

matching_forbids := [told |
	some key in concerned
	forbid := data.bailiwick.estate.forbids[key]
	not clear(forbid)
	told := object.filter(forbid, ["kind", "name", "because", "source"])
]

# ---- what would be needed ------------------------------------------------------------------

# Each clause, and whether the grant meets it.
clauses(grant) := [
	["purpose", purpose_met(grant)],
	["tool", tool_met(grant)],
	["data", data_met(grant)],
	["lifetime", lifetime_met(grant)],
	["session-age", session_age_met(grant)],
	["authentication", authentication_met(grant)],
	["condition", condition_met(grant)],
	["approval", approval_met(grant)],
	["delegation", delegation_met(grant)],
]

near_names contains name if {
	some names in data.bailiwick.estate.candidates[root][input.purpose]
	some name in names
}

near_names contains name if {
	some by_operation in data.bailiwick.estate.candidates[root]
	some name in by_operation[operation]
}

near[name] := unmet if {
	some name in near_names
	grant := data.bailiwick.estate.grants[name]
	unmet := [clause | some [clause, met] in clauses(grant); not met]
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

well_formed if {
	fields_known
	chain_declared
	data.bailiwick.estate.purposes[fields.purpose]
	is_object(tool)
	arguments_good
	is_string(operation)
	labels_good
	session_good
	approvals_good
	started <= now
}

# Null is absent.
members(record) := {name: value |
	some name, value in record
	value != null
} if {
	is_object(record)
}

fields := members(input)

fields_known if {
	unknown := object.keys(fields) - {"approvals", "args", "chain", "data", "now", "purpose", "session", "tool"}
	count(unknown) == 0
}

chain_declared if {
	is_array(fields.chain)
	count(fields.chain) >= 1
	count(fields.chain) <= data.bailiwick.estate.longest_chain
	every agent in fields.chain {
		is_string(agent)
		is_object(data.bailiwick.estate.agents[agent])
	}
}

tool := data.bailiwick.estate.tools[fields.tool]

now := instant(fields.now)

# ---- arguments -----------------------------------------------------------------------------

stated := members(object.get(fields, "args", {}))

# What the request states, of those that are declared and not derived, converted.
converted[name] := value if {
	some name, raw in stated
	declared := tool.args[name]
	not declared.each
	value := convert(declared.type, raw)
}

unstated := object.keys(tool.args) - object.keys(stated)

# What follows when nothing is stated: a default, or what is derived from another argument.
supplied[name] := value if {
	some name in unstated
	value := supply(tool.args[name])
}

supply(declared) := value if {
	value := filled(declared.type, declared.fallback)
}

else := value if {
	value := derive(declared, stated[declared.each[0]])
}

arguments := object.union(converted, supplied)

arguments_good if {
	count(converted) == count(stated)
	every name in unstated - object.keys(supplied) {
		may_be_absent(tool.args[name])
	}
}

may_be_absent(declared) if declared.optional

else if {
	raw := declared.each[0]
	not raw in object.keys(stated)
}

filled(type, value) := value if type.is != "set"

else := {element | some element in value} if type.is == "set"

derive(declared, raw) := convert({"is": "set", "of": declared.type.of}, found) if {
	declared.type.is == "set"
	steps := array.slice(declared.each, 1, count(declared.each))
	found := spread(gather([raw], steps))
}

derive(declared, raw) := convert(declared.type, found[0]) if {
	declared.type.is != "set"
	found := lead([raw], array.slice(declared.each, 1, count(declared.each)))
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
		value := members(record)[name]
	]
	count(next) == count(found)
}

operation := tool.op if not tool.variant

else := chosen if {
	chosen := tool.variant.ops[arguments[tool.variant.arg]]
}

else := tool.op if is_string(arguments[tool.variant.arg])

# ---- labels --------------------------------------------------------------------------------

stated_labels := object.get(fields, "data", [])

labels_good if {
	is_array(stated_labels)
	every label in stated_labels {
		is_string(label)
		data.bailiwick.estate.ops[operation].labels[label]
	}
}

labels := {label | some label in stated_labels} if count(stated_labels) > 0

else := {label | some label in data.bailiwick.estate.ops[operation].declared}

# ---- the session ---------------------------------------------------------------------------

session := members(fields.session)

started := instant(session.started)

authentication := data.bailiwick.estate.levels[session.authn]

session_values[name] := value if {
	some name, type in data.bailiwick.estate.session
	value := convert(type, session[name])
}

session_good if {
	is_number(authentication)
	unknown := (object.keys(session) - object.keys(session_values)) - {"started", "authn"}
	count(unknown) == 0
}

# ---- approvals -----------------------------------------------------------------------------

given := members(object.get(fields, "approvals", {}))

approvals[person] := at if {
	some person, text in given
	at := instant(text)
}

approvals_good if count(approvals) == count(given)

# ---- conditions ----------------------------------------------------------------------------

# A condition may be looked at for an operation that it does not govern, whose arguments of the
# same names have other types: no function is called before it is known to take the value.

attributes := object.union_n([
	{concat("", ["args.", name]): value | some name, value in arguments},
	{concat("", ["session.", name]): value | some name, value in session_values},
	{"now": now, "session.started": started, "session.authn": authentication},
])

present := object.keys(attributes)

literal(l) if {
	known(l)
	not l.negated
	atom(l)
}

else if {
	known(l)
	l.negated
	not atom(l)
}

else if {
	l.absent
	not known(l)
}

known(l) if {
	every name in l.needs {
		name in present
	}
}

left(l) := attributes[l.attr]

right(l) := attributes[l.other] if l.other

else := l.value

atom(l) if {
	l.is == "=="
	left(l) == right(l)
}

else if {
	l.is == "!="
	left(l) != right(l)
}

else if {
	l.is == "<"
	left(l) < right(l)
}

else if {
	l.is == "<="
	left(l) <= right(l)
}

else if {
	l.is == ">"
	left(l) > right(l)
}

else if {
	l.is == ">="
	left(l) >= right(l)
}

else if {
	l.is == "in"
	left(l) in l.values
}

else if {
	l.is == "contains"
	is_set(left(l))
	right(l) in left(l)
}

else if {
	l.is == "contains-all"
	is_set(left(l))
	every value in l.values {
		value in left(l)
	}
}

else if {
	l.is == "contains-any"
	is_set(left(l))
	some value in l.values
	value in left(l)
}

else if {
	l.is == "subset-of"
	is_set(left(l))
	every value in left(l) {
		value in l.values
	}
}

else if {
	l.is == "like"
	is_string(left(l))
	regex.match(l.regex, left(l))
}

else if {
	l.is == "under"
	is_string(left(l))
	left(l) == l.base
}

else if {
	l.is == "under"
	is_string(left(l))
	some prefix in l.prefixes
	startswith(left(l), prefix)
}

else if {
	l.is == "host"
	is_string(left(l))
	url_host(left(l)) == l.host
}

else if {
	l.is == "host-below"
	is_string(left(l))
	host := url_host(left(l))
	endswith(host, concat("", [".", l.host]))
	count(host) > count(l.host) + 1
}

else if {
	l.is == "in-net"
	is_string(left(l))
	some network in l.nets

same_family(network, left(l))
	net.cidr_contains(network, left(l))
}

atom(l) if {
	l.is == "has"
	l.attr in present
}

atom(l) if {
	l.is == "approved"
	approved(l)
}

atom(l) if {
	l.is == "purpose"
	l.purposes[input.purpose]
}

atom(l) if {
	l.is == "during"
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
convert(type, value) := scalar(type, value) if type.is != "set"

else := found if {
	type.is == "set"
	is_array(value)
	elements := [element | some raw in value; element := scalar(type.of, raw)]
	count(elements) == count(value)
	found := {element | some element in elements}
}

scalar(type, value) := value if {
	type.is == "string"
	is_string(value)
}

else := value if {
	type.is == "int"
	whole(value)
}

else := value if {
	type.is == "enum"
	is_string(value)
	type.values[value]
}

else := value if {
	type.is == "bool"
	is_boolean(value)
}

else := decimal(value) if type.is == "decimal"

else := value if {
	type.is == "path"
	path(value)
}

else := value if {
	type.is == "url"
	url(value)
}

else := true if {
	type.is == "opaque"
	value != null
}

else := instant(value) if type.is == "instant"

else := value if {
	type.is == "person"
	is_string(value)
	data.bailiwick.estate.people[value]
}

else := value if {
	type.is == "duration"
	whole(value)
	value >= 0
}

else := value if {
	type.is == "ip"
	ip(value)
}

else := value if {
	type.is == "cidr"
	cidr(value)
}

# A whole number of 64 bits. What is none may have been rounded to the last that is, where numbers
# are doubles: those count up to the double before it.
whole(value) if {
	is_number(value)
	value >= -9223372036854774784
	value <= 9223372036854774784
	floor(value) == value
}

else if {
	is_number(value)
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

# Seconds since 1970 of `2026-12-01T10:00:00Z`.
instant(text) := time.parse_rfc3339_ns(text) / 1000000000 if {
	is_string(text)
	regex.match(`^(19[7-9]|2[01][0-9])[0-9]-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$`, text)
	day_exists(text)
}

day_exists(text) if substring(text, 8, 2) < "29"

else if not regex.match(`-(02-29|02-3.|0[469]-31|11-31)T`, text)

else if regex.match(`^(..([2468][048]|0[48]|[13579][26])|2000)-02-29T`, text)

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

powers_of_two := [
	1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536,
]

hexadecimal(text) := sum([value |
	some at in numbers.range(0, count(text) - 1)
	digit := indexof("0123456789abcdef", substring(text, at, 1))
	value := digit * powers_of_two[4 * ((count(text) - 1) - at)]
])
