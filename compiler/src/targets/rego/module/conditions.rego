# ---- conditions ----------------------------------------------------------------------------

# A condition may be looked at for an operation that it does not govern, whose arguments of the
# same names have other types: no function is called before it is known to take the value.

attributes := {
	"args": arguments,
	"session": session,
	"moment": moment,
}

# What has to hold together: comparisons with constants, and whatever else there is.
together(conditions) if {
	every part in conditions.when {
		often(part.op, attributes[part.of][part.attr], part.value)
	}
	every part in conditions.also {
		holds(part)
	}
}

# Of what is absent no question is answered with yes, and with no only where that is demanded.
literal(l) if seldom(l.op, attributes[l.of][l.attr], l.value)

else if compare(l.op, attributes[l.of][l.attr], attributes[l.other.of][l.other.attr])

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

compare(op, left, right) if often(op, left, right)

else if seldom(op, left, right)

# What an attribute is compared with: another one, a constant, or several. Engines try one definition
# after another: what is asked seldom is not in the way of what is asked often.
often("==", left, right) if left == right

often("!=", left, right) if left != right

often("<", left, right) if left < right

often("<=", left, right) if left <= right

often(">", left, right) if left > right

often(">=", left, right) if left >= right

often("in", left, right) if left in right

often("begins", left, right) if {
	is_string(left)
	startswith(left, right)
}

# A base, and how what is below it begins.
often("under", left, right) if left == right[0]

often("under", left, right) if {
	is_string(left)
	some at, prefix in right
	at > 0
	startswith(left, prefix)
}

seldom("contains", left, right) if {
	is_set(left)
	right in left
}

seldom("lacks", left, right) if {
	is_set(left)
	not right in left
}

seldom("contains-all", left, right) if {
	is_set(left)
	every value in right {
		value in left
	}
}

seldom("contains-any", left, right) if {
	is_set(left)
	some value in right
	value in left
}

seldom("subset-of", left, right) if {
	is_set(left)
	every value in left {
		value in right
	}
}

seldom("like", left, right) if {
	is_string(left)
	regex.match(right, left)
}

seldom("host", left, right) if {
	is_string(left)
	url_host(left) == right
}

seldom("host-below", left, right) if {
	is_string(left)
	host := url_host(left)
	endswith(host, concat("", [".", right]))
	count(host) > count(right) + 1
}

seldom("in-net", left, right) if {
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
	range[0] <= moment.now
	moment.now < range[1]
}

same_family(network, address) if {
	contains(network, ":")
	contains(address, ":")
}

same_family(network, address) if {
	not contains(network, ":")
	not contains(address, ":")
}
