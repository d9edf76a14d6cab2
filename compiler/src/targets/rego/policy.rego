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

default decision := {"allow": false, "reasons": ["ill-formed"]}

decision := {
	"allow": true,
	"grant": name,
	"owner": grant.owner,
	"purpose": grant.purpose,
	"source": grant.source,
} if {
	allow
	name := authorising[0]
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

authorises(grant) if {
	met("purpose", grant)
	met("tool", grant)
	met("data", grant)
	met("lifetime", grant)
	met("session-age", grant)
	met("authentication", grant)
	met("condition", grant)
	met("approval", grant)
	met("delegation", grant)
}

met("purpose", grant) if grant.purpose == input.purpose

met("tool", grant) if line_matches(grant.lines)

met("data", grant) if {
	every label in labels {
		grant.covers[label]
	}
}

met("lifetime", grant) if {
	grant.starts <= now
	now < grant.expires
}

met("session-age", grant) if now - started <= grant.ttl

met("authentication", grant) if {
	authentication >= grant.authn
	every agent in input.chain {
		authentication >= data.bailiwick.estate.agents[agent].authn
	}
}

met("condition", grant) if holds(grant.when)

met("approval", grant) if {
	every approval in grant.approvals {
		satisfied(approval)
	}
}

met("delegation", _) if count(input.chain) == 1

met("delegation", grant) if {
	some clause in grant.delegates
	count(input.chain) - 1 <= clause.depth
	every agent in array.slice(input.chain, 1, count(input.chain)) {
		clause.to[agent]
	}
	within(clause)
}

within(clause) if not clause.only

within(clause) if {
	line_matches(clause.only.lines)
	within_data(clause.only)
}

within_data(only) if not only.covers

within_data(only) if {
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

clauses := [
	"purpose", "tool", "data", "lifetime", "session-age", "authentication", "condition",
	"approval", "delegation",
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
	unmet := [clause | some clause in clauses; not met(clause, grant)]
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
	every name in object.keys(fields) {
		name in {"approvals", "args", "chain", "data", "now", "purpose", "session", "tool"}
	}
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

stated := {} if not "args" in object.keys(fields)

stated := members(fields.args)

arguments[name] := value if {
	some name, declared in tool.args
	not declared.each
	value := convert(declared.type, stated[name])
}

arguments[name] := value if {
	some name, declared in tool.args
	not name in object.keys(stated)
	value := filled(declared.type, declared.fallback)
}

arguments[name] := value if {
	some name, declared in tool.args
	value := derive(declared, stated[declared.each[0]])
}

arguments_good if {
	every name in object.keys(stated) {
		is_object(tool.args[name])
		not tool.args[name].each
		name in object.keys(arguments)
	}
	every name, declared in tool.args {
		argument_good(name, declared)
	}
}

argument_good(name, _) if name in object.keys(arguments)

argument_good(name, declared) if {
	declared.optional
	not name in object.keys(stated)
}

argument_good(_, declared) if {
	raw := declared.each[0]
	not raw in object.keys(stated)
}

filled(type, value) := value if type.is != "set"

filled(type, value) := {element | some element in value} if type.is == "set"

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

operation := chosen if {
	value := arguments[tool.variant.arg]
	chosen := tool.variant.ops[value]
}

operation := tool.op if {
	value := arguments[tool.variant.arg]
	not tool.variant.ops[value]
}

# ---- labels --------------------------------------------------------------------------------

stated_labels := [] if not "data" in object.keys(fields)

stated_labels := fields.data

labels_good if {
	is_array(stated_labels)
	every label in stated_labels {
		is_string(label)
		data.bailiwick.estate.ops[operation].labels[label]
	}
}

labels := {label | some label in stated_labels} if count(stated_labels) > 0

labels := {label | some label in data.bailiwick.estate.ops[operation].declared} if count(stated_labels) == 0

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
	every name in object.keys(session) {
		session_known(name)
	}
}

session_known(name) if name in {"started", "authn"}

session_known(name) if name in object.keys(session_values)

# ---- approvals -----------------------------------------------------------------------------

given := {} if not "approvals" in object.keys(fields)

given := members(fields.approvals)

approvals[person] := at if {
	some person, text in given
	at := instant(text)
}

approvals_good if {
	every person in object.keys(given) {
		is_number(approvals[person])
	}
}

# ---- conditions ----------------------------------------------------------------------------

# A condition may be looked at for an operation that it does not govern, whose arguments of the
# same names have other types: no function is called before it is known to take the value.

attributes[sprintf("args.%s", [name])] := value if some name, value in arguments

attributes[sprintf("session.%s", [name])] := value if some name, value in session_values

attributes["now"] := now

attributes["session.started"] := started

attributes["session.authn"] := authentication

literal(l) if {
	known(l)
	not l.negated
	atom(l)
}

literal(l) if {
	known(l)
	l.negated
	not atom(l)
}

literal(l) if {
	l.absent
	not known(l)
}

known(l) if {
	every name in l.needs {
		name in object.keys(attributes)
	}
}

left(l) := attributes[l.attr]

right(l) := attributes[l.other] if l.other

right(l) := l.value if not l.other

atom(l) if {
	l.is == "=="
	left(l) == right(l)
}

atom(l) if {
	l.is == "!="
	left(l) != right(l)
}

atom(l) if {
	l.is == "<"
	left(l) < right(l)
}

atom(l) if {
	l.is == "<="
	left(l) <= right(l)
}

atom(l) if {
	l.is == ">"
	left(l) > right(l)
}

atom(l) if {
	l.is == ">="
	left(l) >= right(l)
}

atom(l) if {
	l.is == "in"
	left(l) in l.values
}

atom(l) if {
	l.is == "contains"
	is_set(left(l))
	right(l) in left(l)
}

atom(l) if {
	l.is == "contains-all"
	is_set(left(l))
	every value in l.values {
		value in left(l)
	}
}

atom(l) if {
	l.is == "contains-any"
	is_set(left(l))
	some value in l.values
	value in left(l)
}

atom(l) if {
	l.is == "subset-of"
	is_set(left(l))
	every value in left(l) {
		value in l.values
	}
}

atom(l) if {
	l.is == "like"
	is_string(left(l))
	regex.match(l.regex, left(l))
}

atom(l) if {
	l.is == "under"
	is_string(left(l))
	left(l) == l.base
}

atom(l) if {
	l.is == "under"
	is_string(left(l))
	some prefix in l.prefixes
	startswith(left(l), prefix)
}

atom(l) if {
	l.is == "host"
	is_string(left(l))
	url_host(left(l)) == l.host
}

atom(l) if {
	l.is == "host-below"
	is_string(left(l))
	host := url_host(left(l))
	endswith(host, concat("", [".", l.host]))
	count(host) > count(l.host) + 1
}

atom(l) if {
	l.is == "in-net"
	is_string(left(l))
	some network in l.nets
	same_family(network, left(l))
	net.cidr_contains(network, left(l))
}

atom(l) if {
	l.is == "has"
	l.attr in object.keys(attributes)
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

convert(type, value) := {element | some raw in value; element := scalar(type.of, raw)} if {
	type.is == "set"
	is_array(value)
	every raw in value {
		type_name(scalar(type.of, raw)) != "null"
	}
}

scalar(type, value) := value if {
	type.is == "bool"
	is_boolean(value)
}

scalar(type, value) := value if {
	type.is == "int"
	whole(value)
}

scalar(type, value) := value if {
	type.is == "duration"
	whole(value)
	value >= 0
}

scalar(type, value) := decimal(value) if type.is == "decimal"

scalar(type, value) := instant(value) if type.is == "instant"

scalar(type, value) := value if {
	type.is == "string"
	is_string(value)
}

scalar(type, value) := value if {
	type.is == "enum"
	is_string(value)
	type.values[value]
}

scalar(type, value) := value if {
	type.is == "person"
	is_string(value)
	data.bailiwick.estate.people[value]
}

scalar(type, value) := value if {
	type.is == "path"
	path(value)
}

scalar(type, value) := value if {
	type.is == "url"
	url(value)
}

scalar(type, value) := value if {
	type.is == "ip"
	ip(value)
}

scalar(type, value) := value if {
	type.is == "cidr"
	cidr(value)
}

scalar(type, value) := true if {
	type.is == "opaque"
	value != null
}

whole(value) if {
	is_number(value)
	value >= -9223372036854775808
	value <= 9223372036854775807
	floor(value) == value
	unrounded(value)
}

unrounded(_) if numbers_are_exact

# What is no 64-bit integer may have been rounded to the last one: this is the double before it.
unrounded(value) if {
	value >= -9223372036854774784
	value <= 9223372036854774784
}

# In ten-thousandths, so that only whole numbers are ever compared.
decimal(value) := scaled if {
	is_number(value)
	scaled := round(value * 10000)
	scaled / 10000 == value
	whole(scaled)
	precise(scaled)
}

precise(_) if numbers_are_exact

# Doubles tell four places apart up to here, and not much further.
precise(scaled) if abs(scaled) <= 2251799813685248

numbers_are_exact if 922337203685477.5806 != 922337203685477.5807

# Seconds since 1970 of `2026-12-01T10:00:00Z`.
instant(text) := seconds if {
	is_string(text)
	regex.match(
		`^(19[7-9][0-9]|2[01][0-9][0-9])-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$`,
		text,
	)
	year := to_number(substring(text, 0, 4))
	month := two_digits(text, 5)
	day := two_digits(text, 8)
	hour := two_digits(text, 11)
	minute := two_digits(text, 14)
	second := two_digits(text, 17)
	day <= month_lengths[month - 1] + leap_day(year, month == 2)
	before := month_starts[month - 1] + leap_day(year, month > 2)
	days := ((((year - 1970) * 365 + leap_years(year - 1)) - 477) + before + day) - 1
	seconds := (days * 86400) + (hour * 3600) + (minute * 60) + second
}

# Engines disagree on numbers that start with a zero.
two_digits(text, at) := to_number(concat("", ["1", substring(text, at, 2)])) - 100

month_lengths := [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

month_starts := [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]

# How many leap years there were up to the end of this one.
leap_years(year) := (floor(year / 4) - floor(year / 100)) + floor(year / 400)

leap_day(year, counts_here) := leap_years(year) - leap_years(year - 1) if counts_here

leap_day(_, counts_here) := 0 if not counts_here

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
