# ---- values --------------------------------------------------------------------------------

# The value of a type that a JSON value stands for; undefined when it stands for none.
convert(type, value) := scalar(type.is, type, value)

convert(type, value) := {element | some element in elements} if {
	type.is == "set"
	is_array(value)
	elements := [element | some raw in value; element := scalar(type.of.is, type.of, raw)]
	count(elements) == count(value)
}

scalar(is, type, value) := value if fits(is, type, value)

scalar("decimal", _, value) := decimal(value)

scalar("instant", _, value) := instant(value)

scalar("opaque", _, value) if value != null

# What is taken as it is stated.
fits("string", _, value) if is_string(value)

# As `whole` has it, and it is called for what is left.
fits("int", _, value) if {
	value >= -9223372036854774784
	value <= 9223372036854774784
	floor(value) == value
}

else if whole(value)

fits("enum", type, value) if type.values[value]

fits("bool", _, value) if is_boolean(value)

fits("path", _, value) if path(value)

fits("url", _, value) if url(value)

fits("person", _, value) if data.bailiwick.estate.people[value]

fits("duration", _, value) if {
	whole(value)
	value >= 0
}

fits("ip", _, value) if ip(value)

fits("cidr", _, value) if cidr(value)

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

# Seconds since 1970 of `2026-12-01T10:00:00Z`.
instant(text) := time.parse_rfc3339_ns(text) / 1000000000 if {
	is_string(text)
	regex.match(`^{instant}$`, text)
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
